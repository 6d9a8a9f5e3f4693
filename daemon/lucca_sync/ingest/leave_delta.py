"""What changed among absences since the last look: Lucca's own recipe of two calls, and one more.

Whose half-days were confirmed, cancelled or created since then; all of theirs are read again. Source:
/api-reference/legacy/timmi-absences/guides/syncing-leaves. It does not show the exact queries, so they are
tried before they are relied on.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.leave_records import days_of, in_window, items_for, living, span_of
from lucca_sync.ingest.leaves import LEAVES, OWNERS_AT_ONCE, LeaveReader, Span
from lucca_sync.ingest.post import Post
from lucca_sync.journal.protocol import Journal, ResourceName
from lucca_sync.lucca.errors import Refused
from lucca_sync.model.event import rfc3339

OVERLAP: Final = timedelta(minutes=5)
"""Clocks differ, and a write may take a while to show: rows seen twice make no second event."""
_AHEAD: Final = timedelta(days=1)
_WRONG: Final = 400
_LOG: Final = structlog.get_logger("lucca_sync.ingest")

_DELTAS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "confirmed": ("leavePeriod.confirmationDate", {}),
    "cancelled": ("cancellationDate", {"isActive": "false"}),
    "created": ("creationDate", {}),
}
_NEEDED: Final = frozenset({"confirmed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Watermark:
    """The start of the last run that was wholly successful, kept in a note."""

    journal: Journal
    key: str

    async def since(self) -> datetime | None:
        """Return from when on to ask: earlier than that start, at a whole minute; None before the first."""
        started = await self.started()
        return None if started is None else (started - OVERLAP).replace(second=0, microsecond=0)

    async def started(self) -> datetime | None:
        """Return that start."""
        note = await self.journal.note(self.key)
        return datetime.fromisoformat(note.decode()) if note else None

    async def move(self, started: datetime) -> None:
        """Note that a run was wholly successful; `started` is when it began."""
        await self.journal.write_note(self.key, started.isoformat().encode())


@dataclass(slots=True)
class LeaveDelta:
    """Finds whose absences changed, and hands in all of theirs."""

    reader: LeaveReader
    posts: Sequence[tuple[Post, Absentees]]
    _usable: Sequence[str] | None = field(default=None)

    @property
    def _first(self) -> Post:
        return self.posts[0][0]

    @property
    def watermark(self) -> Watermark:
        """From when on changes are asked for."""
        name = self._first.watched.name
        return Watermark(self._first.lookout.journal, f"delta/{name.tenant}/{name.resource}")

    async def usable(self) -> bool:
        """Tell whether changes can be asked for; tries it the first time."""
        if self._usable is None:
            self._usable = await self._tried()
        return bool(self._usable)

    async def look(self) -> bool:
        """Hand in all absences of people with a change; False when everything is better read again."""
        started, since = self._first.lookout.clock.now(), await self.watermark.since()
        if since is None:
            return False
        owners = await self._owners(since)
        if owners is None:
            return False
        for start in range(0, len(owners), OWNERS_AT_ONCE):
            await self._reread(owners[start : start + OWNERS_AT_ONCE])
        await self.watermark.move(started)
        return True

    async def _owners(self, since: datetime) -> list[str] | None:
        found: set[str] = set()
        for name in self._usable or ():
            owners = await self.reader.owners_of_changes(_filters(name, since), self._span)
            if owners is None:
                return None
            found |= owners
        return sorted(found)

    async def _reread(self, owners: Sequence[str]) -> None:
        with ExitStack() as asking:
            moments = [asking.enter_context(post.asking()) for post, _ in self.posts]
            halves = await self.reader.half_days(owners, self._span, "confirm")
            for (post, absentees), moment in zip(self.posts, moments, strict=True):
                if not await post.ready():
                    continue
                items = await items_for(post.lookout, post.watched, owners, halves, "confirm")
                await post.hand_in(items, moment, "delta", post.watched.resource.path)
                shown = {item.id for item in items}
                await absentees.suspect(await self._absent(post, owners, shown), "delta")

    async def _absent(self, post: Post, owners: Sequence[str], shown: set[str]) -> list[str]:
        known = await living(post.lookout, post.watched, owners)
        hidden = (one for one in known if one.id not in shown)
        return [one.id for one in hidden if in_window(days_of(post.watched, one), self._span)]

    @property
    def _span(self) -> Span:
        return span_of(self._first.watched, self._first.lookout)

    async def _tried(self) -> Sequence[str]:
        """Ask for changes of tomorrow: there are none, so whoever shows some has ignored the question."""
        name = ResourceName(self._first.watched.name.tenant, LEAVES)
        abilities = Abilities(self._first.lookout.journal, name)
        tomorrow = self._first.lookout.clock.now() + _AHEAD
        found = {delta: await self._answered(delta, tomorrow) for delta in _DELTAS}
        for delta, has in found.items():
            await abilities.note(f"changes {delta} since", has=has)
        usable = [delta for delta, has in found.items() if has]
        if _NEEDED.issubset(usable):
            return usable
        _LOG.warning(
            "changes_cannot_be_asked_for",
            **name._asdict(),
            advice="absences are read as a whole each time, at the cost of one request per 100 people",
        )
        return ()

    async def _answered(self, delta: str, since: datetime) -> bool:
        try:
            owners = await self.reader.owners_of_changes(_filters(delta, since), self._span, limit=1)
        except Refused as refusal:
            if refusal.status != _WRONG:
                raise
            return False
        return owners is not None and not owners


def _filters(delta: str, since: datetime) -> Mapping[str, str]:
    parameter, others = _DELTAS[delta]
    return {parameter: f"since,{rfc3339(since.astimezone(UTC))}", **others}
