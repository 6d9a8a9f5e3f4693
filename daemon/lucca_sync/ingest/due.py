"""Dates that come due: at midnight computed fields flip (status, applicable…) and nobody writes anything.

Midnight is that of the establishment where somebody works (Lucca's `timezoneId`), else of the tenant. What
came due while the daemon was away is caught up with.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import anyio

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.decode import UnreadablePage
from lucca_sync.ingest.reread import Errand, Rereader
from lucca_sync.journal.protocol import Journal, Known, ResourceName
from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.errors import SourceError
from lucca_sync.model.catalogue import Due, Path
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import JsonObject

_ERRAND: Final = Errand("due", "due")
_AFTER_MIDNIGHT: Final = timedelta(minutes=1)
"""Lucca's clock may be a little behind ours."""
_SCANNED: Final = 500
_ESTABLISHMENT: Final = ("businessEstablishment", "id")
_DAY: Final = timedelta(days=1)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_NAP: Final = 300.0
"""Seconds after which a midnight is noticed that came because the clock was set."""
_SOON: Final = 600.0
"""Seconds until those are looked at again whose baseline was being read when a date of theirs came due."""
_PEOPLE, _POSITIONS, _ESTABLISHMENTS = "employees", "job-positions", "business-establishments"


class _Whom(NamedTuple):
    """Whom something concerns: records of a resource, by a filter of it."""

    resource: str
    by: str


_Asked: TypeAlias = dict[_Whom, set[str]]
"""The values of each filter."""


