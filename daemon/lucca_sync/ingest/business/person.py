"""What is kept of one person between changes: their records, what is to come, what waits for more.

The state of `people/{id}` in the snapshot. Pure.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from lucca_sync.model.event import Event, Eye

if TYPE_CHECKING:
    from lucca_sync.model.values import JsonObject
else:  # msgspec reads annotations, and cannot read one that contains itself
    JsonObject = dict[str, object]


class Ref(msgspec.Struct, frozen=True, array_like=True):
    """The raw event behind something: its id, and what of it goes on to what is derived from it."""

    id: str
    detected_by: Eye
    happened: str
    recorded: str


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """A record as the folded events left it; `sequence` is that of the last one."""

    record: JsonObject
    sequence: int

    def __repr__(self) -> str:
        return f"Fact(#{self.sequence})"


class Appointment(msgspec.Struct, frozen=True, array_like=True):
    """Something that comes with a date.

    `rule` and `notice` (days before) say what, `resource` and `record` about which record; `because` are the
    events that set it, none where it was found in the baseline. `previous` is what is replaced then. `done`
    ones are kept where their withdrawal is worth telling.
    """

    rule: str
    notice: int
    resource: str
    record: str
    on: str
    because: tuple[Ref, ...]
    previous: JsonObject | None = None
    done: bool = False

    def __repr__(self) -> str:
        return f"Appointment({self.rule} {self.resource}/{self.record})"


class Person(msgspec.Struct):
    """The state of one person.

    `at` is the position of the last raw event of their own that was folded in. `facts` are records by
    resource and id. `waiting` are hires whose employee record has not been seen: what is about them, by
    appointment key. `gone` are ids of records that came into force and were deleted since, by resource.
    `forgotten` are sequences of the last events folded of records that went, where their place does not say
    enough. `told` are acts that were told of several records at once, the last ones: when they were done, and
    of which date.
    """

    at: int = 0
    facts: dict[str, dict[str, Fact]] = msgspec.field(default_factory=dict[str, dict[str, Fact]])
    appointments: dict[str, Appointment] = msgspec.field(default_factory=dict[str, Appointment])
    waiting: dict[str, tuple[Ref, ...]] = msgspec.field(default_factory=dict[str, tuple[Ref, ...]])
    gone: dict[str, list[str]] = msgspec.field(default_factory=dict[str, list[str]])
    told: dict[str, tuple[datetime, str]] = msgspec.field(default_factory=dict[str, tuple[datetime, str]])
    forgotten: dict[str, dict[str, int]] = msgspec.field(default_factory=dict[str, dict[str, int]])

    def __repr__(self) -> str:
        return f"Person(at={self.at})"

    def record(self, resource: str, record_id: str) -> JsonObject | None:
        """Return a record as it is known."""
        fact = self.facts.get(resource, {}).get(record_id)
        return None if fact is None else fact.record

    def records(self, resource: str) -> dict[str, Fact]:
        """Return all records of a resource by id."""
        return self.facts.get(resource, {})


@dataclass(frozen=True, slots=True, repr=False)
class Raw:
    """A raw event at its position in the journal, and whom it concerns."""

    position: int
    event: Event
    person: str

    @property
    def ref(self) -> Ref:
        """What stays of it."""
        event = self.event
        return Ref(event.id, event.detected_by, event.happened.isoformat(), event.recorded.isoformat())


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(Person)


def encode(person: Person) -> bytes:
    """Write a state as the canonical JSON that the journal keeps."""
    return _ENCODER.encode(person)


def decode(content: bytes | None) -> Person:
    """Read a state back; an empty one where there is none."""
    return Person() if content is None else _DECODER.decode(content)
