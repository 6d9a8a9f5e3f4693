"""The brake of one resource: every page, every record read alone and every sweep's missing records pass it.

All eyes consult it alike. A round is the time from one complete look at a resource to the next. Holding means
not writing: the snapshot stays, and the next look finds the difference again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from lucca_sync.ingest.deletions import Deletions
from lucca_sync.ingest.evidence import Evidence
from lucca_sync.ingest.gathered import nulled_of
from lucca_sync.ingest.guard import (
    Reason,
    Showing,
    looks_replaced,
    looks_restored,
    nearly_all,
    nulled_fields,
)
from lucca_sync.ingest.held import SUBJECTS, Decision, Held
from lucca_sync.ingest.holding import Holding
from lucca_sync.ingest.ruling import Rules, Ruling
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.witnesses import Witnesses
from lucca_sync.journal.protocol import Known, Write
from lucca_sync.model.event import Event


@dataclass(frozen=True, slots=True)
class Sifted:
    """What may be written, and the ids of the records of which nothing may be."""

    writes: tuple[Write, ...]
    held: frozenset[str] = frozenset()


class Brake:
    """One per resource, shared by its eyes through their post."""

    def __init__(self, lookout: Lookout, watched: Watched) -> None:
        self._lookout = lookout
        self._watched = watched
        self._holding = Holding(lookout, watched)
        self._evidence = Evidence(lookout.journal, watched)
        self._witnesses = Witnesses(lookout, watched, self._evidence)
        self._rules = Rules(self._holding, watched)
        self._deletions = Deletions(lookout, watched, self._holding, self._witnesses)
        self._surveyed: set[str] | None = None
        self._counted = 0

    @property
    def held(self) -> Held | None:
        """What is held now."""
        return self._holding.held

    async def load(self) -> None:
        """Take up what was held when the daemon last ran; only the first call does anything."""
        await self._holding.load()

    # --- decisions ------------------------------------------------------------------------------------------

    async def decide(self, decision: Decision) -> bool:
        """Take a person's decision; False when it was about something that is no longer held."""
        await self.load()
        return await self._holding.decide(decision)

    async def decided(self) -> bool:
        """Tell whether a decision waits to be carried out by the next look."""
        await self.load()
        return self._holding.verdict is not None

    # --- looks ----------------------------------------------------------------------------------------------

    async def begin(self, *, everything: bool = False) -> None:
        """Note that a look at all pages begins, from the first one on: what was decided until now holds.

        `everything`: it will show new records too, which pages of a fixed address do not.
        """
        await self.load()
        self._counted = 0
        self._holding.begin(everything=everything)

    async def end(self) -> None:
        """Note that a look at all pages is complete, and what was missing dealt with."""
        await self.load()
        self._holding.settle()
        held = self._holding.held
        if held is not None and held.reason == "many" and held.changes:
            self._holding.rename(await self._looked_at_again())
        await self._holding.end()

    async def _looked_at_again(self) -> Reason:
        """Say why changes are held that were held for their mere number: whom do they concern?"""
        if self._evidence.scope(self._lookout.refused, self._lookout.clock.now()):
            return "scope-lost"
        ids = list(self._holding.known.kinds)[:SUBJECTS]
        known = await self._lookout.journal.known(self._watched.name, ids)
        lost = await self._evidence.of_a_lost_establishment(list(known.values()))
        return "establishment-lost" if lost else "many"

    async def begin_survey(self) -> None:
        """Note that a survey begins: where pages have fixed addresses, only that shows new records."""
        await self.load()
        self._surveyed = set()

    async def end_survey(self) -> None:
        """Note that a survey has shown all new records that there are: the other held ones are gone."""
        seen, self._surveyed = self._surveyed, None
        if seen is not None:
            await self._holding.drop_new(seen)

    # --- changes --------------------------------------------------------------------------------------------

    async def as_listed(self, page: Showing) -> bool:
        """Tell whether rows older than their snapshots are to be taken as they are, not read one by one.

        That is so in a restore, suspected or decided about. Whatever a page shows of it is sifted later.
        """
        await self.load()
        if self._holding.restoring:
            return True
        if page.back or nearly_all(page.vanished, page.former):
            page = replace(page, whole=max(page.former, page.known) >= await self._holding.records())
        if looks_restored(page) or (looks_replaced(page) and await self._witnesses.all_replaced()):
            self._holding.round.tripped = "restore"
        return self._holding.restoring

    async def sift(self, writes: Sequence[Write], page: Showing) -> Sifted:
        """Part what may be written from what is to be held; notes what is held, durably."""
        if not any(write.event for write in writes):
            return Sifted(tuple(writes))
        await self.load()
        records = await self._weighed(len(writes))
        nulled = nulled_fields([nulled_of(write.event) for write in writes if write.event], page)
        kept: list[Write] = []
        held: set[str] = set()
        for write in writes:
            ruling = self._rule(write.event, nulled, records) if write.event else "believe"
            if ruling == "hold":
                held.add(write.id)
            else:
                kept.append(_hushed(write) if ruling == "hush" else write)
        if held:
            await self._holding.hold(self._holding.round.tripped, await self._holding.records())
        return Sifted(tuple(kept), frozenset(held))

    def _rule(self, event: Event, nulled: frozenset[str], records: int) -> Ruling:
        if event.kind == "created" and self._surveyed is not None:
            self._surveyed.add(event.record_id)
        return self._rules.rule(event, nulled, records)

    async def _weighed(self, more: int) -> int:
        """Count the records, yet not for each page: only where `more` changes may be too many.

        Few changes are not, of however few records: the store is not even asked.
        """
        if self._watched.changes.trips(self._holding.round.told + more, self._counted):
            self._counted = await self._holding.records()
        return self._counted

    # --- deletions ------------------------------------------------------------------------------------------

    async def may_look_into(self, ids: Collection[str]) -> bool:
        """Tell whether records that should have been shown may be confirmed as gone before the round ends.

        Else they are left to its end, when all that is missing is judged together.
        """
        await self.load()
        return await self._deletions.may_look_into(ids)

    async def judge(self, missing: Sequence[Known], unseen: int) -> Ruling:
        """Say what becomes of all that a complete look did not show; `unseen`: with who was read alone."""
        await self.load()
        return await self._deletions.judge(missing, unseen)

    def gone(self) -> None:
        """Count a deletion that was told."""
        self._holding.round.gone += 1
        self._counted = 0

    def was_missing(self, record_id: str) -> bool:
        """Tell whether a record was missing when a person decided about those that are, as far as we know."""
        return record_id in self._holding.missing


def _hushed(write: Write) -> Write:
    """Return a write without its event."""
    return replace(write, event=None, lanes=(), sequence=write.sequence - 1)
