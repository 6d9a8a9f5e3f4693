"""Whatever somebody asks for, a list answers or says what is wrong; it never falls over."""

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lucca_sync.simulator import Simulator
from lucca_sync.simulator.answers.catalogue import CATALOGUE
from lucca_sync.simulator.answers.lens import Lens
from lucca_sync.simulator.answers.pages import Address, Pages
from lucca_sync.simulator.answers.problems import Problem
from lucca_sync.simulator.answers.query import QueryReader
from lucca_sync.simulator.answers.tokens import PageTokens
from tests.simulator.visitor import Document, HandClock, unlimited

SIMULATOR = Simulator(unlimited(employees=30), HandClock())
PAGES = Pages(SIMULATOR.world, Lens(SIMULATOR.world), PageTokens(stable=True))
FILTERS = sorted({name for resource in CATALOGUE.values() for name in resource.filters})
NAMES = st.sampled_from(["limit", "page", "include", "sort", "value.x", *FILTERS]) | st.text(max_size=5)
VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["1", "1,2,,3", "null", "true", "2026-02-30", "..--..", "--", "links,totalCount,embedded"]
    ),
    st.sampled_from(["id", "-value", "value,-value.x,id", "-familyName,+createdAt", "endsOn,-startsOn"]),
    st.sampled_from(["!w.", "!w.W10", "!w.WyJmIiwiaWQiLDFd", "!w.WyJiIiwiaWQiLHRydWVd", "2", "9" * 5000]),
    st.sampled_from(["²", "٣", "1e3", "2026-01-01--2026-12-31"]),
)


@settings(max_examples=400)
@given(
    resource=st.sampled_from(sorted(CATALOGUE)),
    parameters=st.lists(st.tuples(st.sampled_from(["", "-"]), NAMES, VALUES), max_size=4),
)
@example("employees", [("", "limit", "9" * 5000)])
@example("employees", [("", "page", "9" * 5000)])
def test_any_query_is_answered_or_refused_with_400(
    resource: str, parameters: list[tuple[str, str, str]]
) -> None:
    named = [(f"{sign}{name}", value) for sign, name, value in parameters]
    status, body = answer(resource, named)
    assert status in (200, 400)
    if status == 200:
        assert body["type"] == resource
    else:
        assert body["errors"].keys() <= {name for name, _ in named}


def answer(resource: str, parameters: list[tuple[str, str]]) -> tuple[int, Document]:
    path = f"/lucca-api/{resource}"
    try:
        query = QueryReader(CATALOGUE[resource], parameters, strict=False).read()
        body = PAGES.list(query, Address("http://tenant", path, f"http://tenant{path}?{parameters}")).body()
    except Problem as problem:
        return problem.status, msgspec.json.decode(problem.body(path))
    return 200, msgspec.json.decode(body)
