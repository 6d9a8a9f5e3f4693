"""What can go wrong at the source, named after how one recovers. Knows nothing of HTTP libraries.

    SourceError
    ├── CredentialsRefused    a person must mend client_id, client_secret or url; other tenants go on
    ├── ScopeMissing          a person must grant one scope; other resources go on
    │   └── RightMissing      … or, for a v3 resource, a right of the API key's role
    ├── Unavailable           nobody need do anything: come again later
    │   └── TooHeavy          … and at once with a simpler request, if there is one: `paging.simpler`
    ├── CursorLost            begin the sweep again at its first page
    ├── Refused               a person must mend the configuration; asking again gives the same
    │   └── NotOffered        Lucca switches this resource on for some tenants only
    ├── Unreadable            the answer arrived but its transfer coding is broken: quarantine and go on
    └── ForeignLink           a link leads away from the tenant: don't follow it

A message says what happened, where (a path, never a query) and what to do. It never holds a body: of a
foreign answer only the title and the trace id are kept, as one short line of printable text.
"""

from typing import Literal, TypeAlias

UnavailableReason: TypeAlias = Literal["throttled", "unreachable", "server"]


class SourceError(Exception):
    """The source did not give what was asked of it."""


class CredentialsRefused(SourceError):
    """The token endpoint knows no such client or secret, or the tenant refuses a token that is new."""


class ScopeMissing(SourceError):
    """The client application was not granted `scope`."""

    def __init__(self, scope: str, where: str = "") -> None:
        at = f" ({where})" if where else ""
        super().__init__(
            f"the scope {scope} is missing{at}: grant it to the client application in Lucca, "
            "under /identity/admin/integration-keys"
        )
        self.scope = scope


class RightMissing(ScopeMissing):
    """The role of the legacy API key may not read a v3 resource."""

    def __init__(self, resource: str, where: str) -> None:
        SourceError.__init__(
            self,
            f"the role of legacy_api_key may not read {resource} ({where}): "
            "give it that right in the tenant's settings, under API keys",
        )
        self.scope = ""


class Unavailable(SourceError):
    """Not now; it may work later without anybody's help.

    `reason` is `throttled` (429), `unreachable` (no answer came back whole) or `server` (408, 5xx).
    """

    def __init__(self, message: str, reason: UnavailableReason) -> None:
        super().__init__(message)
        self.reason: UnavailableReason = reason


class TooHeavy(Unavailable):
    """The server gave up on the request (408, Lucca's five seconds): unchanged it would again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "server")


class CursorLost(SourceError):
    """A page that a link led to does not exist any more."""


class Refused(SourceError):
    """A request was answered with a status that asking again does not change."""

    def __init__(self, status: int, title: str = "", where: str = "") -> None:
        said = f" ({title})" if title else ""
        super().__init__(
            f"{where or 'the request'} was answered with {status}{said}, and would be again: "
            "check the addresses and resources in the settings"
        )
        self.status = status
        self.title = title


class NotOffered(Refused):
    """The tenant does not have this resource: Lucca switches it on for some only, on request."""

    def __init__(self, resource: str, status: int, where: str) -> None:
        super().__init__(status, where=where)
        told = f"this tenant does not offer {resource} ({where} was answered with {status})"
        self.args = (f"{told}: ask Lucca to switch it on, or take it out of the settings",)


class Unreadable(SourceError):
    """An answer came back whole, but what it was wrapped in cannot be undone, or it is too large."""


class ForeignLink(SourceError):
    """A link's address is not under the tenant's own API."""
