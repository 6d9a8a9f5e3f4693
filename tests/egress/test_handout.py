"""What leaves the daemon when a claim is handed out."""

from dataclasses import replace

from msgspec import structs

from lucca_sync.egress.handout import handed_out
from lucca_sync.egress.route import Route
from lucca_sync.kit.expression import CompiledExpression
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Reject
from tests.egress.events import LANE, NOW, claim, event

PEOPLE = Route("people-to-crm", frozenset({"employees"}), ("crm",))


def test_a_connector_gets_the_event_cut_to_its_route() -> None:
    delivery = handed_out(claim(event(), attempt=3), PEOPLE)
    assert isinstance(delivery, Delivery)
    assert "birthDay" not in (delivery.event.record or {"birthDay": None})
    assert (delivery.key, delivery.attempt, delivery.lane, delivery.journaled) == (1, 3, LANE, NOW)


def test_what_the_route_no_longer_asks_for_does_not_leave() -> None:
    narrowed = replace(PEOPLE, kinds=frozenset({"deleted"}))
    assert handed_out(claim(), narrowed) == Reject("the route no longer asks for this event")


def test_what_the_condition_fails_on_does_not_leave_and_is_not_quoted() -> None:
    narrowed = replace(PEOPLE, when=CompiledExpression("length(record.age) > `2`"))
    answer = handed_out(claim(event(age=12345)), narrowed)
    assert isinstance(answer, Reject)
    assert "12345" not in answer.reason


def test_a_resource_that_this_version_does_not_know_leaves_only_where_a_route_names_it() -> None:
    unknown = claim(structs.replace(event(), resource="payslips"))
    for_everything = replace(PEOPLE, resources=None)
    assert handed_out(unknown, for_everything) == Reject("the route no longer asks for this event")
    assert not isinstance(handed_out(unknown, replace(PEOPLE, resources=frozenset({"payslips"}))), Reject)
