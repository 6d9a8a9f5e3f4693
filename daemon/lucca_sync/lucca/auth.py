"""Signing in with OAuth 2 client credentials: one token for all scopes, kept until shortly before it ends.

Facts are from Lucca's /documentation/using-api/authentication. How its token endpoint words a refusal is not
documented: RFC 6749 is assumed, and the status decides where the body says nothing known.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio
import msgspec

from lucca_sync.kit.clock import Clock
from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.lucca.access import TenantAccess
from lucca_sync.lucca.errors import CredentialsRefused, Refused, ScopeMissing, SourceError, Unavailable
from lucca_sync.lucca.throttle import pause_asked
from lucca_sync.lucca.wire import Reply, Wire, place, title_of

EARLY: Final = timedelta(seconds=60)
"""A token is renewed this long before it ends, so that none ends on its way."""
ASK_AGAIN: Final = timedelta(minutes=10)
"""A scope that was refused is asked for again after this long."""
_LIFE: Final = 1800.0  # as documented, where an answer doesn't say
_LONGEST_LIFE: Final = 86_400.0
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_KNOWN_ERRORS: Final = frozenset(
    {"invalid_client", "invalid_grant", "invalid_request", "unauthorized_client", "unsupported_grant_type"}
)


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: float = _LIFE


class _Denied(msgspec.Struct):
    error: str = ""


class TokenSource:
    """Gives a bearer token that is good for a scope, asking for one at most once at a time.

    All scopes are asked for together. If that is refused, each is asked for alone once, and what remains is
    asked for together: one missing scope costs its own resource only.
    """

    def __init__(self, access: TenantAccess, wire: Wire, clock: Clock) -> None:
        self._access = access
        self._wire = wire
        self._clock = clock
        self._token: str | None = None
        self._renew_at = _NEVER
        self._refused: dict[str, datetime] = {}
        self._away_until = _NEVER
        self._asking = anyio.Lock()
        self._failures = 0
        self._failure: SourceError | SecretUnreadable | None = None

    async def token(self, scope: str) -> str:
        """Return a token for requests that need `scope`.

        Raises ScopeMissing, CredentialsRefused, Unavailable, Refused; SecretUnreadable (the secret's file).
        """
        token = self._kept(scope)
        if token is None:
            failures = self._failures
            async with self._asking:
                token = self._kept(scope) or await self._asked(scope, failures)
        return token

    def invalidate(self, token: str) -> None:
        """Forget a token that was refused, unless another one has taken its place."""
        if token == self._token:
            self._token = None

    def _kept(self, scope: str) -> str | None:
        fresh = self._clock.now() < self._renew_at
        return self._token if fresh and scope not in self._refused else None

    async def _asked(self, scope: str, failures: int) -> str:
        if self._clock.now() < self._refused.get(scope, _NEVER):
            raise ScopeMissing(scope, self._where)
        if self._failure is not None and self._failures != failures:
            raise self._failure  # somebody asked in vain while we stood in line
        try:
            await self._see_to(scope)
        except (SourceError, SecretUnreadable) as error:
            self._failure = error
            self._failures += 1
            raise
        if self._token is None or scope in self._refused:
            raise ScopeMissing(scope, self._where)
        return self._token

    async def _see_to(self, scope: str) -> None:
        if scope in self._refused:
            await self._ask_again(scope)
        if scope not in self._refused and self._kept(scope) is None:
            await self._renew()

    async def _ask_again(self, scope: str) -> None:
        if await self._granted([scope]) is None:
            self._refuse(scope)
        else:
            del self._refused[scope]
            self._token = None  # the next one is to carry this scope too

    async def _renew(self) -> None:
        self._token = None
        wanted = sorted(set(self._access.scopes) - self._refused.keys())
        granted = await self._granted(wanted) if wanted else None
        if granted is None and wanted:
            granted = await self._sort_out(wanted)
        if granted is not None:
            life = timedelta(seconds=min(max(granted.expires_in, 0.0), _LONGEST_LIFE))
            self._renew_at = self._clock.now() + max(life - EARLY, life / 2)
            self._token = granted.access_token

    async def _sort_out(self, wanted: list[str]) -> _Granted | None:
        """Find out which of the scopes are refused; return a token for the others, None when none is left."""
        left: list[str] = []
        granted: _Granted | None = None
        for scope in wanted:
            alone = await self._granted([scope]) if len(wanted) > 1 else None
            if alone is None:
                self._refuse(scope)
            else:
                left.append(scope)
                granted = alone
        if len(left) <= 1:
            return granted
        together = await self._granted(left)
        if together is None:
            raise Unavailable(f"{self._where}: scopes granted one by one are refused together", "server")
        return together

    def _refuse(self, scope: str) -> None:
        self._refused[scope] = self._clock.now() + ASK_AGAIN

    async def _granted(self, scopes: Iterable[str]) -> _Granted | None:
        """Ask for a token; None means that a scope is refused."""
        if self._clock.now() < self._away_until:
            raise Unavailable(f"{self._where}: it asked to be left alone for a while", "throttled")
        reply = await self._wire.send(self._access.token_url, "token", {}, self._form(scopes))
        if reply.status == 200:  # noqa: PLR2004
            return self._read(reply)
        if reply.status not in {400, 401, 403}:
            raise self._trouble(reply)
        error = _error(reply)
        if error != "invalid_scope":
            said = error if error in _KNOWN_ERRORS else f"status {reply.status}"
            raise CredentialsRefused(
                f"{self._where} refused the client application ({said}): check client_id and client_secret"
            )
        return None

    def _form(self, scopes: Iterable[str]) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._access.client_id,
            "client_secret": self._access.client_secret.reveal(),
            "scope": " ".join(scopes),
        }

    def _read(self, reply: Reply) -> _Granted:
        try:
            granted = msgspec.json.decode(reply.body, type=_Granted, strict=False)
        except msgspec.DecodeError:
            granted = None
        token = granted.access_token if granted else ""
        if granted is None or not (token.isascii() and token.isprintable() and token.strip()):
            raise Unavailable(f"{self._where}: its answer holds no token that can be read", "server")
        return granted

    def _trouble(self, reply: Reply) -> SourceError:
        if reply.status == 429:  # noqa: PLR2004
            now = self._clock.now()
            self._away_until = now + pause_asked(reply.headers.get("Retry-After"), now)
            return Unavailable(f"{self._where}: too many requests", "throttled")
        if reply.status == 408 or reply.status >= 500:  # noqa: PLR2004
            return Unavailable(f"{self._where}: answered with {reply.status}", "server")
        return Refused(reply.status, title_of(reply), self._where)

    @property
    def _where(self) -> str:
        return place("POST", self._access.token_url)


def _error(reply: Reply) -> str:
    try:
        return msgspec.json.decode(reply.body, type=_Denied).error
    except msgspec.DecodeError:
        return ""
