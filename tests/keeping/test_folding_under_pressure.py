"""What is kept is still folded while nothing more is looked at: what is not folded may not be removed."""

from datetime import timedelta

import anyio
import pytest

from lucca_sync.app.business import TenantBusiness, unread_by_business
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.pressure import Level
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.kit.clock import LoopClock
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


async def test_a_paused_look_does_not_hold_retention_back_and_so_the_pause_can_end() -> None:
    clock, metrics = LoopClock(NOON), Metrics()
    company = Company(MemoryJournal())
    gate = StoreGate(company.journal, Health(clock), metrics)
    lookout = Lookout(
        source=staff(),
        journal=company.journal,
        route=lambda _event: (),
        clock=clock,
        metrics=metrics,
        onlooker=Onlooker(),
        rouse=lambda: None,
    )
    business = TenantBusiness(
        TENANT, Tenant.model_validate(SETTINGS), Business.model_validate({}), lookout, gate
    )
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
