"""Which events a route gets."""

import pytest

from lucca_sync.egress.route import Route, Router
from lucca_sync.kit.expression import CompiledExpression
from lucca_sync.model.delivery import Lane
from tests.egress.events import changed, event

PEOPLE = Route("people", frozenset({"employees"}), ("crm", "chat"))


def when(expression: str) -> Route:
    return Route("people", frozenset({"employees"}), ("crm",), when=CompiledExpression(expression))


def test_an_event_takes_every_lane_of_every_route_that_asks_for_it() -> None:
    more = Route("all", frozenset({"employees", "departments"}), ("files",))
    other = Route("units", frozenset({"departments"}), ("files",))
    assert Router([PEOPLE, more, other]).lanes(event()) == (
        Lane("people", "crm"),
        Lane("people", "chat"),
        Lane("all", "files"),
    )


def test_a_route_may_ask_for_some_tenants_only() -> None:
    router = Router([Route("people", frozenset({"employees"}), ("crm",), tenants=frozenset({"acme"}))])
    assert router.lanes(event(tenant="acme"))
    assert not router.lanes(event(tenant="globex"))


def test_a_route_may_ask_for_some_kinds_only() -> None:
    router = Router([Route("people", frozenset({"employees"}), ("crm",), kinds=frozenset({"deleted"}))])
    assert router.lanes(event("deleted"))
    assert not router.lanes(event("created"))


def test_an_update_that_changes_nothing_shown_gives_the_route_no_delivery() -> None:
    names = Route("names", frozenset({"employees"}), ("crm",), fields=frozenset({"givenName"}))
    everything = Route("all", frozenset({"employees"}), ("crm",))
    router = Router([names, everything])
    assert router.lanes(event(changes=changed("/manager/id"))) == (Lane("all", "crm"),)
    assert router.lanes(event(changes=changed("/birthDay"))) == ()


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("record.givenName == 'Ada'", True),
        ("record.givenName == 'Grace'", False),
        ("previous.givenName", True),
        ("record.absent", False),
        ("record.birthDay", True),
        ("changes[?path == '/givenName']", True),
        ("changes[?path == '/manager']", False),
        ("`0`", True),
        ('`""`', False),
        ("`[]`", False),
        ("`{}`", False),
        ("`false`", False),
        ("`null`", False),
    ],
)
def test_the_condition_is_true_as_jmespath_means_it_over_the_uncut_data(
    expression: str, *, wanted: bool
) -> None:
    assert bool(Router([when(expression)]).lanes(event())) is wanted


@pytest.mark.parametrize("expression", ["length(record.age) > `2`", "contains(record.givenName, `1`)"])
def test_a_condition_that_fails_on_an_event_loses_it_not(expression: str) -> None:
    route = when(expression)
    assert route.asks_for(event(age=30)) == "unclear"
    assert Router([route]).lanes(event(age=30)) == (Lane("people", "crm"),)


def test_a_condition_is_not_asked_about_what_the_route_does_not_want_anyway() -> None:
    route = Route(
        "people",
        frozenset({"employees"}),
        ("crm",),
        kinds=frozenset({"created"}),
        when=CompiledExpression("length(record.age) > `2`"),
    )
    assert route.asks_for(event("updated", age=30)) == "no"
