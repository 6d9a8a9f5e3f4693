"""One request and its whole answer, within limits of time and size, seen by whoever counts them.

No redirects, no proxies from the environment, no cookies. Knows neither tokens nor turns nor statuses.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

import aiohttp
import msgspec
from anyio import current_time
from yarl import URL

from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import Unavailable, Unreadable

CONNECT_SECONDS: Final = 10
TOTAL_SECONDS: Final = 60
MAX_BODY: Final = 100_000_000  # as Lucca's own limit, /documentation/limits
# At a slow budget requests are minutes apart, and each new connection costs a TLS handshake.
KEEP_ALIVE_SECONDS: Final = 75
CONNECTIONS: Final = 8
MAX_TITLE: Final = 200

RequestOutcome: TypeAlias = Literal["ok", "not_modified", "throttled", "refused", "failed"]
Method: TypeAlias = Literal["POST", "PATCH", "DELETE"]
RequestPurpose: TypeAlias = Purpose | Literal["token"]

_GZIP: Final = 31  # zlib's word for "a gzip header and trailer, the largest window"
_OUTCOMES: Final[Mapping[int, RequestOutcome]] = {
    304: "not_modified",
    408: "failed",
    429: "throttled",
}
_SUCCESSES: Final = range(200, 300)
_SERVER_ERRORS: Final = 500


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One request that ended: why it was sent, how it went, how long it took."""

    purpose: RequestPurpose
    outcome: RequestOutcome
    seconds: float


@dataclass(frozen=True, slots=True)
class Writing:
    """What a request that changes something carries: its method and, mostly, a JSON body."""

    method: Method
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, out of its gzip."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Wire:
    """Sends requests for one tenant; an async context manager that holds the connections."""

    def __init__(self, observe: Callable[[RequestSeen], None], user_agent: str) -> None:
        self._observe = observe
        self._user_agent = user_agent
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
            # aiohttp takes a gzip stream that ends early for a whole one.
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(
        self,
        url: str,
        purpose: RequestPurpose,
        headers: Mapping[str, str],
        content: Mapping[str, str] | Writing | None = None,
    ) -> Reply:
        """GET `url`, POST a form to it or write to it, and return the answer whatever its status.

        Raises Unavailable when no whole answer comes back, Unreadable when its gzip is broken or it is huge.
        """
        if self._session is None:
            raise RuntimeError("the client is not open: use it as an async context manager")
        outcome: RequestOutcome = "failed"
        began = current_time()
        method, data, headers = _content(content, headers)
        try:
            async with self._session.request(
                method, URL(url, encoded=True), headers=headers, data=data, allow_redirects=False
            ) as response:
                status, fields = response.status, response.headers
                body = b"" if status == 304 else await _body(response, method, url)  # noqa: PLR2004
            outcome = _outcome(status)
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            # Not chained: the text of these errors may quote what the server sent.
            raise Unavailable(f"{place(method, url)}: {_cause(error)}", "unreachable") from None
        finally:
            self._observe(RequestSeen(purpose, outcome, current_time() - began))
        return Reply(status, fields, body)


def place(method: str, url: str) -> str:
    """Return how messages name a request: method, host and path, never the query."""
    parts = URL(url, encoded=True)
    return f"{method} {parts.authority}{parts.raw_path}"


class _Extensions(msgspec.Struct):
    traceId: str | None = None  # noqa: N815 - Lucca's name


class _Problem(msgspec.Struct):
    """The two words of an `application/problem+json` body that may be shown."""

    title: str | None = None
    traceId: str | None = None  # noqa: N815 - Lucca's name
    extensions: _Extensions | None = None


def title_of(reply: Reply) -> str:
    """Return an error's title and trace id as one short line of printable text, empty when it has none."""
    if not reply.headers.get("Content-Type", "").startswith("application/problem+json"):
        return ""
    try:
        problem = msgspec.json.decode(reply.body, type=_Problem)
    except msgspec.DecodeError:
        return ""
    trace = problem.traceId or (problem.extensions and problem.extensions.traceId)
    return ", ".join(
        part for part in (_shown(problem.title), f"trace {_shown(trace)}" if trace else "") if part
    )


def _shown(text: str | None) -> str:
    return "".join(character if character.isprintable() else " " for character in (text or "")[:MAX_TITLE])


def _content(
    content: Mapping[str, str] | Writing | None, headers: Mapping[str, str]
) -> tuple[str, Mapping[str, str] | bytes | None, Mapping[str, str]]:
    if not isinstance(content, Writing):
        return ("GET" if content is None else "POST"), content, headers
    if content.body is None:
        return content.method, None, headers
    return content.method, content.body, {**headers, "Content-Type": "application/json"}


def _outcome(status: int) -> RequestOutcome:
    if status in _SUCCESSES:
        return "ok"
    return _OUTCOMES.get(status) or ("failed" if status >= _SERVER_ERRORS else "refused")


def _cause(error: aiohttp.ClientError | OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return "no host can have this name"
    if isinstance(error, TimeoutError):
        return f"no answer within {TOTAL_SECONDS} s, or no connection within {CONNECT_SECONDS} s"
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}, {error.strerror}"
    return f"{type(error).__name__}: the answer did not come back whole"


async def _body(response: aiohttp.ClientResponse, method: str, url: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_BODY:
            raise Unreadable(f"{place(method, url)}: the answer is larger than {MAX_BODY} bytes")
        chunks.append(chunk)
    raw = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    coding = response.headers.get("Content-Encoding", "identity").lower()
    if coding == "identity" or not raw:
        return raw
    if coding not in {"gzip", "x-gzip"}:
        raise Unreadable(f"{place(method, url)}: the answer is wrapped in something other than gzip")
    return _unwrapped(raw, place(method, url))


def _unwrapped(raw: bytes, where: str) -> bytes:
    inflater = zlib.decompressobj(_GZIP)
    try:
        body = inflater.decompress(raw, MAX_BODY)
    except zlib.error:
        raise Unreadable(f"{where}: the answer's gzip is broken") from None
    if inflater.unconsumed_tail:
        raise Unreadable(f"{where}: the answer is larger than {MAX_BODY} bytes")
    if not inflater.eof or inflater.unused_data:
        raise Unreadable(f"{where}: the answer's gzip ends too early or goes on after its end")
    return body
