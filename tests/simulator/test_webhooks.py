"""The tenant sends what happens to those who asked for it, signed, and behaves about it as documented."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Literal

import anyio
import pytest

from lucca_sync.kit.clock import Clock, LoopClock
from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.options import EventsOrder
from lucca_sync.simulator.world.actions import ChangePhone, Hire, Move, RenameDepartment, RequestLeave, Touch
from tests.simulator.receiver import Receiver, receiving, subscribe, write
from tests.simulator.visitor import NOON, Document, Visitor, unlimited, visiting

pytestmark = pytest.mark.leaping


def change(simulator: Simulator, employee: str = "4") -> None:
    simulator.perform(ChangePhone(employee=employee))


async def status_of(visitor: Visitor, endpoint: Document) -> str:
    return str((await visitor.get(f"webhook-endpoints/{endpoint['id']}")).json["status"])


async def deliveries(visitor: Visitor) -> list[Document]:
    return (await visitor.get("webhook-deliveries?limit=100")).items


class LeapClock(LoopClock):
    """Moves with the event loop, and further when told to."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def told(
    options: SimulatorOptions | None = None, clock: Clock | None = None
) -> AbstractAsyncContextManager[Visitor]:
    return visiting(options or unlimited(), clock or LoopClock(NOON))


async def test_a_webhook_is_signed_over_its_timestamp_and_raw_body_with_the_secret_as_text() -> None:
    async with told() as visitor, receiving() as receiver:
        endpoint = await subscribe(visitor, receiver.url)
        change(visitor.simulator)
        (parcel,) = await receiver.count(1)
        assert parcel.is_signed_with(endpoint["secret"])
        assert not parcel.is_signed_with(endpoint["secret"] + "x")
        assert abs(parcel.sent_at - visitor.simulator.world.now()) < timedelta(seconds=5)
        assert parcel.content_type == "application/json"


async def test_the_content_type_may_name_a_charset() -> None:
    async with told(unlimited(webhook_charset=True)) as visitor, receiving() as receiver:
        await subscribe(visitor, receiver.url)
        change(visitor.simulator)
        assert (await receiver.count(1))[0].content_type == "application/json; charset=utf-8"


async def test_the_event_shows_the_record_right_after_the_change_and_what_it_was_before() -> None:
    async with told() as visitor, receiving() as receiver:
        before = (await visitor.get("employees/4")).json
        await subscribe(visitor, receiver.url)
        change(visitor.simulator)
        event = (await receiver.count(1))[0].event
        assert event["data"] == (await visitor.get("employees/4")).json
        assert event["previousAttributes"] == {"phoneNumber": before["phoneNumber"]}
        assert event["source"] == visitor.url
        assert event["links"]["retry"]["href"] == f"{visitor.url}/lucca-api/webhook-deliveries"
        assert (await visitor.get(f"events/{event['id']}?include=links")).json == event
        establishment = (await visitor.get(before["applicableJobPosition"]["url"])).json
        assert event["businessEstablishment"] == establishment["businessEstablishment"]


async def test_one_action_fans_out_into_an_event_for_each_record_with_a_topic() -> None:
    topics = ["employee.created", "employment.created", "job-position.created"]
    async with told() as visitor, receiving() as receiver:
        await subscribe(visitor, receiver.url, *topics, "probationary-period.created", "employee.updated")
        visitor.simulator.perform(Hire())
        change(visitor.simulator)
        await receiver.count(4)
        assert sorted(receiver.topics) == sorted([*topics, "employee.updated"])


async def test_only_a_record_s_own_fields_make_an_event_not_those_that_follow_from_others() -> None:
    """Trap 15: moving somebody changes employee.applicableJobPosition, and no employee.updated tells so."""
    async with told() as visitor, receiving() as receiver:
        topics = [
            f"{kind}.{verb}" for kind in ("employee", "job-position") for verb in ("created", "updated")
        ]
        await subscribe(visitor, receiver.url, *topics)
        entries = visitor.simulator.perform(Move(employee="4", department="2"))
        assert "employees" in [entry.resource for entry in entries]
        change(visitor.simulator)
        await receiver.count(2)
        assert sorted(receiver.topics) == ["employee.updated", "job-position.created"]


