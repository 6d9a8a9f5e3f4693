"""What an HTTP status means for a delivery: the one place where webhook-like targets are understood.

Decision 0020 says why so few answers are final: a dead letter needs a person, a repeat does not.
"""

from datetime import datetime, timedelta
from typing import Final

from lucca_sync.kit.retry_after import FOR_EVER, time_asked
from lucca_sync.model.outcome import Done, Outcome, Reject, Retry

_GONE: Final = 410
_FINAL: Final = {
    413: "the target finds this event too large (HTTP 413)",
    422: "the target cannot process this event (HTTP 422)",
}
_OVERLOADED: Final = frozenset({429, 502, 503, 504})
_HINTS: Final = {
    400: "the target finds the request wrong; many receivers say so when the secret differs",
    401: "the target does not accept our credentials",
    403: "the target does not accept our credentials",
    404: "the target does not know this URL",
    405: "the target takes no POST at this URL",
    410: "the target says that it is gone for good",
    408: "the target did not get the whole request in time",
    415: "the target does not take this content type",
    429: "the target asks for fewer requests",
}


def outcome_of_status(status: int, retry_after: str | None, now: datetime) -> Outcome:
    """Tell what becomes of a delivery answered with `status`; `now` resolves a Retry-After that is a date."""
    if 200 <= status < 300:  # noqa: PLR2004 - the success class of RFC 9110
        return Done(f"HTTP {status}")
    if status in _FINAL:
        return Reject(_FINAL[status])
    return Retry(
        _reason(status),
        after=wish(retry_after, now),
        overloaded=status in _OVERLOADED,
        gone=status == _GONE,
    )


def _reason(status: int) -> str:
    if 300 <= status < 400:  # noqa: PLR2004 - the redirection class of RFC 9110
        return (
            f"the target redirects elsewhere, which is not followed: configure the final URL (HTTP {status})"
        )
    if status in _HINTS:
        return f"{_HINTS[status]} (HTTP {status})"
    return f"the target has a problem of its own (HTTP {status})" if status >= 500 else f"HTTP {status}"  # noqa: PLR2004


def wish(retry_after: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header (seconds or a date), from zero to for ever; None when unreadable."""
    asked = time_asked(retry_after, now)
    return None if asked is None else min(max(asked, timedelta(0)), FOR_EVER)
