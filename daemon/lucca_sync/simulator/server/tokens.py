"""Access tokens of the simulated identity server: issued, looked up, expired, revoked."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

from lucca_sync.kit.clock import Clock
from lucca_sync.simulator.answers.catalogue import SCOPES
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.webhooks.listing import PUSH_SCOPES
from lucca_sync.simulator.world.edit import Refused

LIFETIME = timedelta(minutes=30)
MAX_SCOPE_LENGTH = 4000
ALL_SCOPES = SCOPES | PUSH_SCOPES


class TokenRefused(Exception):
    """No token is issued; the word says why, as OAuth spells it."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


class AccessTokens:
    """Who may see what, until when; what is granted can change while tokens live."""

    def __init__(self, clock: Clock, options: SimulatorOptions) -> None:
        self._clock = clock
        self._options = options
        self._granted = ALL_SCOPES if options.scopes is None else options.scopes
        self._issued = 0
        self._live: dict[str, tuple[datetime, frozenset[str]]] = {}

    @property
    def granted(self) -> frozenset[str]:
        """The scopes that the client application has at the moment."""
        return self._granted

    def grant(self, scopes: Iterable[str]) -> None:
        """Grant more scopes; tokens that were issued before gain nothing."""
        wanted = frozenset(scopes)
        if unknown := sorted(wanted - ALL_SCOPES):
            raise Refused(f"there is no scope {', '.join(unknown)}")
        self._granted |= wanted

    def revoke(self, scopes: Iterable[str]) -> None:
        """Take scopes away, from the tokens that were issued before as well."""
        self._granted -= frozenset(scopes)

    def issue(self, form: Mapping[str, str], lifetime: timedelta = LIFETIME) -> str:
        """Return a new token for a client's credentials, or raise `TokenRefused`."""
        if form.get("grant_type") != "client_credentials":
            raise TokenRefused("unsupported_grant_type")
        known = (self._options.client_id, self._options.client_secret)
        if (form.get("client_id"), form.get("client_secret")) != known:
            raise TokenRefused("invalid_client")
        scopes = self._scopes(form.get("scope", ""))
        self._forget_expired()
        self._issued += 1
        token = blake2b(f"{self._options.seed}:{self._issued}".encode(), digest_size=20).hexdigest()
        self._live[token] = (self._clock.now() + lifetime, scopes)
        return token

    def _scopes(self, text: str) -> frozenset[str]:
        wanted = frozenset(text.split())
        if len(text) > MAX_SCOPE_LENGTH or not wanted <= self._granted:
            raise TokenRefused("invalid_scope")
        return wanted or self._granted

    def scopes_of(self, token: str) -> frozenset[str] | None:
        """Return what a token is good for, None when it is unknown or has expired."""
        expires, scopes = self._live.get(token, (self._clock.now(), None))
        return scopes & self._granted if scopes is not None and expires > self._clock.now() else None

    def revoke_all(self) -> None:
        """Make every token worthless, as a new client secret would."""
        self._live.clear()

    def _forget_expired(self) -> None:
        now = self._clock.now()
        self._live = {token: held for token, held in self._live.items() if held[0] > now}
