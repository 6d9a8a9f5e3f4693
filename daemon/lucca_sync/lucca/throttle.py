"""How long to stay away after a refusal for haste. Pure.

Lucca sends `Retry-After` with 429 and does not document its form: both forms of RFC 9110 are read.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

WHOLE_WINDOW: Final = timedelta(seconds=60)
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=15)


def pause_after(retry_after: str | None, now: datetime, times: int = 1) -> timedelta:
    """Return how long to send nothing after being refused for the `times`-th time in a row.

    What the server says is obeyed between one second and fifteen minutes; a whole window when it says nothing
    readable. From the second time on at least a whole window: it was wrong about when the window ends.
    """
    said = _span(retry_after.strip(), now) if retry_after else None
    pause = WHOLE_WINDOW if said is None else min(max(said, SHORTEST), LONGEST)
    return pause if times <= 1 else max(pause, WHOLE_WINDOW)


def _span(text: str, now: datetime) -> timedelta | None:
    if text.isascii() and text.isdigit():
        # More digits than this are centuries, and would overflow.
        return timedelta(seconds=int(text)) if len(text) < 10 else LONGEST  # noqa: PLR2004
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - now
