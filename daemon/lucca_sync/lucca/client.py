"""The client for one tenant's API, v5 and v3: asks for pages and records, says what to do without an answer.

Hands out raw bodies: knows addresses, tokens, turns and statuses, not what a record or a change is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from types import TracebackType
from typing import Final, Protocol, Self

import anyio
import structlog

from lucca_sync.kit.clock import Clock
from lucca_sync.kit.secret import Secret
from lucca_sync.lucca import legacy
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.auth import TokenSource
from lucca_sync.lucca.budget import Budget, Purpose
from lucca_sync.lucca.errors import (
    CredentialsRefused,
    CursorLost,
    NotOffered,
    Refused,
    RightMissing,
    ScopeMissing,
    SourceError,
    TooHeavy,
    Unavailable,
    Unreadable,
)
from lucca_sync.lucca.paging import MAX_LIMIT, NO_FILTERS, ROOT, first_url, followed, is_followed, record_url
from lucca_sync.lucca.throttle import pause_after, pause_asked
from lucca_sync.lucca.wire import (
    Reply,
    RequestOutcome,
    RequestPurpose,
    RequestSeen,
    Wire,
    Writing,
    place,
    title_of,
)
from lucca_sync.model.catalogue import Resource

__all__ = ["Answer", "LuccaClient", "RequestOutcome", "RequestPurpose", "RequestSeen", "TenantAccess"]

API_VERSION: Final = "2024-11-01"
USER_AGENT: Final = "lucca-sync"
MAX_REPLAYS: Final = 3
"""How often a throttled request is sent again."""
BACKOFF: Final = (2.0, 8.0)
"""After a failure: the longest rest, in seconds, before each further try."""

_OK, _NOT_MODIFIED = 200, 304
_SUCCESSES: Final = range(200, 300)
_UNAUTHORIZED, _FORBIDDEN, _TIMEOUT, _THROTTLED, _SERVER = 401, 403, 408, 429, 500
_GONE: Final = frozenset({404, 410})
_LOST: Final = _GONE | {400}
_HEADER_SHOWN: Final = 100


class Log(Protocol):
    """What is needed of a structlog logger."""

    def warning(self, event: str, /, **values: str) -> object:
        """Log something that a person should act on some day."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a GET brought: `body` is None when nothing has changed since `etag`, kept byte for byte."""

    url: str
    body: bytes | None = field(repr=False)
    etag: str | None


@dataclass(slots=True)
class _Tries:
    """What one request, named as messages name it, has gone through so far.

    `sent` last at that instant of the event loop's clock.
    """

    where: str
    sent: float = 0.0
    renewed: bool = False
    throttled: int = 0
    failed: int = 0


