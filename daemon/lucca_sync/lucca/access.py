"""How one tenant is reached: its address, the token endpoint, the credentials, the scopes. Sends nothing."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from lucca_sync.kit.loopback import is_loopback
from lucca_sync.kit.secret import Secret
from lucca_sync.model.catalogue import spelled, too_many_scopes

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class TenantAccess:
    """What a tenant's administrator hands out.

    `url` is the tenant's root, without a path; `token_url` the global token endpoint. Both are https: plain
    http carries a secret only to the machine's own loopback. `scopes` are those of the configured resources.
    `legacy_api_key` is what v3 resources take instead of a token.
    Raises ValueError, saying which part is wrong.
    """

    url: str
    token_url: str
    client_id: str
    client_secret: Secret
    scopes: tuple[str, ...]
    legacy_api_key: Secret | None = None

    def __post_init__(self) -> None:
        if urlsplit(self.url).path.rstrip("/"):
            raise ValueError(f"the tenant's url has a path: give only its root, such as {origin(self.url)}")
        for address in (self.url, self.token_url):
            _refuse_plain_text(address)
        if (why_not := too_many_scopes(self.scopes)) is not None:
            raise ValueError(why_not)

    @property
    def origin(self) -> str:
        """Return scheme, host and port of the tenant, the way `origin()` writes them."""
        return origin(self.url)

    def scope(self) -> str:
        """Return the scopes as a token request spells them: each once, sorted, separated by a space."""
        return spelled(self.scopes)


def origin(url: str) -> str:
    """Return `scheme://host[:port]` in lower case, without a default port; raise ValueError if hostless."""
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("an address must begin with https:// and a host")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _refuse_plain_text(url: str) -> None:
    if not origin(url).startswith("https:") and not is_loopback(urlsplit(url).hostname or ""):
        raise ValueError(f"{origin(url)} is not https: credentials go unencrypted only to a loopback address")
