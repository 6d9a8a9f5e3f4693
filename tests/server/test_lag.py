"""How the lag of the event loop is measured."""

from collections.abc import Sequence

import anyio
import pytest

from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.lag import measure_lag


@pytest.mark.looptime
@pytest.mark.parametrize(("times", "lag"), [([100, 105], 0), ([100, 107.5], 2.5), ([100, 104.9], 0)])
async def test_the_gauge_tells_how_late_a_timer_fired(times: Sequence[float], lag: float) -> None:
    metrics = Metrics()
    read = iter([*times, 0]).__next__
    with anyio.move_on_after(7):
        await measure_lag(metrics.loop_lag, 5.0, read)
    assert metrics.registry.get_sample_value("lucca_sync_loop_lag_seconds") == lag
