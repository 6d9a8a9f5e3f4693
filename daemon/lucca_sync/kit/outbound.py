"""HTTP to targets, guarded at the moment of connecting, where the concrete address is known.

No redirects, no proxies from the environment, no cookies, a capped answer, a total time limit. Knows nothing
of what is sent, nor what an answer means for it.
"""

import os
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Final

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from lucca_sync.kit.addresses import AllowList, why_not

ANSWER_BYTES: Final = 64 * 1024
_AGENT: Final = "lucca-sync"
_KNOWN_URLS: Final = 64
_AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target answered: status, Retry-After, and the first 64 kB of the body (never to be shown)."""

    status: int
    retry_after: str | None = None
    body: bytes = field(default=b"", repr=False)


class Unanswered(Exception):
    """No answer came. `reason` names host and cause; `possibly_sent`: the target may have the request."""

    def __init__(self, reason: str, *, possibly_sent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.possibly_sent = possibly_sent


def checked_url(url: str, allow: Sequence[str]) -> str:
    """Return the URL if `Outbound` could use it; else raise ValueError in words that never show it.

    Plain http is for targets that `allow` names, so it needs an `allow`. A user and password in a URL end up
    in other people's logs and are refused.
    """
    parsed = _parsed(url)
    if parsed.user is not None or parsed.password is not None:
        raise ValueError("must not carry a user name or password")
    if parsed.scheme == "http" and not allow:
        raise ValueError("must begin with https:// (plain http only to targets that `allow:` names)")
    return url


@lru_cache(_KNOWN_URLS)
def _parsed(url: str) -> URL:
    try:
        parsed = URL(url)
    except ValueError:
        raise ValueError("is not a URL") from None
    if parsed.scheme not in {"http", "https"} or not parsed.raw_host:
        raise ValueError("must be a URL such as https://example.org/hook")
    return parsed


@dataclass(slots=True)
class _Progress:
    """How far one request came; written from inside aiohttp."""

    sent: bool = False
    admitted: bool = False
    refusals: list[str] = field(default_factory=list[str])


_progress: ContextVar[_Progress] = ContextVar("lucca_sync_outbound_progress")


class _NotedRequest(aiohttp.ClientRequest):
    """Notes that it has left: a failure after that may have reached the target."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        _progress.get().sent = True
        return await super().send(conn)


class _Refused(OSError):
    """The guard said no. An OSError, so that another address of the same host is tried."""


class Outbound:
    """Sends requests to targets. Make it where you open, close it where you close.

    `allow` lists what may be reached beyond the public addresses over https: networks, addresses, host names.
    """

    def __init__(self, *, allow: Sequence[str] = (), timeout: timedelta = timedelta(seconds=20)) -> None:
        self._allow = AllowList(allow)
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._sessions: dict[tuple[bool, bool], aiohttp.ClientSession] = {}

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body` exactly as it is; raise Unanswered when no answer came."""
        return await self._ask("POST", url, body, headers)

    async def options(self, url: str) -> Answer:
        """Ask what the target can do, which changes nothing there; raise Unanswered when no answer came."""
        return await self._ask("OPTIONS", url, None, {})

    async def close(self) -> None:
        """Close every connection; may be called twice."""
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    async def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        target = _parsed(url)
        progress = _Progress()
        token = _progress.set(progress)
        try:
            async with self._session(target).request(
                method, target, data=body, headers=headers, allow_redirects=False
            ) as response:
                return Answer(
                    response.status, response.headers.get("Retry-After"), await _beginning(response)
                )
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:
            reason = f"{target.host}: {_cause(error, progress)}"
            raise Unanswered(reason, possibly_sent=progress.sent) from None
        finally:
            _progress.reset(token)

    def _session(self, target: URL) -> aiohttp.ClientSession:
        """One session per way of guarding, so that pooled connections were admitted under the same rule."""
        rule = (self._allow.names(target), target.scheme == "http")
        if rule not in self._sessions:
            self._sessions[rule] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=self._gate(*rule), limit=0),
                timeout=self._timeout,
                headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                request_class=_NotedRequest,
            )
        return self._sessions[rule]

    def _gate(self, named: bool, plain: bool) -> Callable[[_AddrInfo], socket.socket]:  # noqa: FBT001 - private
        def admit(info: _AddrInfo) -> socket.socket:
            family, kind, protocol, _, address = info
            refusal = why_not(str(address[0]), self._allow, named=named, plain=plain)
            if family not in {socket.AF_INET, socket.AF_INET6}:
                refusal = "only IPv4 and IPv6 are spoken"
            if refusal is not None:
                _progress.get().refusals.append(refusal)
                raise _Refused(refusal)
            _progress.get().admitted = True
            return socket.socket(family, kind, protocol)

        return admit


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Read at most ANSWER_BYTES. The status has been said, so a body that breaks off is only shorter."""
    body = bytearray()
    try:
        while len(body) < ANSWER_BYTES:
            chunk = await response.content.read(ANSWER_BYTES - len(body))
            if not chunk:
                break
            body += chunk
    except (aiohttp.ClientError, TimeoutError, OSError):
        response.close()
    return bytes(body)


def _cause(error: Exception, progress: _Progress) -> str:
    if progress.refusals and not progress.admitted:
        return "; ".join(dict.fromkeys(progress.refusals))
    if isinstance(error, UnicodeError):
        return "no host can have this name"
    if isinstance(error, TimeoutError):
        return "no answer in time" if progress.sent else "no connection in time"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect ({_connect_problem(error)})"
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ClientResponseError):
        return "its answer is not proper HTTP"
    return f"the connection broke ({type(error).__name__})"


def _connect_problem(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"certificate refused: {getattr(error.certificate_error, 'verify_message', 'unknown reason')}"
    if isinstance(error.os_error, ssl.SSLError):
        return f"TLS: {error.os_error.reason or 'handshake failed'}"
    return os.strerror(error.os_error.errno) if error.os_error.errno else "no address of the host answers"
