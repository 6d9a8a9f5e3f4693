"""What an author sets up for the contract: a target, and the section of the YAML that leads to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

Mood: TypeAlias = Literal["healthy", "refusing", "slow", "cut", "gone"]
"""How a target behaves: it takes things, it says no, it holds each request back, it takes things and the line
breaks before its answer, it is not there."""

MOODS: Final[frozenset[Mood]] = frozenset({"healthy", "refusing", "slow", "cut", "gone"})

CANARY: Final = "Canary-Zébulon-4711"
"""A value that the records of the contract hold, and that may appear nowhere but at the target."""


class Arrival(NamedTuple):
    """What got to a target: which event, and what the target keeps of it.

    Leave out of `content` what tells one attempt from another, as a time or a signature of the request does.
    """

    event_id: str
    content: bytes


class Target(Protocol):
    """The far end, under the suite's control."""

    async def become(self, mood: Mood) -> None:
        """Behave so from now on; requests held back are let go."""
        ...

    async def received(self) -> Sequence[Arrival]:
        """Return what got there, in order, repeats included."""
        ...

    async def holding(self) -> int:
        """Return how many requests are held back, as soon as there is one; asked in the mood `slow`."""
        ...


@runtime_checkable
class Poisonable(Protocol):
    """A target that can be told to refuse one event while it takes all others."""

    async def poison(self, event_id: str) -> None:
        """Refuse this event for good from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Scene:
    """A target and the YAML section of a connector that leads to it; nobody may see the `secrets`."""

    section: Mapping[str, object]
    target: Target
    secrets: tuple[str, ...] = ()
