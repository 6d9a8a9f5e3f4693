"""How late the event loop runs: the one figure that tells a blocked loop from a slow target."""

from typing import Final

import anyio
from prometheus_client import Gauge

EVERY: Final = 5.0


async def measure_lag(gauge: Gauge, every: float = EVERY) -> None:
    """Fill the gauge, for ever, with how many seconds later than asked a timer of the event loop fires."""
    while True:
        asked = anyio.current_time() + every
        await anyio.sleep_until(asked)
        gauge.set(max(anyio.current_time() - asked, 0.0))