async def test_what_midnight_turns_makes_no_event() -> None:
    """Trap 13: status and applicable* change with the day, without a word."""
    clock = LeapClock(NOON)
    async with told(unlimited(events="always"), clock) as visitor:
        simulator: Simulator = visitor.simulator
        simulator.perform(Hire(start="2026-11-24"))
        known = (await visitor.get("events?limit=0&include=totalCount")).json["totalCount"]
        assert known > 0
        clock.ahead = timedelta(days=3)
        await visitor.sign_in()
        entries = simulator.world.catch_up()
        assert "employees" in [entry.resource for entry in entries]
        assert (await visitor.get("events?limit=0&include=totalCount")).json["totalCount"] == known


async def test_an_endpoint_hears_only_its_topics_and_establishments() -> None:
    async with told() as visitor, receiving() as here, receiving() as there:
        place = {"id": "1"}
        await subscribe(visitor, here.url, "employee.created", businessEstablishments=[place])
        await subscribe(visitor, there.url, "employee.created", "department.updated")
        for establishment in ("2", "1"):
            visitor.simulator.perform(Hire(establishment=establishment))
        visitor.simulator.perform(RenameDepartment(department="2"))
        await there.count(3)
        (parcel,) = await here.count(1)
        assert parcel.event["businessEstablishment"]["id"] == "1"
        assert there.topics.count("department.updated") == 1


@pytest.mark.parametrize("name", ["echo", "challenge"])
async def test_activation_asks_the_address_to_repeat_a_word_that_is_not_ascii(
    name: Literal["echo", "challenge"],
) -> None:
    """Trap 32: the parameter has had two names."""
    async with told(unlimited(activation_parameter=name)) as visitor, receiving() as receiver:
        receiver.willing = False
        refused = await subscribe(visitor, receiver.url)
        assert (refused["status code"], list(refused["errors"])) == (400, ["webhookUrl"])
        assert [list(asked) for asked in receiver.asked] == [[name]]
        assert not receiver.asked[0][name].isascii()
        receiver.willing = True
        assert (await subscribe(visitor, receiver.url))["status"] == "active"


async def test_an_endpoint_is_inactive_unless_it_says_otherwise_and_its_secret_is_shown_once() -> None:
    """Trap 38: whoever loses the secret has to make a new endpoint."""
    async with told() as visitor, receiving() as receiver:
        content = {
            "name": "tests",
            "webhookUrl": receiver.url,
            "apiVersion": "2024-11-01",
            "topics": ["ping"],
        }
        made = await write(visitor, "POST", "webhook-endpoints", content)
        assert (made["status code"], made["status"], receiver.asked) == (201, "inactive", [])
        shown = (await visitor.get(f"webhook-endpoints/{made['id']}")).json
        assert shown == {key: made[key] for key in made if key not in ("secret", "status code")}
        changed = await write(visitor, "PATCH", f"webhook-endpoints/{made['id']}", {"status": "active"})
        assert (changed["status"], len(receiver.asked), "secret" in changed) == ("active", 1, False)
        assert (await visitor.get("webhook-endpoints?status=inactive")).items == []
        gone = await write(visitor, "DELETE", f"webhook-endpoints/{made['id']}")
        assert gone == {"status code": 204}
        assert (await visitor.get(f"webhook-endpoints/{made['id']}")).status == 404


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"webhookUrl": "https://example.org/hook"}, "webhookUrl"),
        ({"webhookUrl": "ftp://127.0.0.1/hook"}, "webhookUrl"),
        ({"webhookUrl": "nonsense"}, "webhookUrl"),
        ({"apiVersion": "1999-01-01"}, "apiVersion"),
        ({"topics": []}, "topics"),
        ({"businessEstablishments": []}, "businessEstablishments"),
        ({"businessEstablishments": [{"id": "999"}]}, "businessEstablishments"),
        ({"status": "asleep"}, "body"),
    ],
)
async def test_an_endpoint_that_makes_no_sense_is_refused(wrong: Document, named: str) -> None:
    async with told() as visitor, receiving() as receiver:
        refused = await subscribe(visitor, receiver.url, **wrong)
        assert (refused["status code"], list(refused["errors"])) == (400, [named])
        assert receiver.asked == []


async def test_an_endpoint_lacks_whatever_it_must_have() -> None:
    async with told() as visitor:
        refused = await write(visitor, "POST", "webhook-endpoints", {})
        assert set(refused["errors"]) == {"name", "webhookUrl", "apiVersion", "topics"}


