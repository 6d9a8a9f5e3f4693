"""Asking the legacy API for half-days of absence: who has any at all, all of theirs, whose changed.

Lists take a filter on the date and one on the owner, always. Pages of owners are used instead of offsets:
rows that move do not make others be skipped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lucca_sync.ingest.decode import decode_page, legacy_rows
from lucca_sync.ingest.halves import HalfDays, read_half_days
from lucca_sync.ingest.source import Source
from lucca_sync.lucca import legacy
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import TooHeavy
from lucca_sync.model.catalogue import CATALOGUE, Resource

OWNERS_AT_ONCE: Final = 100
LEAVES: Final = "leaves"
PERIODS: Final = "leave-periods"
_EVERYBODY: Final = "greaterthan,0"
_OWNER: Final = "leavePeriod.ownerId"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from one to another, both included."""

    first: str
    last: str

    @property
    def asked(self) -> str:
        """The filter on the date."""
        return f"between,{self.first},{self.last}"


def everybodys(span: Span) -> Mapping[str, str]:
    """Return the filters by which a list shows everybody's half-days: it wants one on each."""
    return {"date": span.asked, _OWNER: _EVERYBODY}


@dataclass(frozen=True, slots=True)
class LeaveReader:
    """Asks one tenant about absences."""

    source: Source
    resource: Resource = CATALOGUE[LEAVES]
    people: Resource = CATALOGUE["users"]

    async def owners(self, purpose: Purpose) -> list[str]:
        """Return the ids of everybody who is or was employed, in the order of hiring."""
        people = replace(self.people, fields="id")
        url: str | None = legacy.first_url(people)
        found: set[int] = set()
        while url is not None:
            answer = await self.source.page(url, resource=people, etag=None, purpose=purpose)
            page = decode_page(answer.body or b"")
            found.update(int(item.id) for item in page.items if item.id.isdecimal())
            url = legacy.next_url(url, page.rows)
        return [str(number) for number in sorted(found)]

    async def half_days(self, owners: Sequence[str], span: Span, purpose: Purpose) -> HalfDays:
        """Return all half-days of some people; asks for fewer people at once where that is too much."""
        url = self._url(span, {_OWNER: ",".join(owners)})
        try:
            answer = await self.source.page(url, resource=self.resource, etag=None, purpose=purpose)
        except TooHeavy:
            if len(owners) == 1:
                raise
            return await self._by_halves(owners, span, purpose)
        rows = legacy_rows(answer.body or b"")
        if len(rows) < self.resource.page or len(owners) == 1:
            return read_half_days(rows)
        return await self._by_halves(owners, span, purpose)

    async def _by_halves(self, owners: Sequence[str], span: Span, purpose: Purpose) -> HalfDays:
        middle = len(owners) // 2
        first = await self.half_days(owners[:middle], span, purpose)
        return first + await self.half_days(owners[middle:], span, purpose)

    async def owners_of_changes(
        self, filters: Mapping[str, str], span: Span, limit: int | None = None
    ) -> frozenset[str] | None:
        """Return who owns the half-days that fit; None when there are too many to list."""
        url = self._url(span, {**everybodys(span), **filters}, limit)
        answer = await self.source.page(url, resource=self.resource, etag=None, purpose="probe")
        rows = legacy_rows(answer.body or b"")
        if len(rows) >= (limit or self.resource.page):
            return None
        return frozenset(half.owner for half in read_half_days(rows).all)

    def _url(self, span: Span, filters: Mapping[str, str], limit: int | None = None) -> str:
        return legacy.first_url(self.resource, {"date": span.asked, **filters}, limit)
