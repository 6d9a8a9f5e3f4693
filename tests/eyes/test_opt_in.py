"""Absences of v5 exist only where Lucca has switched them on."""

from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from lucca_sync.simulator.options import SimulatorOptions
from tests.eyes.town import VIRTUAL_TIME, only, town

pytestmark = VIRTUAL_TIME

ABSENCES = ("leaves-v5", "leave-accounts", "leave-requests-v5")
ON = SimulatorOptions(employees=20, requests_per_minute=0, leaves_v5=True)


@pytest.mark.parametrize("scopes", [{}, {"refuse_scopes": ["leaves", "leave-accounts", "leave-requests"]}])
async def test_a_tenant_without_them_is_told_so_once_and_clearly(scopes: Mapping[str, object]) -> None:
    async with town(only("employees", *ABSENCES), SimulatorOptions(employees=5)) as at:
        at.simulator.misbehave(**scopes)
        with capture_logs() as logs:
            for _ in range(4):
                await at.sweep()
        assert at.standing.refusals.keys() == set(ABSENCES)
        assert all("does not offer" in advice for _, advice in at.standing.refusals.values())
        assert sorted(line["resource"] for line in logs if line["event"] == "look_failed") == sorted(ABSENCES)


async def test_where_they_are_switched_on_they_are_read_like_any_other() -> None:
    async with town(only(*ABSENCES), ON) as at:
        await at.sweep()
        assert at.standing.refusals == {}
        for name in ABSENCES:
            path = name.removesuffix("-v5")
            state = await at.journal.state(at.station(name).post.watched.name)
            assert state.records == len(list(at.simulator.records(path))) > 0