async def test_nobody_writes_over_what_somebody_else_has_written() -> None:
    async with told() as visitor, receiving() as receiver:
        made = await subscribe(visitor, receiver.url)
        path = f"webhook-endpoints/{made['id']}"
        etag = (await visitor.get(path)).headers["ETag"]
        headers = {**visitor.headers, "If-Match": etag}
        address = f"/lucca-api/{path}"
        first = await visitor.ask("PATCH", address, headers=headers, json={"name": "mine"})
        second = await visitor.ask("PATCH", address, headers=headers, json={"name": "yours"})
        assert (first.status, second.status) == (200, 412)


async def test_writing_takes_a_scope_for_writing() -> None:
    async with told() as visitor, receiving() as receiver:
        await visitor.sign_in("webhook-endpoints.readonly")
        assert (await visitor.get("webhook-endpoints")).status == 200
        assert (await subscribe(visitor, receiver.url))["status code"] == 403
        assert (await visitor.get("events")).status == 403


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
async def test_a_refused_delivery_is_tried_five_times_over_a_day_and_then_given_up(status: int) -> None:
    """Trap 36: whoever is down for longer than a day has to ask for what was missed."""
    async with told() as visitor, receiving() as receiver:
        receiver.status = lambda _: status
        endpoint = await subscribe(visitor, receiver.url)
        change(visitor.simulator)
        parcels = await receiver.count(5)
        assert len({parcel.event["id"] for parcel in parcels}) == 1
        assert timedelta(hours=20) < parcels[-1].sent_at - parcels[0].sent_at < timedelta(hours=26)
        (delivery,) = await settled(visitor)
        assert (delivery["status"], delivery["attemptsCount"]) == ("failed", 5)
        assert len((await visitor.get("events?status=failed")).items) == 1
        assert await status_of(visitor, endpoint) == "active"
        attempts = (await visitor.get("webhook-delivery-attempts")).items
        assert {(attempt["responseStatusCode"], attempt["errorResponseBody"]) for attempt in attempts} == {
            (status, "thank you")
        }


async def settled(visitor: Visitor) -> list[Document]:
    """Sign in anew (a day may have passed) and wait until nothing is on its way any more."""
    await visitor.sign_in()
    while any(
        delivery["status"] == "undelivered" and "nextAttemptAt" not in delivery
        for delivery in await deliveries(visitor)
    ):
        pass
    return await deliveries(visitor)


@pytest.mark.parametrize("status", [404, 410])
async def test_an_address_that_is_gone_suspends_its_endpoint_at_once(status: int) -> None:
    """Trap 31: what comes meanwhile stays in the history, and no re-activation sends it."""
    async with told() as visitor, receiving() as receiver:
        receiver.status = lambda _: status
        endpoint = await subscribe(visitor, receiver.url)
        change(visitor.simulator)
        await receiver.count(1)
        while await status_of(visitor, endpoint) != "suspended":
            pass
        change(visitor.simulator, "5")
        assert [delivery["status"] for delivery in await deliveries(visitor)] == ["failed", "failed"]
        failed = (await visitor.get("events?status=failed")).items
        assert [event["data"]["id"] for event in failed] == ["4", "5"]
        receiver.status = lambda _: 202
        await write(visitor, "PATCH", f"webhook-endpoints/{endpoint['id']}", {"status": "active"})
        change(visitor.simulator, "6")
        assert (await receiver.count(2))[1].event["data"]["id"] == "6"


async def test_failures_in_a_row_suspend_an_endpoint() -> None:
    async with told(unlimited(webhook_patience=3)) as visitor, receiving() as receiver:
        receiver.status = lambda _: 503
        endpoint = await subscribe(visitor, receiver.url)
        for employee in ("4", "5", "6"):
            change(visitor.simulator, employee)
        await receiver.count(3)
        while await status_of(visitor, endpoint) != "suspended":
            pass


