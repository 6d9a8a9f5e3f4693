"""What the governor does is shown while it sends nothing."""

from pathlib import Path

from lucca_sync.simulator.server.faults import Fault
from tests.endtoend.scene import scene
from tests.running import fetched, running, sample, until

ALLOWED = 'lucca_sync_budget_allowed_per_minute{tenant="acme"}'
AVAILABLE = 'lucca_sync_budget_available_requests{tenant="acme"}'


def refused(page: str) -> bool:
    """Tell whether any request was: for whatever it was sent, none follows it."""
    series = [line for line in page.splitlines() if line.startswith("lucca_sync_requests_total{")]
    assert series
    return any('outcome="throttled"' in line and not line.endswith(" 0.0") for line in series)


async def test_a_refusal_shows_in_the_metrics_though_no_request_is_sent_any_more(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        base = await daemon.started()
        await until(lambda: len(daemon.lines("baseline_done")) == 3)
        assert await sample(base, ALLOWED) == 100_000
        assert await sample(base, AVAILABLE) != 0
        at.simulator.misbehave(faults=[Fault(kind="status", status=429)])
        while not refused((await fetched(f"{base}/metrics"))[1]):
            pass
        assert await sample(base, ALLOWED) != 100_000
        assert await sample(base, AVAILABLE) == 0
        assert await daemon.stop() == 0
