"""Whatever the event and the route: what is hidden stays hidden, and every condition has an answer."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lucca_sync.egress.handout import handed_out
from lucca_sync.egress.route import Route, Router
from lucca_sync.egress.transform import cut, tells_something
from lucca_sync.kit.expression import CompiledExpression
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.event import KINDS, Event, FieldChange, Kind
from lucca_sync.model.values import Json, JsonObject
from tests.egress.events import claim, event

EMPLOYEES = CATALOGUE["employees"]
NAMES = ("givenName", "birthDay", "manager", "lastUpdatedAt", "a/b", "m~n", "~1", "")

leaves: st.SearchStrategy[Json] = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
values: st.SearchStrategy[Json] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
records = st.dictionaries(st.sampled_from(NAMES), values)
fields = st.none() | st.frozensets(st.sampled_from(NAMES))
kinds = st.sampled_from(KINDS)
conditions = st.sampled_from(
    (
        "record.givenName",
        "length(record.givenName) > `1`",
        "contains(record.givenName, previous.manager)",
        "sort_by(changes, &after)",
        "max_by(changes, &before).path",
        "sum(record.*)",
        "join('', record.manager)",
        "starts_with(record.givenName, record.manager)",
        "to_number(record.manager) > `3`",
        "map(&length(@), record.*)",
        "record.manager[::2]",
        "keys(record)[0] == 'manager'",
        "ceil(record.givenName) == avg(record.manager)",
        "reverse(record.givenName)",
        "merge(record, previous).givenName",
    )
).map(CompiledExpression)


def pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(kinds)
    record, previous = ({"id": "7", **draw(records)} for _ in range(2))
    changed = [name for name in NAMES if record.get(name) != previous.get(name)]
    changes = tuple(FieldChange(pointer(n), previous.get(n), record.get(n)) for n in changed)
    return structs.replace(
        event(kind),
        record=None if kind == "deleted" else record,
        previous=None if kind == "created" else previous,
        changes=changes if kind == "updated" else (),
    )


@st.composite
def routes(draw: st.DrawFn) -> Route:
    return Route(
        draw(st.sampled_from(("a", "b", "c"))),
        draw(st.frozensets(st.sampled_from(("employees", "departments")), min_size=1)),
        draw(st.sampled_from((("crm",), ("crm", "chat")))),
        tenants=draw(st.none() | st.just(frozenset({"acme"})) | st.just(frozenset({"globex"}))),
        kinds=draw(st.frozensets(kinds, min_size=1)),
        when=draw(st.none() | conditions),
        fields=draw(fields),
    )


def shown(name: str, listed: frozenset[str] | None) -> bool:
    return name == "id" or (name in listed if listed is not None else name not in EMPLOYEES.sensitive)


@given(events(), fields)
def test_nothing_hidden_is_in_what_is_shown_and_nothing_shown_is_missing(
    whole: Event, listed: frozenset[str] | None
) -> None:
    after = cut(whole, listed, EMPLOYEES)
    pairs: Sequence[tuple[JsonObject | None, JsonObject | None]] = (
        (whole.record, after.record),
        (whole.previous, after.previous),
    )
    for before, left in pairs:
        wanted = None if before is None else {n: v for n, v in before.items() if shown(n, listed)}
        assert left == wanted
    visible = {pointer(name) for name in NAMES if shown(name, listed)}
    assert after.changes == tuple(change for change in whole.changes if change.path in visible)


@given(events(), fields)
def test_cutting_twice_is_cutting_once(whole: Event, listed: frozenset[str] | None) -> None:
    once = cut(whole, listed, EMPLOYEES)
    assert cut(once, listed, EMPLOYEES) == once


@given(events(), fields)
def test_an_update_is_news_only_if_something_is_left_of_its_changes(
    whole: Event, listed: frozenset[str] | None
) -> None:
    left = cut(whole, listed, EMPLOYEES).changes
    if tells_something(whole, listed, EMPLOYEES):
        assert left or whole.kind != "updated"
    else:
        assert all(change.path == "/lastUpdatedAt" for change in left)


@given(events(), st.lists(routes(), max_size=5))
def test_routes_together_give_what_each_gives_alone(whole: Event, configured: list[Route]) -> None:
    alone = [lane for route in configured for lane in Router([route]).lanes(whole)]
    assert sorted(Router(configured).lanes(whole)) == sorted(alone)


@given(events(), routes())
def test_an_event_is_journaled_for_a_route_exactly_if_it_is_handed_out_or_a_dead_letter_because_unclear(
    whole: Event, route: Route
) -> None:
    handed = handed_out(claim(whole), route)
    journaled = bool(Router([route]).lanes(whole))
    answer = route.asks_for(whole)
    assert journaled == (answer in {"yes", "unclear"})
    assert isinstance(handed, Delivery) == (answer == "yes")


@given(events(), routes(), kinds)
def test_only_the_asked_for_kinds_pass(whole: Event, route: Route, kind: Kind) -> None:
    if kind not in route.kinds:
        assert not Router([route]).lanes(structs.replace(whole, kind=kind))