async def test_an_answer_that_takes_longer_than_three_seconds_is_none() -> None:
    """Trap 30: a consumer that works inline gets everything again."""
    async with told() as visitor, receiving() as receiver:
        endpoint = await subscribe(visitor, receiver.url)
        receiver.patience = 4.0
        change(visitor.simulator)
        await anyio.sleep(5)
        attempts = (await visitor.get("webhook-delivery-attempts")).items
        assert attempts[0]["isSuccessful"] is False
        assert "responseStatusCode" not in attempts[0]
        assert "nextAttemptAt" in (await deliveries(visitor))[0]
        assert await status_of(visitor, endpoint) == "active"


async def test_an_inactive_endpoint_keeps_no_history() -> None:
    """Trap 37: what happens while it is inactive is never told."""
    async with told() as visitor, receiving() as receiver:
        endpoint = await subscribe(visitor, receiver.url)
        path = f"webhook-endpoints/{endpoint['id']}"
        await write(visitor, "PATCH", path, {"status": "inactive"})
        change(visitor.simulator)
        await write(visitor, "PATCH", path, {"status": "active"})
        change(visitor.simulator, "5")
        await receiver.count(1)
        assert [event["data"]["id"] for event in (await visitor.get("events")).items] == ["5"]


async def test_a_test_and_a_repetition_can_be_asked_for() -> None:
    async with told() as visitor, receiving() as receiver:
        endpoint = {"id": (await subscribe(visitor, receiver.url))["id"]}
        made = await write(visitor, "POST", "webhook-deliveries", {"webhookEndpoint": endpoint})
        assert made["status code"] == 201
        await receiver.count(1)
        change(visitor.simulator)
        event = {"id": (await receiver.count(2))[1].event["id"]}
        await write(visitor, "POST", "webhook-deliveries", {"webhookEndpoint": endpoint, "event": event})
        parcels = await receiver.count(3)
        assert receiver.topics == ["ping", "employee.updated", "employee.updated"]
        assert parcels[1].body == parcels[2].body
        for wrong in ({"webhookEndpoint": {"id": "9"}}, {"webhookEndpoint": endpoint, "event": {"id": "99"}}):
            assert (await write(visitor, "POST", "webhook-deliveries", wrong))["status code"] == 400


async def receive(receiver: Receiver, visitor: Visitor, number: int) -> None:
    for place in range(number):
        visitor.simulator.perform(Touch(resource="employees", id=str(place + 1)))
    await receiver.count(number)


async def test_webhooks_can_arrive_twice() -> None:
    """Trap 35: the same event comes again, with the same id."""
    async with told() as visitor, receiving() as receiver:
        await subscribe(visitor, receiver.url)
        visitor.simulator.misbehave(webhooks={"repeated": 1.0})
        change(visitor.simulator)
        first, second = await receiver.count(2)
        assert first.event["id"] == second.event["id"]
        assert visitor.simulator.stats.met["webhook-repeated"] == 1


async def test_webhooks_can_overtake_each_other() -> None:
    """Trap 34: an old state can come after a newer one."""
    async with told() as visitor, receiving() as receiver:
        await subscribe(visitor, receiver.url)
        visitor.simulator.misbehave(webhooks={"shuffled": 0.5})
        await receive(receiver, visitor, 20)
        ids = [int(parcel.event["id"]) for parcel in receiver.parcels]
        assert sorted(ids) == list(range(1, 21)) != ids
        assert visitor.simulator.stats.met["webhook-shuffled"] > 0


async def test_webhooks_can_be_lost_though_they_are_called_delivered() -> None:
    async with told() as visitor, receiving() as receiver:
        await subscribe(visitor, receiver.url)
        visitor.simulator.misbehave(webhooks={"lost": 1.0})
        change(visitor.simulator)
        visitor.simulator.behave()
        change(visitor.simulator, "5")
        (parcel,) = await receiver.count(1)
        assert parcel.event["data"]["id"] == "5"
        assert (await deliveries(visitor))[0]["status"] == "delivered"
        assert len((await visitor.get("events")).items) == 2
        assert visitor.simulator.stats.met["webhook-lost"] == 1


async def test_a_change_can_go_without_an_event() -> None:
    async with told(unlimited(events="always")) as visitor:
        visitor.simulator.misbehave(webhooks={"unrecorded": 1.0})
        change(visitor.simulator)
        assert (await visitor.get("events")).items == []
        assert visitor.simulator.stats.met["webhook-unrecorded"] == 1


