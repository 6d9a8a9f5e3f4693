"""The changes that the brake holds, gathered record by record: whom they concern and which fields.

Pure; knows nothing of thresholds.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lucca_sync.ingest.held import SUBJECTS, Held
from lucca_sync.model.event import Event, Kind
from lucca_sync.model.pointer import key_of
from lucca_sync.model.values import Json


def fields_of(event: Event, besides: Collection[str | None]) -> frozenset[str]:
    """Return the top-level fields that differ, but not those `besides`."""
    return frozenset(key_of(change.path.split("/")[1]) for change in event.changes) - set(besides)


def nulled_of(event: Event) -> frozenset[str]:
    """Return the top-level fields that had a value and have none now."""
    if event.kind != "updated":
        return frozenset()
    now, before = event.record or {}, event.previous or {}
    return frozenset(
        name for name in fields_of(event, ()) if _empty(now.get(name)) and not _empty(before.get(name))
    )


@dataclass(slots=True)
class Gathered:
    """Held changes: `kinds` by id as far as they are known, `counts` and `fields` of all of them."""

    kinds: dict[str, Kind] = field(default_factory=dict[str, Kind])
    counts: Counter[Kind] = field(default_factory=Counter[Kind])
    fields: Counter[str] = field(default_factory=Counter[str])

    @classmethod
    def of(cls, held: Held) -> "Gathered":
        """Return what a note remembers of the changes."""
        kinds: dict[str, Kind] = {
            name: kind for kind, names in held.subjects.items() if kind != "deleted" for name in names
        }
        counts = Counter[Kind]({kind: count for kind, count in held.counts.items() if kind != "deleted"})
        return cls(kinds, counts, Counter(held.fields))

    def __len__(self) -> int:
        """How many records."""
        return self.counts.total()

    @property
    def complete(self) -> bool:
        """Whether all of them are known by id."""
        return len(self.kinds) >= len(self)

    def add(self, event: Event, fields: Collection[str]) -> None:
        """Take in a held change; a record counts once."""
        if event.record_id not in self.kinds:
            self.kinds[event.record_id] = event.kind
            self.counts[event.kind] += 1
            self.fields.update(fields)

    def drop(self, record_id: str) -> None:
        """Let go of one record."""
        kind = self.kinds.pop(record_id, None)
        if kind is not None:
            self.counts[kind] -= 1

    def drop_new(self, but: Collection[str]) -> None:
        """Let go of all new records but these."""
        self.kinds = {name: kind for name, kind in self.kinds.items() if kind != "created" or name in but}
        self.counts["created"] = sum(kind == "created" for kind in self.kinds.values())

    def take_new(self, other: "Gathered") -> None:
        """Take over the new records of another set, those known by number only included."""
        new: dict[str, Kind] = {name: kind for name, kind in other.kinds.items() if kind == "created"}
        self.counts["created"] += len(new.keys() - self.kinds.keys()) + other.counts["created"] - len(new)
        self.kinds.update(new)

    def subjects(self) -> Mapping[Kind, tuple[str, ...]]:
        """Return the first ids by kind, no more than a note remembers."""
        found: dict[Kind, list[str]] = {}
        for name in list(self.kinds)[:SUBJECTS]:
            found.setdefault(self.kinds[name], []).append(name)
        return {kind: tuple(names) for kind, names in found.items()}


def _empty(value: Json) -> bool:
    return value is None or value in ([], {})
