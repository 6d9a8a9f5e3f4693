"""What egress tells of itself: gauges, counters, and few log lines."""

from datetime import timedelta

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.connector import Abilities
from lucca_sync.egress.route import Route
from lucca_sync.kit.expression import CompiledExpression
from lucca_sync.model.delivery import Lane
from lucca_sync.model.outcome import Done, Park, Reject, Retry
from tests.egress.events import LANE, NOW, event
from tests.egress.stage import Actor, Stage, answers, events_of, running, sample, takes

pytestmark = pytest.mark.looptime

ON_LANE = {"route": LANE.route, "connector": LANE.connector}


async def test_the_gauges_tell_how_many_deliveries_stand_where_and_since_when() -> None:
    stage = Stage()
    actor = Actor(answers(Park("no number"), Reject("400")), Abilities(concurrency=1))
    await stage.journal_events(*events_of("1", "2"))
    async with running(stage.egress(actor)):
        await anyio.sleep(11)
        for state, count in {"pending": 0, "in_flight": 0, "retrying": 0, "parked": 1, "dead": 1}.items():
            assert sample(stage, "deliveries", state=state, **ON_LANE) == count
        assert sample(stage, "delivery_oldest_timestamp_seconds", **ON_LANE) == NOW.timestamp()


async def test_a_lane_without_deliveries_stands_at_zero_from_the_start() -> None:
    stage = Stage()
    async with running(stage.egress(Actor())):
        await anyio.sleep(0.1)
        assert sample(stage, "deliveries", state="pending", **ON_LANE) == 0
        assert sample(stage, "delivery_oldest_timestamp_seconds", **ON_LANE) == 0
        assert sample(stage, "delivery_outcomes_total", outcome="done", **ON_LANE) == 0


async def test_every_attempt_is_counted_by_what_became_of_it() -> None:
    stage = Stage()
    actor = Actor(answers(Retry("503"), Done(), Park("wait", NOW + timedelta(minutes=1)), Reject("400")))
    await stage.journal_events(*events_of("1", count=3))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    counted = {
        outcome: sample(stage, "delivery_outcomes_total", outcome=outcome, **ON_LANE)
        for outcome in ("done", "retry", "parked", "dead")
    }
    assert counted == {"done": 2, "retry": 1, "parked": 1, "dead": 1}


async def test_a_delivery_that_became_too_old_counts_as_dead() -> None:
    stage, actor = Stage(), Actor(answers(*[Retry("503", after=timedelta(hours=2))] * 20))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert sample(stage, "delivery_outcomes_total", outcome="dead", **ON_LANE) == 1
    assert sample(stage, "delivery_outcomes_total", outcome="retry", **ON_LANE) == 2


async def test_the_histograms_tell_how_long_an_attempt_and_the_whole_way_took() -> None:
    stage, actor = Stage(), Actor(takes(3))
    await stage.journal_events(*events_of("1"))
    async with running(stage.egress(actor)):
        await stage.until_settled()
    assert sample(stage, "delivery_attempt_seconds_sum", connector="crm") == pytest.approx(3, abs=0.1)
    assert sample(stage, "delivery_lag_seconds_sum", **ON_LANE) == pytest.approx(3, abs=0.1)


async def test_a_dead_letter_is_one_line_that_names_the_event_and_holds_no_value() -> None:
    stage, actor = Stage(), Actor(answers(Reject("400 Bad Request")))
    dead = event(givenName="Grace")
    await stage.journal_events(dead)
    with capture_logs() as logs:
        async with running(stage.egress(actor)):
            await stage.until_settled()
    assert logs == [
        {
            "event": "delivery_dead",
            "log_level": "warning",
            "event_id": dead.id,
            "route": LANE.route,
            "connector": LANE.connector,
            "attempt": 1,
            "reason": "400 Bad Request",
        }
    ]


async def test_an_event_on_which_the_condition_fails_is_a_dead_letter_and_reaches_nobody() -> None:
    failing = Route(
        LANE.route,
        frozenset({"employees"}),
        (LANE.connector,),
        when=CompiledExpression("length(record.age) > `2`"),
    )
    stage, actor = Stage(), Actor()
    await stage.journal_events(event(age=30))
    with capture_logs() as logs:
        async with running(stage.egress(actor, [failing])):
            await stage.until_settled()
    assert actor.calls == []
    assert [line["reason"] for line in logs] == [
        "the route's condition (`when`) fails on this event's values"
    ]


async def test_a_target_that_goes_bad_and_comes_back_is_told_twice_however_often_it_is_tried() -> None:
    stage, actor = Stage(), Actor(answers(*[Retry("503 Service Unavailable")] * 40))
    await stage.journal_events(*events_of("1", "2", "3", "4"))
    with capture_logs() as logs:
        async with running(stage.egress(actor)):
            await stage.until_settled()
    assert [(line["event"], line["connector"]) for line in logs] == [
        ("connector_failing", "crm"),
        ("connector_recovered", "crm"),
    ]
    assert logs[0]["reason"] == "503 Service Unavailable"


async def test_deliveries_that_no_configured_lane_will_take_are_told_once_at_the_start() -> None:
    stage, actor = Stage(), Actor()
    await stage.journal_events(*events_of("1", "2"), lanes=[Lane("gone", "crm")])
    with capture_logs() as logs:
        async with running(stage.egress(actor)):
            await anyio.sleep(60)
    assert logs == [
        {
            "event": "lane_not_configured",
            "log_level": "warning",
            "route": "gone",
            "connector": "crm",
            "deliveries": 2,
        }
    ]
