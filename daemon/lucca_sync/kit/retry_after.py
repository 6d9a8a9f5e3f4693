"""How long a `Retry-After` header asks to be left alone, in both forms of RFC 9110. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

FOR_EVER: Final = timedelta(days=36_500)
_MOST_DIGITS: Final = 9
"""More digits than this are centuries, and would overflow."""


def time_asked(header: str | None, now: datetime) -> timedelta | None:
    """Return the time that was asked for, below zero for a date gone by; None where nothing can be read."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) <= _MOST_DIGITS else FOR_EVER
    try:
        instant = parsedate_to_datetime(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
