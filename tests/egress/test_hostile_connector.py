"""The shipped hostile connector, in every role: each delivery still gets through, and no value leaks."""

from typing import get_args

import anyio
import pytest
import structlog
from structlog.testing import capture_logs

from lucca_sync.connector import Surroundings
from lucca_sync.egress.route import Route
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.model.delivery import Lane
from lucca_sync.testing.hostile import Deed, Entrance, HostileConfig, HostileConnector
from tests.egress.events import LANE, event
from tests.egress.stage import PEOPLE, SECTION, Actor, Stage, events_of, running

pytestmark = pytest.mark.looptime

CANARY = "Canary-4711"
LEAVES_OPEN = {"reject", "park", "park_without_zone", "park_until_the_end", "gone"}
SAYS_VALUES_ITSELF = {"values_in_reason", "values_in_receipt"}


def hostile_target(config: HostileConfig, stage: Stage) -> tuple[Target, list[HostileConnector]]:
    """Return a target, and the connectors that will have been made for it."""
    made = list[HostileConnector]()

    def make() -> HostileConnector:
        made.append(
            HostileConnector(config, Surroundings(LANE.connector, stage.clock, structlog.get_logger()))
        )
        return made[-1]

    return Target(LANE.connector, SECTION, make), made


def staged(config: HostileConfig) -> tuple[Stage, Egress, list[HostileConnector]]:
    """Return a stage, its egress, and the connectors it will have made."""
    stage = Stage()
    target, made = hostile_target(config, stage)
    return stage, Egress([PEOPLE], [target], stage.means()), made


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


async def test_what_one_attempt_spoilt_the_next_one_gets_as_it_was() -> None:
    stage, egress, made = staged(HostileConfig(type="hostile", script=("spoil", "spoil", "done")))
    journaled = event("updated", givenName="Grace")
    await stage.journal_events(journaled)
    async with running(egress):
        await stage.until_settled()
    first, _, last = (call[0].event.data for call in made[0].calls)
    assert "spoilt" in str(first)
    assert "spoilt" not in str(last)
    assert last["record"] == {"id": "7", "type": "employee", "givenName": "Grace"}


async def test_a_door_that_opens_at_the_third_try_is_tried_three_times() -> None:
    stage, egress, made = staged(HostileConfig(type="hostile", fails_to_open=2))
    await stage.journal_events(event())
    async with running(egress):
        await stage.until_settled()
    assert [connector.life for connector in made] == [
        ["open", "close"],
        ["open", "close"],
        ["open", "deliver", "close"],
    ]


HOSTILE: list[HostileConfig] = [
    *(HostileConfig(type="hostile", script=(deed,)) for deed in get_args(Deed)),
    *(HostileConfig(type="hostile", at_open=entrance, at_close=entrance) for entrance in get_args(Entrance)),
    HostileConfig(type="hostile", absurd=True),
]


@pytest.mark.parametrize("config", HOSTILE, ids=lambda config: f"{config.script[0]}-{config.at_open}")
async def test_nobody_else_is_kept_from_anything(config: HostileConfig) -> None:
    stage, neighbour = Stage(), Actor()
    target, _ = hostile_target(config, stage)
    lane = Lane("people-next-door", "next-door")
    route = Route(lane.route, frozenset({"employees"}), (lane.connector,))
    egress = Egress(
        [PEOPLE, route], [target, Target(lane.connector, SECTION, lambda: neighbour)], stage.means()
    )
    await stage.journal_events(*events_of("1", "2", "3", count=3), lanes=(LANE, lane))
    async with running(egress):
        while len(neighbour.got) < 9:  # noqa: ASYNC110 - what is awaited has no event of its own
            await anyio.sleep(1)
    assert neighbour.closed == 1
