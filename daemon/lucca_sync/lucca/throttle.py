"""How long to stay away after a refusal for haste, or for as long as a server in trouble asks. Pure.

Lucca sends `Retry-After` with 429 and does not document its form: both forms of RFC 9110 are read.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

WHOLE_WINDOW: Final = timedelta(seconds=60)
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=15)
_NO_TIME: Final = timedelta()


def pause_asked(retry_after: str | None, now: datetime) -> timedelta:
    """Return how long the server wants to be left alone: between one second and fifteen minutes.

    A whole window when it says nothing readable.
    """
    said = _span(retry_after.strip(), now) if retry_after else None
    return WHOLE_WINDOW if said is None else min(max(said, SHORTEST), LONGEST)


def pause_after(retry_after: str | None, now: datetime, since_sent: timedelta = _NO_TIME) -> timedelta:
    """Return how long to send nothing after a 429 to a request that was sent `since_sent` ago.

    As long as the server asks, and never again inside the same minute: what made it full may be younger than
    what it counted from.
    """
    return max(pause_asked(retry_after, now), WHOLE_WINDOW - since_sent)


def _span(text: str, now: datetime) -> timedelta | None:
    if text.isascii() and text.isdigit():
        # More digits than this are centuries, and would overflow.
        return timedelta(seconds=int(text)) if len(text) < 10 else LONGEST  # noqa: PLR2004
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - now