@dataclass(slots=True)
class DueDates:
    """Watches the dates of one tenant's snapshot. `rereaders` by resource, `zone` where no other is known."""

    tenant: str
    rereaders: Mapping[str, Rereader]
    journal: Journal
    clock: Clock
    zone: ZoneInfo
    _zones: dict[str, ZoneInfo] = field(default_factory=dict[str, ZoneInfo])
    _waiting: bool = False
    _looked: datetime = _NEVER
    _next: datetime = _NEVER

    async def look(self) -> bool:
        """Look again at whom a date concerned that came due since the last time; always whole.

        A resource that cannot be asked holds back no other: its dates, and those that concern it, are looked
        into again. Raises what asking it raised.
        """
        now = self.clock.now() - _AFTER_MIDNIGHT
        await self._learn_zones()
        workplaces = await self._workplaces()
        concerned = {name: await self._concerned(name, now, workplaces) for name in self._dated}
        unread = await self._reread(concerned.values())
        for name, asked in concerned.items():
            if unread.keys().isdisjoint(asked):
                await self.journal.write_note(self._key(name), now.isoformat().encode())
        self._waiting = None in unread.values()
        for error in filter(None, unread.values()):
            raise error
        return True

    async def look_if_due(self) -> bool:
        """Look if a midnight has passed since the last time, or else only if the clock was set back."""
        now = self.clock.now()
        if not self._waiting and self._looked <= now < self._next:
            return True
        whole = await self.look()
        self._looked, self._next = now, now + timedelta(seconds=self.rest())
        return whole

    def nap(self) -> float:
        """Return the seconds until `look_if_due` is to be asked: few, so that a jump is noticed."""
        return min(self.rest(), _NAP)

    def rest(self) -> float:
        """Return the seconds until the next midnight of any zone in use; less while a baseline is read."""
        now = self.clock.now()
        midnight = min(
            (_next_midnight(zone, now) + _AFTER_MIDNIGHT - now).total_seconds()
            for zone in {self.zone, *self._zones.values()}
        )
        return min(midnight, _SOON) if self._waiting else midnight

    async def _reread(self, concerned: Iterable[_Asked]) -> Mapping[_Whom, Exception | None]:
        """Read again whom dates concern; return where that failed and why, None where no baseline is."""
        together: _Asked = {}
        for asked in concerned:
            for whom, values in asked.items():
                together.setdefault(whom, set()).update(values)
        unread: dict[_Whom, Exception | None] = {}
        for whom, values in together.items():
            rereader = self.rereaders[whom.resource]
            if not await rereader.post.ready():
                unread[whom] = None
                continue
            try:
                await rereader.reread(whom.by, sorted(values), _ERRAND)
            except (SourceError, UnreadablePage) as error:
                unread[whom] = error
        return unread

    @property
    def _dated(self) -> Sequence[str]:
        """The resources that have dates."""
        return [name for name, one in self.rereaders.items() if one.post.watched.resource.dates]

    async def _seen_to(self, name: str) -> datetime | None:
        """Return up to when dates have been seen to; None on the first look: the snapshot is younger."""
        note = await self.journal.note(self._key(name))
        return datetime.fromisoformat(note.decode()) if note else None

    async def _concerned(self, name: str, until: datetime, workplaces: Mapping[str, set[str]]) -> _Asked:
        """Return whom the dates of one resource concern that have come due by now."""
        resource = self.rereaders[name].post.watched.resource
        since, by, found = await self._seen_to(name), _filter_of(resource.lists), _Asked()
        if since is None or since >= until:
            return found
        people = resource.employee is not None and _PEOPLE in self.rereaders
        async for known in self._records(name):
            content = decode_content(known.content or b"{}")
            zones = self._zones_of(content, resource.employee, workplaces)
            if any(since < instant <= until for instant in _flips(content, resource.dates, zones)):
                _add(found, _Whom(name, by), text_at(content, resource.lists.get(by, ("id",))))
                if people:
                    _add(found, _Whom(_PEOPLE, "id"), text_at(content, resource.employee or ()))
        return found

    def _zones_of(
        self, content: JsonObject, employee: Path | None, workplaces: Mapping[str, set[str]]
    ) -> set[ZoneInfo]:
        """A record's own establishment, else all where the employee works or has worked, else the tenant."""
        own = text_at(content, _ESTABLISHMENT)
        places = {own} if own else workplaces.get(text_at(content, employee or ()) or "", set[str]())
        return {self._zones[place] for place in places if place in self._zones} or {self.zone}

    async def _learn_zones(self) -> None:
        async for known in self._records(_ESTABLISHMENTS):
            zone = _zone(text_at(decode_content(known.content or b"{}"), ("timezoneId",)))
            if zone is not None:
                self._zones[known.id] = zone

    async def _workplaces(self) -> Mapping[str, set[str]]:
        """Return employees' establishments."""
        places: dict[str, set[str]] = {}
        async for known in self._records(_POSITIONS):
            content = decode_content(known.content or b"{}")
            who, where = (
                text_at(content, ("employee", "id")),
                text_at(content, _ESTABLISHMENT),
            )
            if who and where:
                places.setdefault(who, set()).add(where)
        return places

    async def _records(self, resource: str) -> AsyncIterator[Known]:
        name, after = ResourceName(self.tenant, resource), None
        while known := await self.journal.scan(name, after, _SCANNED):
            for one in known:
                yield one
            after = known[-1].id
            await anyio.lowlevel.checkpoint()

    def _key(self, resource: str) -> str:
        return f"due/{self.tenant}/{resource}"


def _add(asked: _Asked, whom: _Whom, value: str | None) -> None:
    if value is not None:
        asked.setdefault(whom, set()).add(value)


def _filter_of(lists: Mapping[str, Path]) -> str:
    return "id" if "id" in lists or not lists else next(iter(lists))


def _flips(content: JsonObject, dates: Sequence[Due], zones: set[ZoneInfo]) -> Iterator[datetime]:
    """The instants at which a record's computed fields may flip."""
    for due in dates:
        day = _day(text_at(content, due.path))
        if day is not None:
            yield from (_midnight(day + _DAY if due.after else day, zone) for zone in zones)


def _day(text: str | None) -> date | None:
    """Read a date, or the date of a timestamp; None for one that never comes: impossible, or "for ever"."""
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    return day if MINYEAR < day.year < MAXYEAR else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _next_midnight(zone: ZoneInfo, now: datetime) -> datetime:
    return _midnight(now.astimezone(zone).date() + _DAY, zone)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None
