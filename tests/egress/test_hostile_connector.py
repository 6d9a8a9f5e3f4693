"""The shipped hostile connector, in every role: each delivery still gets through, and no value leaks."""

from typing import get_args

import anyio
import pytest
import structlog
from structlog.testing import capture_logs

from lucca_sync.connector import Surroundings
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.testing.hostile import Deed, Entrance, HostileConfig, HostileConnector
from tests.egress.events import LANE, event
from tests.egress.stage import PEOPLE, SECTION, Stage, running

pytestmark = pytest.mark.looptime

CANARY = "Canary-4711"
LEAVES_OPEN = {"reject", "park", "park_without_zone", "park_until_the_end"}
SAYS_VALUES_ITSELF = {"values_in_reason", "values_in_receipt"}


def staged(config: HostileConfig) -> tuple[Stage, Egress, list[HostileConnector]]:
    """Return a stage, its egress, and the connectors it will have made."""
    stage, made = Stage(), list[HostileConnector]()

    def make() -> HostileConnector:
        made.append(
            HostileConnector(config, Surroundings(LANE.connector, stage.clock, structlog.get_logger()))
        )
        return made[-1]

    return stage, Egress([PEOPLE], [Target(LANE.connector, SECTION, make)], stage.means()), made


@pytest.mark.parametrize("deed", [deed for deed in get_args(Deed) if deed not in LEAVES_OPEN])
@pytest.mark.parametrize("max_batch", [1, 3])
async def test_after_any_misdeed_everything_arrives_and_nothing_leaks(deed: Deed, max_batch: int) -> None:
    config = HostileConfig(type="hostile", script=(deed, deed, "done"), max_batch=max_batch, concurrency=2)
    stage, egress, made = staged(config)
    await stage.journal_events(*(event("created", str(n), givenName=CANARY) for n in range(4)))
    with capture_logs() as logs:
        async with running(egress):
            await stage.until_settled()
    assert set(await stage.states()) == {"done"}
    assert {delivery.event.record_id for call in made[0].calls for delivery in call} == {"0", "1", "2", "3"}
    assert made[0].life[-1] == "close"
    assert CANARY not in str(logs)
    assert deed in SAYS_VALUES_ITSELF or CANARY not in str(await stage.histories())


@pytest.mark.parametrize("entrance", get_args(Entrance))
async def test_trouble_at_the_door_is_survived(entrance: Entrance) -> None:
    stage, egress, made = staged(HostileConfig(type="hostile", at_open=entrance, at_close=entrance))
    await stage.journal_events(event())
    async with running(egress):
        await anyio.sleep(100)
    assert await stage.states() == ["pending" if entrance in {"raise", "hang"} else "done"]
    assert all(connector.life.count("open") == connector.life.count("close") == 1 for connector in made)
