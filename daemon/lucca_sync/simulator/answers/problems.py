"""What is wrong with a request, as the tenant says it: RFC 7807 problems."""

from http import HTTPStatus

import msgspec

from lucca_sync.simulator.shapes import Json, View

# The documented sample of a 403 bears this title, so clients had better look at the status.
_TITLES = {HTTPStatus.FORBIDDEN: "Unauthorized", HTTPStatus.BAD_REQUEST: "One or more errors occurred."}
_SECTIONS = {400: "5.1", 401: "5.2", 403: "5.4", 404: "5.5", 405: "5.6", 408: "5.9", 500: "6.1", 503: "6.4"}


class Problem(Exception):
    """An answer other than the one that was hoped for."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: dict[str, list[str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or {}
        self.headers = headers or {}

    def body(self, path: str) -> bytes:
        """Return the `application/problem+json` document."""
        status = HTTPStatus(self.status)
        document: View = {
            "type": _type_of(self.status),
            "title": _TITLES.get(status, status.phrase),
            "status": self.status,
            "detail": self.detail,
            "instance": path,
        }
        if self.errors:
            document["errors"] = {name: list[Json](messages) for name, messages in self.errors.items()}
        return msgspec.json.encode(document)


def bad_parameters(errors: dict[str, list[str]]) -> Problem:
    """Say which parameters cannot be understood, and why."""
    return Problem(400, "The request holds parameters that cannot be understood.", errors=errors)


def not_found(what: str) -> Problem:
    """Say that something is absent, deleted or not visible; which of these is not told."""
    return Problem(404, f"{what} was not found.")


def _type_of(status: int) -> str:
    if status in _SECTIONS:
        return f"https://tools.ietf.org/html/rfc9110#section-15.{_SECTIONS[status]}"
    return (
        "https://tools.ietf.org/html/rfc6585#section-4"
        if status == HTTPStatus.TOO_MANY_REQUESTS
        else "about:blank"
    )
