"""What the brake holds of one resource, and what a person decided about it, as they are kept in the journal.

Pure. Holds ids, names of fields and numbers; never a record's values.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias, TypeVar, get_args

import msgspec

from lucca_sync.ingest.guard import Reason, outgrown
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.model.event import Kind

T = TypeVar("T")
Verdict: TypeAlias = Literal["approve", "baseline", "reject"]
"""Tell it as events, take it into the snapshot without telling anybody, or keep it out."""

VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
HELD: Final = "brake/"
"""What the keys of notes about held sets begin with."""
DECIDED: Final = "brake-decision/"
SUBJECTS: Final = 1000
"""How many ids are remembered."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A set of changes that is held back.

    `records` is the size of the resource when it tripped, `passed` how many changes of the same look had been
    told before, `gone` how many deletions. `most` is the largest number of changes held so far. `subjects`
    are the first ids by kind, `fields` says on how many held rows a field differs. `agreed` and
    `agreed_fields` are the numbers by kind, and the common fields, at the time of the `verdict`.
    """

    reason: Reason
    since: datetime
    records: int
    counts: dict[Kind, int]
    most: int = 0
    passed: int = 0
    gone: int = 0
    subjects: dict[Kind, tuple[str, ...]] = {}
    fields: dict[str, int] = {}
    verdict: Verdict | None = None
    decided: datetime | None = None
    agreed: dict[Kind, int] = {}
    agreed_fields: tuple[str, ...] = ()

    @property
    def changes(self) -> int:
        """How many records are held that are there and look different, or new."""
        return changes_in(self.counts)

    @property
    def deletions(self) -> int:
        """How many records are held that are gone."""
        return self.counts.get("deleted", 0)

    @property
    def outgrown(self) -> bool:
        """Whether it is no longer the set that a person decided about."""
        return (
            outgrown(self.changes, changes_in(self.agreed))
            or outgrown(self.deletions, self.agreed.get("deleted", 0))
            or bool(self.common - set(self.agreed_fields))
        )

    @property
    def total(self) -> int:
        """How many records are held."""
        return sum(self.counts.values())

    @property
    def share(self) -> float:
        """The held part of the resource."""
        return self.total / self.records if self.records else 1.0

    @property
    def common(self) -> frozenset[str]:
        """The fields that differ on at least half of the held changes."""
        updated = self.counts.get("updated", 0)
        return frozenset(name for name, count in self.fields.items() if count * 2 >= updated)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decided about the set that is held since `since`, at `at`."""

    verdict: Verdict
    since: datetime
    at: datetime


_HELD: Final = msgspec.json.Decoder(Held)
_DECISION: Final = msgspec.json.Decoder(Decision)


def changes_in(counts: Mapping[Kind, int]) -> int:
    """Return how many of the counted are there: changed or new."""
    return counts.get("created", 0) + counts.get("updated", 0)


def held_key(name: ResourceName) -> str:
    """Return where a held set is noted."""
    return f"{HELD}{name.tenant}/{name.resource}"


def decision_key(name: ResourceName) -> str:
    """Return where a decision waits to be read by the daemon."""
    return f"{DECIDED}{name.tenant}/{name.resource}"


def encoded(note: Held | Decision) -> bytes:
    """Write a note."""
    return msgspec.json.encode(note)


def decode_held(note: bytes) -> Held | None:
    """Read a note about a held set; None when it is none of ours."""
    return _decoded(_HELD, note)


def decode_decision(note: bytes) -> Decision | None:
    """Read a decision; None when it is none."""
    return _decoded(_DECISION, note)


def resources_in(notes: Mapping[str, bytes], prefix: str) -> dict[ResourceName, bytes]:
    """Return notes by the resource that their keys name."""
    parts = {key: key.removeprefix(prefix).partition("/") for key in notes}
    return {ResourceName(tenant, name): notes[key] for key, (tenant, _, name) in parts.items()}


def _decoded(decoder: msgspec.json.Decoder[T], note: bytes) -> T | None:
    try:
        return decoder.decode(note)
    except msgspec.DecodeError:
        return None
