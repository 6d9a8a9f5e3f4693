"""The oracle can fail: each way of telling something wrong is noticed, and none where all was told well."""

from collections.abc import Sequence

import pytest

from lucca_sync.simulator.shapes import Json, View
from tests.life.oracle import Moment, Oracle, Told
from tests.life.states import State, state_of

A, B, C = b'{"v":1}', b'{"v":2}', b'{"v":3}'
SUBJECT = "employees/1"


def lived(*states: State) -> dict[str, list[Moment]]:
    return {SUBJECT: [Moment(f"2026-03-02T08:0{minute}:00Z", state) for minute, state in enumerate(states)]}


def told(
    sequence: int, previous: State, record: State, *, id: str = "", subject: str = SUBJECT, kind: str = ""
) -> Told:
    kind = kind or ("created" if previous is None else "deleted" if record is None else "updated")
    return Told(id or f"e{sequence}", subject, kind, sequence, "2026-03-02T09:00:00Z", previous, record)


def faults(history: dict[str, list[Moment]], *events: Told) -> Sequence[str]:
    return [finding.fault for finding in Oracle().judge(history, events).findings]


def test_what_was_told_as_it_happened_is_well() -> None:
    verdict = Oracle().judge(lived(None, A, B, None), [told(1, None, A), told(2, A, B), told(3, B, None)])

    assert (verdict.findings, verdict.changes, verdict.events) == ([], 3, 3)
    assert (verdict.folded, verdict.unseen) == (0, 0)


def test_changes_between_two_looks_may_be_told_as_one() -> None:
    verdict = Oracle().judge(lived(A, B, C), [told(1, A, C)])

    assert (verdict.findings, verdict.folded) == ([], 1)


def test_a_change_that_was_taken_back_before_anybody_looked_is_counted() -> None:
    verdict = Oracle().judge(lived(A, B, A), [])

    assert (verdict.findings, verdict.unseen) == ([], 2)


def test_a_field_that_the_api_added_for_everybody_is_counted_apart() -> None:
    assert Oracle().judge(lived(A), [told(1, A, A)]).learnt == 1


@pytest.mark.parametrize(
    ("history", "events", "fault"),
    [
        pytest.param(lived(A, B), [], "missing", id="a change that nobody was told"),
        pytest.param(lived(A, B, C), [told(1, A, B)], "missing", id="the last change is not told"),
        pytest.param(lived(A, None), [], "missing", id="a deletion that nobody was told"),
        pytest.param(lived(A, B, C), [told(1, A, B), told(3, B, C)], "missing", id="a hole in the numbers"),
        pytest.param(lived(A), [told(1, A, B)], "invented", id="a state that never was"),
        pytest.param(lived(A), [told(1, A, None)], "invented", id="a deletion of what lives"),
        pytest.param({}, [told(1, None, A)], "invented", id="a subject that never was"),
        pytest.param(lived(A, B), [told(1, A, B), told(1, A, B)], "doubled", id="the same event twice"),
        pytest.param(
            lived(A, B, A, B), [told(1, A, B), told(2, B, A, id="e1")], "id reused", id="one id, two changes"
        ),
        pytest.param(lived(A, B, C), [told(2, A, B), told(1, B, C)], "out of order", id="numbers go down"),
        pytest.param(lived(A, B, C), [told(1, A, C), told(2, C, B)], "out of order", id="a step back"),
        pytest.param(lived(A, B, C), [told(1, B, C)], "wrong previous", id="a step that was left out"),
        pytest.param(lived(A, B), [told(1, A, B, kind="created")], "wrong kind", id="called something else"),
    ],
)
def test_each_way_of_telling_it_wrong_is_found(
    history: dict[str, list[Moment]], events: Sequence[Told], fault: str
) -> None:
    assert fault in faults(history, *events)


def test_what_is_told_before_it_is_true_is_found() -> None:
    early = Told("e1", SUBJECT, "updated", 1, "2026-03-02T08:00:30Z", A, B)

    assert faults(lived(A, B), early) == ["foretold"]


def test_ids_and_numbers_go_on_from_one_age_to_the_next() -> None:
    oracle = Oracle()
    oracle.judge(lived(A, B), [told(1, A, B)])

    again = oracle.judge(lived(B, C), [told(1, B, C, id="e9")])

    assert [finding.fault for finding in again.findings] == ["out of order"]


def test_addresses_clocks_order_and_spelling_are_no_part_of_a_state() -> None:
    one: View = {
        "id": "1",
        "url": "http://here/1",
        "lastUpdatedAt": "2026-03-02T08:00:00Z",
        "level": 1,
        "manager": {"id": "2", "type": "employee", "url": "http://here/2"},
        "entities": [{"id": "1"}, {"id": "2"}],
    }
    other: View = {
        "id": "1",
        "lastUpdatedAt": "2026-03-02T09:00:00Z",
        "level": 1.0,
        "manager": {"type": "employee", "id": "2"},
        "entities": [{"id": "2"}, {"id": "1"}],
        "links": {"portrait": {"href": "http://here/?token=1"}},
    }

    assert state_of("departments", one) == state_of("departments", other)


@pytest.mark.parametrize(("name", "value"), [("name", "Fleet"), ("manager", None), ("level", 2)])
def test_everything_else_is(name: str, value: Json) -> None:
    record: View = {"id": "1", "name": "Sales", "level": 1, "manager": {"id": "2", "type": "employee"}}

    assert state_of("departments", record) != state_of("departments", {**record, name: value})


def test_a_duration_is_the_same_however_it_is_written() -> None:
    assert state_of("leaves", {"duration": "1.03:30:00"}) == state_of("leaves", {"duration": "PT27H30M"})
    assert state_of("leaves", {"duration": "12:00:00"}) != state_of("leaves", {"duration": "PT11H"})
