"""Gap proof: records that a page should show and does not, looked into as soon as the page has passed.

Few at a time: what looks like a mass deletion is left to the end of the sweep, where the brake sees it whole.
"""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import UnreadablePage
from lucca_sync.lucca.errors import SourceError

_ON_A_PAGE: Final = 5
_DECIMAL: Final = re.compile(r"[0-9]{1,18}\Z")


@dataclass(slots=True)
class Gaps:
    """Looks into the gaps of one resource, up to the brake's count in a sweep."""

    absentees: Absentees
    _suspected: int = 0
    _alive: set[str] = field(default_factory=set[str])
    """Records in no list that are there by id, or cannot be read: only the end of a sweep asks again."""

    def renew(self) -> None:
        """Begin a sweep, or a round."""
        self._suspected = 0

    async def look_into(self, ids: Collection[str]) -> None:
        """Look by id into those of `ids` that should be living, unless they are too many."""
        watched = self.absentees.watched
        if not watched.gaps or not ids:
            return
        living = [one for one in await self._living(ids) if one not in self._alive]
        if not living or not await self._few(len(living)):
            return
        self._suspected += len(living)
        with suppress(SourceError, UnreadablePage):  # the end of the look asks again
            await self.absentees.suspect(living, "gap")
        self._alive.update(await self._living(living))

    async def _few(self, count: int) -> bool:
        watched = self.absentees.watched
        suspected = self._suspected + count
        if count > _ON_A_PAGE or suspected > watched.deletions.count:
            return False
        # A resource that turns empty is never believed here, however small it is.
        return count < (await self.absentees.lookout.journal.state(watched.name)).records

    async def _living(self, ids: Collection[str]) -> list[str]:
        known = await self.absentees.lookout.journal.known(self.absentees.watched.name, ids)
        return [one for one in ids if one in known and known[one].content is not None]


def between(former: Sequence[str], listed: Sequence[str]) -> list[str]:
    """Return the former ids of a page that its present ones leave out, strictly between its first and last.

    Nothing unless all are decimal and the page is in their order: else nothing is proved.
    """
    present = set(listed)
    absent = [one for one in former if one not in present]
    if not absent or not all(_DECIMAL.match(one) for one in (*absent, *listed)):
        return []
    numbers = [int(one) for one in listed]
    if not numbers or numbers != sorted(numbers):
        return []
    return [one for one in absent if numbers[0] < int(one) < numbers[-1]]
