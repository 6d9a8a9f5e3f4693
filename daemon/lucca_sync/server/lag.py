"""How late the event loop runs: the one figure that tells a blocked loop from a slow target."""

from collections.abc import Callable
from typing import Final

import anyio
from prometheus_client import Gauge

EVERY: Final = 5.0


async def measure_lag(
    gauge: Gauge, every: float = EVERY, time: Callable[[], float] = anyio.current_time
) -> None:
    """Fill the gauge, for ever, with how many seconds later than asked a timer of the event loop fires."""
    while True:
        began = time()
        await anyio.sleep(every)
        gauge.set(max(time() - began - every, 0.0))
