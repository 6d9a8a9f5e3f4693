"""What is kept is still folded while nothing more is looked at: what is not folded may not be removed."""

from datetime import timedelta

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.app.business import TenantBusiness, unread_by_business
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.pressure import Level
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.kit.clock import Clock, LoopClock
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.health import Health
from lucca_sync.settings.business import Business
from lucca_sync.settings.model import Tenant
from tests.business.company import NOON, TENANT, Company, employee, settled
from tests.ingest.watching import Onlooker, staff

pytestmark = pytest.mark.looptime

SETTINGS = {
    "url": "https://acme.ilucca.net",
    "client_id": "x",
    "client_secret": "y",
    "resources": {"employees": None, "employments": None, "job-positions": None},
}


def folding(journal: Journal, clock: Clock) -> tuple[TenantBusiness, StoreGate]:
    """Return what folds the company's changes, and the gate that it looks at."""
    metrics = Metrics()
    gate = StoreGate(journal, Health(clock), metrics)
    lookout = Lookout(
        source=staff(),
        journal=journal,
        route=lambda _event: (),
        clock=clock,
        metrics=metrics,
        onlooker=Onlooker(),
        rouse=lambda: None,
    )
    settings = Tenant.model_validate(SETTINGS), Business.model_validate({})
    return TenantBusiness(TENANT, *settings, lookout, gate), gate


class Unreadable(MemoryJournal):
    """A journal whose notes cannot be read any more, once that is said."""

    fault: Exception | None = None

    async def note(self, key: str) -> bytes | None:
        if self.fault is not None:
            raise self.fault
        return await super().note(key)


async def test_all_is_folded_at_once_where_nothing_goes_wrong() -> None:
    company = Company(MemoryJournal())
    await company.baseline(**settled())
    assert await folding(company.journal, LoopClock(NOON))[0].once()


@pytest.mark.parametrize("fault", [StoreError("the disk is gone"), RuntimeError("a fault of ours")])
async def test_who_folds_once_says_when_it_did_not_go_well(fault: Exception) -> None:
    journal = Unreadable()
    company = Company(journal)
    await company.baseline(**settled())
    business, _ = folding(journal, LoopClock(NOON))
    journal.fault = fault
    with capture_logs():
        assert not await business.once()


async def test_a_paused_look_does_not_hold_retention_back_and_so_the_pause_can_end() -> None:
    clock, company = LoopClock(NOON), Company(MemoryJournal())
    business, gate = folding(company.journal, clock)
    await company.baseline(**settled())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(business.run)
        await anyio.sleep(60)
        company.clock.at = clock.now()
        await company.put("employees", employee(familyName="Lovelace"))
        gate.pressure.set(Level.PAUSED)
        await anyio.sleep(3600)
        tasks.cancel_scope.cancel()
    assert await company.names() == ["employee.renamed"]
    unread = await unread_by_business(company.journal, [TENANT])
    assert unread is not None
    assert unread > company.clock.at + timedelta(minutes=30)
