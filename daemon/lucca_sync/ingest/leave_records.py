"""Records of absence as the rest of ingest knows them: made of half-days, and read again by our own ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.decode import Item, UnreadablePage, legacy_record
from lucca_sync.ingest.halves import HalfDay, HalfDays, encoded, items_of, read_half_day, valid
from lucca_sync.ingest.leaves import LEAVES, PERIODS, LeaveReader, Span
from lucca_sync.ingest.periods import periods_of, starts_near, stored_period
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.source import Answered, Lookout, Watched
from lucca_sync.journal.protocol import Known
from lucca_sync.lucca.budget import Purpose
from lucca_sync.model.catalogue import Resource
from lucca_sync.model.values import JsonObject

_LONGEST_GAP: Final = timedelta(days=31)
"""A period seen within so many days of the window's past edge may have begun before it."""
_LEAD: Final = timedelta(days=400)
"""How far before the window such a period is traced back, once."""


def leave_post(lookout: Lookout, watched: Watched) -> Post:
    """Make the post of a resource that is made of half-days."""
    return Post(replace(lookout, source=LeaveRecords(lookout, watched)), watched)


def span_of(watched: Watched, lookout: Lookout) -> Span:
    """Return the days that are watched now."""
    return Span(*watched.window.span(lookout.clock.now()))


def days_of(watched: Watched, known: Known) -> Span:
    """Return the days that a record of ours is about."""
    content = decode_content(known.content or b"{}")
    if watched.resource.name == LEAVES:
        return Span(str(content.get("date")), str(content.get("date")))
    return Span(str(content.get("start")), str(content.get("end")))


def in_window(days: Span, window: Span) -> bool:
    """Tell whether some of the days are watched."""
    return days.last >= window.first and days.first <= window.last


async def living(lookout: Lookout, watched: Watched, owners: Sequence[str]) -> Sequence[Known]:
    """Return all records that we have of some people."""
    return await lookout.journal.beginning(watched.name, [f"{owner}-" for owner in owners])


async def items_for(
    lookout: Lookout, watched: Watched, owners: Sequence[str], halves: HalfDays, purpose: Purpose
) -> list[Item]:
    """Make one resource's records of all half-days that some people have in its window."""
    if watched.resource.name == LEAVES:
        return list(items_of(half.content for half in valid(halves.all)))
    return list(items_of(await _periods(lookout, watched, owners, halves.all, purpose)))


async def _periods(
    lookout: Lookout, watched: Watched, owners: Sequence[str], halves: Sequence[HalfDay], purpose: Purpose
) -> list[JsonObject]:
    """Make periods; those that are new and may begin before the window are traced back to their beginning."""
    stored = [stored_period(known) for known in await living(lookout, watched, owners)]
    first = date.fromisoformat(span_of(watched, lookout).first)
    behind = sorted(starts_near(halves, stored, (first + _LONGEST_GAP).isoformat()))
    if behind:
        lead = Span((first - _LEAD).isoformat(), (first - timedelta(days=1)).isoformat())
        traced = await LeaveReader(lookout.source).half_days(behind, lead, purpose)
        present = {(half.owner, half.period) for half in halves}
        halves = [*halves, *(half for half in traced.all if (half.owner, half.period) in present)]
    return periods_of(halves, stored, first.isoformat())


@dataclass(frozen=True, slots=True)
class _Found:
    """One of our records, as an answer."""

    body: bytes | None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class LeaveRecords:
    """The tenant's source, which also finds a record of absence by our own id."""

    lookout: Lookout
    watched: Watched

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        """Return where the first page of a collection stands."""
        return self.lookout.source.first_url(resource, filters)

    def follow(self, href: str, asked: str) -> str:
        """Return the URL of a next page."""
        return self.lookout.source.follow(href, asked)

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answered:
        """Ask for a page."""
        return await self.lookout.source.page(url, resource=resource, etag=etag, purpose=purpose)

    async def record(self, resource: Resource, record_id: str, purpose: Purpose) -> Answered | None:
        """Ask for one record by our id; None when there is no such record any more."""
        if resource.name == LEAVES:
            return await self._half_day(resource, record_id, purpose)
        if resource.name != PERIODS:
            return await self.lookout.source.record(resource, record_id, purpose)
        span, owner = span_of(self.watched, self.lookout), record_id.partition("-")[0]
        halves = await LeaveReader(self.lookout.source).half_days([owner], span, purpose)
        records = await _periods(self.lookout, self.watched, [owner], halves.all, purpose)
        return next((_Found(encoded(record)) for record in records if record["id"] == record_id), None)

    async def _half_day(self, resource: Resource, record_id: str, purpose: Purpose) -> Answered | None:
        """Ask for a half-day by Lucca's own id; for one that was gone, by its owner and day."""
        known = (await self.lookout.journal.known(self.watched.name, [record_id])).get(record_id)
        if known is None or known.content is None:
            return await self._listed(record_id, purpose)
        lucca_id = str(decode_content(known.content).get("luccaId"))
        answer = await self.lookout.source.record(resource, lucca_id, purpose)
        if answer is None:
            return None
        row = legacy_record(answer.body or b"")
        half = None if row is None else read_half_day(row)
        if half is None:
            raise UnreadablePage("a half-day cannot be read")
        return _Found(encoded(half.content)) if half.id == record_id else None

    async def _listed(self, record_id: str, purpose: Purpose) -> Answered | None:
        owner, day, *_ = record_id.split("-")
        dashed = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        listed = await LeaveReader(self.lookout.source).half_days([owner], Span(dashed, dashed), purpose)
        halves = (half for half in valid(listed.all) if half.id == record_id)
        return next((_Found(encoded(half.content)) for half in halves), None)
