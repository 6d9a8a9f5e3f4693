"""What becomes of one change: told, held, or taken in silently; by what is held and what the round saw.

Counts in round and holding; asks and writes nothing.
"""

from collections.abc import Collection
from typing import Literal, TypeAlias

from lucca_sync.ingest.gathered import fields_of, nulled_of
from lucca_sync.ingest.guard import Reason, outgrown, replaced
from lucca_sync.ingest.held import changes_in
from lucca_sync.ingest.holding import Holding
from lucca_sync.ingest.source import Watched
from lucca_sync.model.event import Event

Ruling: TypeAlias = Literal["believe", "hold", "hush"]
"""Tell it, hold it, or take it into the snapshot without telling."""


class Rules:
    """Those of one resource's changes."""

    def __init__(self, holding: Holding, watched: Watched) -> None:
        self._holding = holding
        self._changes = watched.changes
        self._unspoken = (watched.resource.clock, *watched.resource.quiet)

    def rule(self, event: Event, nulled: frozenset[str], records: int) -> Ruling:
        """Rule on a change and count it; `nulled` fields lost their value on nearly all of its page."""
        this, empty = self._holding.round, nulled_of(event)
        this.changed += 1
        this.nulled.update(empty)
        fields = fields_of(event, self._unspoken)
        covered = self._covers(event, fields)
        if covered and this.verdict and self._agreed():
            return self._carried_out(event)
        if not covered and this.tripped is None:
            this.tripped = self._tripping(nulled & empty, records)
        if covered or this.tripped is not None:
            self._holding.known.add(event, fields)
            this.held.add(event, fields)
            return "hold"
        this.told += 1
        return "believe"

    def _covers(self, event: Event, fields: Collection[str]) -> bool:
        """Tell whether a change belongs to what is held: the same record, or one that changed alike."""
        held, known = self._holding.held, self._holding.known
        if held is None:
            return False
        instead = event.kind == "created" and replaced(held.deletions, held.records)
        if instead or held.reason == "restore":
            return True
        if not len(known):
            return False
        if not known.complete or event.record_id in known.kinds:
            return True
        if event.kind == "created":
            return bool(known.counts["created"])
        return not held.common.isdisjoint(fields)

    def _agreed(self) -> bool:
        """Count one more of what a person let through; not of what has come upon it since.

        The rest of a restore is one as well, though what was let through makes it look less so.
        """
        held, this = self._holding.held, self._holding.round
        if outgrown(this.agreed + 1, changes_in(held.agreed) if held else 0):
            this.tripped = this.tripped or ("restore" if self._holding.restoring else "many")
            return False
        this.agreed += 1
        return True

    def _carried_out(self, event: Event) -> Ruling:
        """Do with a change what a person decided."""
        if event.kind == "created":
            self._holding.known.drop(event.record_id)
        return "hush" if self._holding.round.verdict == "baseline" else "believe"

    def _tripping(self, nulled: Collection[str], records: int) -> Reason | None:
        """Say why a change, as one more of its kind, is too much; None when it is not."""
        if nulled:
            return "nulled"
        return "many" if self._changes.trips(self._holding.round.told + 1, records) else None