class LuccaClient:
    """Reads one tenant; an async context manager. Addresses are path and query, as made by its own methods.

    Every request takes its turn from the budget. 401: one new token, one replay. 429: the tenant's pause is
    obeyed, then three replays. 5xx, no answer: two more tries with rests in between. Then, and for 408 and
    all else at once, one of the errors of `lucca.errors`. A scope known to be missing costs no turn.
    v3 resources take the legacy API key instead of a token, and share the budget.
    """

    def __init__(
        self,
        access: TenantAccess,
        budget: Budget,
        clock: Clock,
        observe: Callable[[RequestSeen], None],
        *,
        random: Random | None = None,
        log: Log | None = None,
        user_agent: str = USER_AGENT,
    ) -> None:
        self._origin = access.origin
        self._legacy_key = access.legacy_api_key
        self._budget = budget
        self._clock = clock
        self._random = random or Random()
        self._log: Log = log or structlog.get_logger("lucca_sync.lucca")
        self._wire = Wire(observe, user_agent)
        self._tokens = TokenSource(access, self._wire, clock)
        self._announced: set[str] = set()

    async def __aenter__(self) -> Self:
        await self._wire.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wire.__aexit__(kind, error, trace)

    def first_url(
        self, resource: Resource, filters: Mapping[str, str] = NO_FILTERS, limit: int | None = None
    ) -> str:
        """Return the address of a collection's first page."""
        if resource.api == "v3":
            return legacy.first_url(resource, filters, limit)
        return first_url(resource, filters, MAX_LIMIT if limit is None else limit)

    def follow(self, href: str, asked: str | None = None) -> str:
        """Return where a `next` link leads, with what it lost put back.

        That is `include=links`, the limit and, given the address `asked` of the page that held the link, all
        that was asked there. Raises ForeignLink if it leads out of the tenant's API.
        """
        return followed(href, self._origin, asked)

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        """Ask for one page, conditionally when an ETag is given; raises what `lucca.errors` lists."""
        root = legacy.ROOT if resource.api == "v3" else ROOT
        if not url.startswith(root):
            raise ValueError(f"a page's address must begin with {root}")
        reply = await self._settled(url, resource, etag, purpose)
        if reply.status == _OK:
            return Answer(url, reply.body, _etag(reply))
        if reply.status == _NOT_MODIFIED:
            return Answer(url, None, etag)
        raise _refusal(url, reply, resource, self._place(url))

    async def record(self, resource: Resource, record_id: str, purpose: Purpose) -> Answer | None:
        """Ask for one record; None when it is absent or not visible to us: Lucca says 404 to both."""
        v3 = resource.api == "v3"
        url = legacy.record_url(resource, record_id) if v3 else record_url(resource, record_id)
        reply = await self._settled(url, resource, None, purpose)
        if reply.status == _OK:
            return Answer(url, reply.body, _etag(reply))
        if reply.status in _GONE:
            return None
        raise _refusal(url, reply, resource, self._place(url))

    async def write(self, path: str, writing: Writing, *, resource: Resource, purpose: Purpose) -> Reply:
        """Change something at Lucca and return the answer; raises what `lucca.errors` lists.

        Sent again only when Lucca surely did nothing (401, 429): an answer that got lost may have been a yes.
        """
        tries = _Tries(self._place(path, writing.method))
        while True:
            reply = await self._once(tries, path, resource.scope, {}, purpose, writing)
            if reply.status in _SUCCESSES:
                return reply
            if _is_trouble(reply):
                await self._pause(reply)
                raise _trouble(tries.where, reply)
            if await self._final(tries, reply):
                raise _refusal(path, reply, resource, tries.where)

    async def _settled(self, url: str, resource: Resource, etag: str | None, purpose: Purpose) -> Reply:
        """Send until the answer is one that asking again would not change."""
        tries = _Tries(self._place(url))
        while True:
            try:
                reply = await self._read(tries, url, resource, etag, purpose)
            except (Unavailable, Unreadable) as trouble:
                await self._rest(tries, trouble)
                continue
            if reply.status in {_OK, _NOT_MODIFIED}:
                self._announce_end(resource, reply)
                return reply
            if await self._final(tries, reply):
                return reply

    async def _read(
        self, tries: _Tries, url: str, resource: Resource, etag: str | None, purpose: Purpose
    ) -> Reply:
        if resource.api == "v3":
            return await self._once_by_key(tries, url, purpose)
        conditions = {} if etag is None else {"If-None-Match": etag}
        return await self._once(tries, url, resource.scope, conditions, purpose)

    async def _once(
        self,
        tries: _Tries,
        url: str,
        scope: str,
        conditions: Mapping[str, str],
        purpose: Purpose,
        writing: Writing | None = None,
    ) -> Reply:
        await self._tokens.token(scope)  # what is refused already takes no turn
        await self._budget.take(purpose)
        token = await self._tokens.token(scope)  # the wait may have outlived the first
        headers = {"Authorization": f"Bearer {token}", "Api-Version": API_VERSION, **conditions}
        tries.sent = anyio.current_time()
        reply = await self._wire.send(self._origin + url, purpose, headers, writing)
        if reply.status == _UNAUTHORIZED:
            self._tokens.invalidate(token)
        return reply

    async def _once_by_key(self, tries: _Tries, url: str, purpose: Purpose) -> Reply:
        """Ask the legacy API, which knows neither tokens nor versions nor ETags."""
        if self._legacy_key is None:
            raise CredentialsRefused(f"{tries.where} takes an API key: give the tenant a legacy_api_key")
        _usable(self._legacy_key)  # what can't be used takes no turn
        await self._budget.take(purpose)
        headers = {"Authorization": f"lucca application={_usable(self._legacy_key)}"}
        tries.sent = anyio.current_time()
        reply = await self._wire.send(self._origin + url, purpose, headers)
        if reply.status == _UNAUTHORIZED:
            raise CredentialsRefused(f"{tries.where} refused the key: check legacy_api_key")
        return reply

    async def _final(self, tries: _Tries, reply: Reply) -> bool:
        """Tell whether a refusal stands; if not, return when the request may be sent again."""
        if reply.status == _UNAUTHORIZED:
            _renewed(tries)
        elif reply.status == _THROTTLED:
            await self._stay_away(tries, reply)
        elif _is_trouble(reply):
            await self._pause(reply)
            await self._rest(tries, _trouble(tries.where, reply))
        else:
            return True
        return False

    async def _stay_away(self, tries: _Tries, reply: Reply) -> None:
        tries.throttled += 1
        now, waited = self._clock.now(), timedelta(seconds=anyio.current_time() - tries.sent)
        pause = pause_after(reply.headers.get("Retry-After"), now, waited)
        self._budget.refused(tries.sent, now + pause)
        await self._budget.save()
        if tries.throttled > MAX_REPLAYS:
            raise Unavailable(
                f"{tries.where}: too many requests, {tries.throttled} times in a row: "
                "other integrations may use the tenant's share; lower requests_per_minute",
                "throttled",
            )

    async def _pause(self, reply: Reply) -> None:
        """Leave a server in trouble alone for as long as it asks, if it asks."""
        if "Retry-After" not in reply.headers:
            return
        now = self._clock.now()
        self._budget.pause_until(now + pause_asked(reply.headers["Retry-After"], now))
        await self._budget.save()

    async def _rest(self, tries: _Tries, trouble: Unavailable | Unreadable) -> None:
        throttled = isinstance(trouble, Unavailable) and trouble.reason == "throttled"
        if throttled or isinstance(trouble, TooHeavy) or tries.failed >= len(BACKOFF):
            raise trouble
        longest = BACKOFF[tries.failed]
        tries.failed += 1
        await anyio.sleep(self._random.uniform(0, longest))

    def _announce_end(self, resource: Resource, reply: Reply) -> None:
        headers = reply.headers
        if ("Sunset" in headers or "Deprecation" in headers) and resource.name not in self._announced:
            self._announced.add(resource.name)
            self._log.warning(
                "source_deprecated",
                resource=resource.name,
                deprecation=headers.get("Deprecation", "")[:_HEADER_SHOWN],
                sunset=headers.get("Sunset", "")[:_HEADER_SHOWN],
            )

    def _place(self, url: str, method: str = "GET") -> str:
        return place(method, self._origin + url)


