"""What becomes of records that were not shown: looked into, judged together at the end of a look, or held."""

from collections.abc import Collection, Sequence

from lucca_sync.ingest.evidence import Evidence
from lucca_sync.ingest.guard import Reason, deletions_held, outgrown, replaced
from lucca_sync.ingest.holding import Holding
from lucca_sync.ingest.ruling import Ruling
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.witnesses import Witnesses
from lucca_sync.journal.protocol import Known


class Deletions:
    """Those of one resource."""

    def __init__(self, lookout: Lookout, watched: Watched, holding: Holding, witnesses: Witnesses) -> None:
        self._lookout = lookout
        self._name = watched.name
        self._threshold = watched.deletions
        self._holding = holding
        self._witnesses = witnesses

    @property
    def _evidence(self) -> Evidence:
        return self._witnesses.evidence

    async def may_look_into(self, ids: Collection[str]) -> bool:
        """Tell whether records that should have been shown may be confirmed as gone before the round ends.

        Else they are left to its end, when all that is missing is judged together. So is whatever is missed
        after something looked odd: one who moves to a place that has gone from view goes alone.
        """
        held = self._holding.held
        if self._holding.round.doubted or self._holding.restoring or (held is not None and held.deletions):
            return False
        odd = await self._look_odd(ids)
        self._holding.round.doubted |= odd
        return not odd

    async def _look_odd(self, ids: Collection[str]) -> bool:
        records, gone = await self._holding.records(), self._holding.round.gone
        if deletions_held(len(ids) + gone, records + gone, self._threshold):
            return True
        known = await self._lookout.journal.known(self._name, ids)
        return await self._together([one for one in known.values() if one.content]) is not None

    async def judge(self, missing: Sequence[Known], unseen: int) -> Ruling:
        """Say what becomes of all that a complete look did not show.

        Of the `unseen` those are not `missing` who were read alone meanwhile.
        """
        holding = self._holding
        holding.round.missing = ()
        if not missing:
            return "believe"
        if self._decided(len(missing)):
            return "hush" if holding.round.verdict == "baseline" else "believe"
        records = await holding.records()
        reason = await self._doubt(missing, unseen, records)
        if reason is None:
            return "believe"
        holding.round.missing = tuple(known.id for known in missing)
        holding.missing = frozenset(holding.round.missing)
        await holding.hold(reason, records)
        return "hold"

    def _decided(self, missing: int) -> bool:
        """Tell whether a person has let so many go, and that is being carried out."""
        held = self._holding.held
        if held is None or not held.deletions or not self._holding.round.verdict:
            return False
        return not outgrown(missing, held.agreed.get("deleted", 0))

    async def _doubt(self, missing: Sequence[Known], unseen: int, records: int) -> Reason | None:
        """Say why these are not to be believed gone, None when they are.

        A look that showed nobody has seen it empty, though some may have been read alone before it was.
        """
        holding, held = self._holding, self._holding.held
        others = holding.known.counts["created"] > 0 and replaced(len(missing), records)
        if others or holding.restoring:
            return "restore"
        refused = self._evidence.scope(self._lookout.refused, self._lookout.clock.now())
        if unseen >= records:
            return await self._evidence.emptied(refused=refused)
        together = await self._together(missing)
        before = holding.round.gone + (held.gone if held and held.deletions else 0)
        if together is None and deletions_held(len(missing) + before, records + before, self._threshold):
            return "scope-lost" if refused else "many"
        return together

    async def _together(self, missing: Sequence[Known]) -> Reason | None:
        """Say what made these go from view together, None when people did."""
        found = await self._evidence.together(missing)
        return found or ("establishment-lost" if await self._witnesses.place_lost(missing) else None)
