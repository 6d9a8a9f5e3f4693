"""Asks Lucca for a few records whose answers tell what has become of others: a copy, or a lost grant.

Spends requests only where something looks odd already. Knows nothing of what becomes of the answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lucca_sync.ingest.evidence import Evidence
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.journal.protocol import Known
from lucca_sync.lucca.errors import RightMissing, ScopeMissing
from lucca_sync.model.catalogue import CATALOGUE

_ASKED: Final = 8
"""Records of which one must answer, or all we know has been replaced."""
_PLACES: Final = 5
_REMEMBERED: Final = timedelta(minutes=5)


@dataclass(slots=True)
class Witnesses:
    """Those of one resource."""

    lookout: Lookout
    watched: Watched
    evidence: Evidence
    _in_view: dict[str, datetime] = field(default_factory=dict[str, datetime])

    async def all_replaced(self) -> bool:
        """Tell whether none of some records that we know answers any more, picked from among all of them."""
        ids = await self.lookout.journal.ids(self.watched.name)
        for one in ids[:: max(1, -(-len(ids) // _ASKED))]:
            if await self.lookout.source.record(self.watched.resource, one, "confirm") is not None:
                return False
        return bool(ids)

    async def place_lost(self, missing: Sequence[Known]) -> bool:
        """Tell whether a business establishment that some of these belong to has itself gone from view."""
        places = await self.evidence.places(missing)
        for place in places[:_PLACES]:
            if not await self._is_in_view(place):
                return True
        return False

    async def _is_in_view(self, place: str) -> bool:
        now = self.lookout.clock.now()
        if now - self._in_view.get(place, now - _REMEMBERED) < _REMEMBERED:
            return True
        try:
            answer = await self.lookout.source.record(CATALOGUE["business-establishments"], place, "confirm")
        except (ScopeMissing, RightMissing):
            return True  # nothing can be said
        if answer is not None:
            self._in_view[place] = now
        return answer is not None