def _usable(key: Secret) -> str:
    """Return the API key, if a header can carry it."""
    text = key.reveal()
    if not (text.isascii() and text.isprintable()):
        raise CredentialsRefused("legacy_api_key is no API key: it must be one line of plain characters")
    return text


def _is_trouble(reply: Reply) -> bool:
    return reply.status == _TIMEOUT or reply.status >= _SERVER


def _trouble(where: str, reply: Reply) -> Unavailable:
    said = f"{where}: answered with {reply.status} {title_of(reply)}".rstrip()
    if reply.status == _TIMEOUT:
        return TooHeavy(f"{said}: too much was asked for at once")
    return Unavailable(said, "server")


def _renewed(tries: _Tries) -> None:
    if tries.renewed:
        raise CredentialsRefused(
            f"{tries.where} refused a new token: check that client_id belongs to this tenant"
        )
    tries.renewed = True


def _refusal(url: str, reply: Reply, resource: Resource, where: str) -> SourceError:
    if resource.optional and reply.status in {_FORBIDDEN, *_GONE}:
        return NotOffered(resource.name, reply.status, where)
    if reply.status == _FORBIDDEN and resource.api == "v3":
        return RightMissing(resource.name, where)
    if reply.status == _FORBIDDEN:
        return ScopeMissing(resource.scope, where)
    if reply.status in _LOST and is_followed(url):
        return CursorLost(f"{where}: the page is gone ({reply.status}): begin again at the first page")
    return Refused(reply.status, title_of(reply), where)


def _etag(reply: Reply) -> str | None:
    etag = reply.headers.get("ETag")
    return etag if etag and etag.isascii() else None  # what else came could not be sent back byte for byte