async def test_webhooks_can_come_late() -> None:
    async with told() as visitor, receiving() as receiver:
        await subscribe(visitor, receiver.url)
        visitor.simulator.misbehave(webhooks={"delayed": 40})
        change(visitor.simulator)
        (parcel,) = await receiver.count(1)
        occurred = datetime.fromisoformat(parcel.event["occurredAt"])
        assert parcel.sent_at - occurred >= timedelta(seconds=39)


async def test_webhooks_can_be_signed_wrongly_or_be_old() -> None:
    """Trap 33: only an HMAC over the very bytes, with a time close to ours, tells them apart."""
    async with told() as visitor, receiving() as receiver:
        endpoint = await subscribe(visitor, receiver.url)
        visitor.simulator.misbehave(webhooks={"wrong_signature": 1.0})
        change(visitor.simulator)
        await receiver.count(1)
        visitor.simulator.misbehave(webhooks={"old_timestamp": 1.0})
        change(visitor.simulator)
        forged, old = await receiver.count(2)
        assert not forged.is_signed_with(endpoint["secret"])
        assert old.is_signed_with(endpoint["secret"])
        assert visitor.simulator.world.now() - old.sent_at > timedelta(minutes=14)


@pytest.mark.parametrize(
    ("order", "ids"),
    [("oldest-first", range(1, 31)), ("newest-first", range(30, 0, -1)), ("unordered", None)],
)
async def test_events_are_read_back_page_by_page_in_the_order_chosen(
    order: EventsOrder, ids: range | None
) -> None:
    async with told(unlimited(events="always", events_order=order)) as visitor:
        for place in range(30):
            visitor.simulator.perform(Touch(resource="employees", id=str(place + 1)))
        read = [int(number) for page in await visitor.walk("events?limit=7") for number in page.ids]
        numbered = [int(number) for page in range(1, 6) for number in await page_ids(visitor, page)]
        assert read == numbered
        if ids is None:
            assert sorted(read) == list(range(1, 31))
            assert read not in (sorted(read), sorted(read, reverse=True))
        else:
            assert read == list(ids)
        second = (await visitor.get("events?limit=7&page=2&include=links")).json
        back = await visitor.get(second["links"]["prev"]["href"])
        assert [int(number) for number in back.ids] == read[:7]


async def page_ids(visitor: Visitor, page: int) -> list[str]:
    return (await visitor.get(f"events?limit=7&page={page}")).ids


async def test_events_older_than_two_months_are_forgotten() -> None:
    """Trap 36: nobody finds them again, delivered or not."""
    clock = LeapClock(NOON)
    async with told(unlimited(events="always"), clock) as visitor, receiving() as receiver:
        await subscribe(visitor, receiver.url)
        change(visitor.simulator)
        await receiver.count(1)
        clock.ahead = timedelta(days=62)
        change(visitor.simulator, "5")
        office = visitor.simulator.webhooks
        assert [event.id for event in office.events.values()] == [2]
        assert [delivery.event for delivery in office.deliveries.values()] == [2]


@pytest.mark.parametrize("switched_on", [True, False])
async def test_absences_have_events_only_where_the_current_api_has_absences(switched_on: bool) -> None:  # noqa: FBT001 - both
    async with told(unlimited(events="always", leaves_v5=switched_on)) as visitor:
        visitor.simulator.perform(RequestLeave(employee="4", start="2026-12-01"))
        topics = {event["topic"] for event in (await visitor.get("events?limit=100")).items}
        assert topics == ({"leave.created", "leave-request.created"} if switched_on else set())


async def test_nobody_hears_of_records_that_are_not_granted() -> None:
    async with told(unlimited(events="always")) as visitor:
        visitor.simulator.misbehave(hidden={"employees": ["4"]})
        change(visitor.simulator)
        change(visitor.simulator, "5")
        assert [event["data"]["id"] for event in (await visitor.get("events")).items] == ["5"]


async def test_webhooks_draw_on_the_limit_and_count_like_any_other_request() -> None:
    options = SimulatorOptions(requests_per_minute=2)
    async with visiting(options, LoopClock(NOON)) as visitor:
        replies = [await visitor.get(path) for path in ("events", "webhook-endpoints", "webhook-deliveries")]
        assert [reply.status for reply in replies] == [200, 200, 429]
        assert visitor.simulator.stats.requests("GET /lucca-api/events", 200) == 1
