"""What the governor does is shown while it sends nothing."""

from pathlib import Path

from lucca_sync.simulator.server.faults import Fault
from tests.endtoend.scene import scene
from tests.running import running, sample, until

ALLOWED = 'lucca_sync_budget_allowed_per_minute{tenant="acme"}'
AVAILABLE = 'lucca_sync_budget_available_requests{tenant="acme"}'


async def test_a_refusal_shows_in_the_metrics_though_no_request_is_sent_any_more(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        base = await daemon.started()
        await until(lambda: len(daemon.lines("baseline_done")) == 3)
        assert await sample(base, ALLOWED) == 100_000
        assert await sample(base, AVAILABLE) != 0
        at.simulator.misbehave(faults=[Fault(kind="status", status=429)])
        refused = 'lucca_sync_requests_total{outcome="throttled",purpose="sweep",tenant="acme"}'
        while not await sample(base, refused):
            pass
        assert await sample(base, ALLOWED) != 100_000
        assert await sample(base, AVAILABLE) == 0
        assert await daemon.stop() == 0
