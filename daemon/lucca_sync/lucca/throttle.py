"""How long to stay away after a refusal for haste, or for as long as a server in trouble asks. Pure.

Lucca sends `Retry-After` with 429 and does not document its form.
"""

from datetime import datetime, timedelta
from typing import Final

from lucca_sync.kit.retry_after import time_asked

WHOLE_WINDOW: Final = timedelta(seconds=60)
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=15)
_NO_TIME: Final = timedelta()


def pause_asked(retry_after: str | None, now: datetime) -> timedelta:
    """Return how long the server wants to be left alone: between one second and fifteen minutes.

    A whole window when it says nothing readable.
    """
    said = time_asked(retry_after, now)
    return WHOLE_WINDOW if said is None else min(max(said, SHORTEST), LONGEST)


def pause_after(retry_after: str | None, now: datetime, since_sent: timedelta = _NO_TIME) -> timedelta:
    """Return how long to send nothing after a 429 to a request that was sent `since_sent` ago.

    As long as the server asks, and never again inside the same minute: what made it full may be younger than
    what it counted from.
    """
    return max(pause_asked(retry_after, now), WHOLE_WINDOW - since_sent)
