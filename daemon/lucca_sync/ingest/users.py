"""Users of the legacy API that were modified since the last look; they also tell whom to look at in v5.

The only question about people that Lucca answers with changes alone. What exactly moves `modifiedAt`, and in
which time zone it is, is documented nowhere: it is an eye beside others, and asks for a little too much.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from lucca_sync.ingest.abilities import Abilities
from lucca_sync.ingest.decode import Item, Page, UnreadableRecord, decode_page
from lucca_sync.ingest.leave_delta import Watermark
from lucca_sync.ingest.post import Post
from lucca_sync.ingest.reread import Errand, Rereader
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.lucca import legacy
from lucca_sync.lucca.errors import Refused, ScopeMissing
from lucca_sync.model.catalogue import CATALOGUE

_USERS: Final = CATALOGUE["users"]
_MODIFIED: Final = "modifiedAt"
_SINCE: Final = "modified since"
_WRONG: Final = 400
_AHEAD: Final = timedelta(days=2)
_ERRAND: Final = Errand("probe", "delta")
_LOG: Final = structlog.get_logger("lucca_sync.ingest")


@dataclass(slots=True)
class UsersDelta:
    """Asks one tenant who was modified, hands that in where `users` are watched, and sends others to look.

    `post` is that of `users`, None where they are not watched. `followers` read again the v5 records of the
    same people: an employee has a user's number as id.
    """

    tenant: str
    lookout: Lookout
    followers: Sequence[Rereader]
    post: Post | None = None
    _usable: bool | None = None
    _seen: dict[str, str] = field(default_factory=dict[str, str])

    async def look(self) -> bool:
        """Find who was modified since the last successful look; always whole."""
        if self._usable is None:
            self._usable = await self._tried()
        if not self._usable:
            return True
        started, watermark = self.lookout.clock.now(), self._watermark
        since = await watermark.since()
        if since is not None:
            fresh = await self._modified(since)
            await self._follow(list(fresh))
            self._seen |= fresh
        await watermark.move(started)
        return True

    async def _modified(self, since: datetime) -> dict[str, str]:
        """Hand in every page of the answer; return who was modified when, but for what we had seen already.

        The overlap shows the same modifications again and again.
        """
        fresh: dict[str, str] = {}
        url: str | None = self._url(since)
        while url is not None:
            page = await self._page(url)
            modified = {item.id: _modification(item) for item in page.items}
            fresh |= {one: at for one, at in modified.items() if self._seen.get(one) != at}
            url = legacy.next_url(url, page.rows)
        return fresh

    async def _page(self, url: str) -> Page:
        if self.post is None or not await self.post.ready():
            return await self._asked(url)
        with self.post.asking() as moment:
            page = await self._asked(url)
            await self.post.hand_in(page.items, moment, "delta", url)
        return page

    async def _asked(self, url: str) -> Page:
        answer = await self.lookout.source.page(url, resource=_USERS, etag=None, purpose="probe")
        return decode_page(answer.body or b"")

    async def _follow(self, ids: Sequence[str]) -> None:
        for rereader in self.followers if ids else ():
            by = _filter_by_employee(rereader)
            if by is not None:
                with suppress(ScopeMissing, Refused):  # its own eyes say so: the others are looked at still
                    await rereader.reread(by, ids, _ERRAND)

    async def _tried(self) -> bool:
        """Ask who is modified the day after tomorrow: whoever shows somebody has ignored the question."""
        abilities = Abilities(self.lookout.journal, ResourceName(self.tenant, _USERS.name))
        has = await self._answered(self.lookout.clock.now() + _AHEAD)
        await abilities.note(_SINCE, has=has)
        if not has:
            _LOG.warning("changes_cannot_be_asked_for", tenant=self.tenant, resource=_USERS.name)
        return has

    async def _answered(self, since: datetime) -> bool:
        try:
            page = await self._asked(self._url(since, limit=1))
        except Refused as refusal:
            if refusal.status != _WRONG:
                raise
            return False
        return page.rows == 0

    def _url(self, since: datetime, limit: int | None = None) -> str:
        """Write the question, in UTC without saying so: as Paris time it asks for an hour or two more."""
        instant = since.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        return legacy.first_url(_USERS, {_MODIFIED: f"since,{instant}"}, limit)

    @property
    def _watermark(self) -> Watermark:
        return Watermark(self.lookout.journal, f"delta/{self.tenant}/{_USERS.name}")


def _modification(item: Item) -> str:
    try:
        return str(item.content().get(_MODIFIED))
    except UnreadableRecord:
        return ""


def _filter_by_employee(rereader: Rereader) -> str | None:
    """Return the filter by which a resource is read for some people, None where it takes none."""
    resource = rereader.post.watched.resource
    wanted = resource.employee
    return next((name for name, path in resource.lists.items() if path == wanted), None)
