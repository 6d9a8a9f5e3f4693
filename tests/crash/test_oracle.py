"""The oracle of the crash suite turns red for each law that is broken, and only then."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.crash.oracle import Announced, Arrival, Derived, Law, Route, Run, Stored, judge
from tests.life.oracle import Moment, Told

ALL = Route("all")
NAMES = Route("names", fields=frozenset({"id", "name"}))
WHO = "employees/1"


def state(name: str, floor: int = 1) -> bytes:
    return b'{"floor":%d,"id":"1","name":"%s"}' % (floor, name.encode())


def short(name: str) -> bytes:
    return b'{"id":"1","name":"%s"}' % name.encode()


def told(number: int, before: bytes, after: bytes, name: str = "") -> Told:
    return Told(name or f"id-{number}", WHO, "updated", number, "2026-01-09", before, after)


FIRST = told(1, state("A"), state("B"))
SECOND = told(2, state("B"), state("C"))
ONE, TWO = Arrival("all", FIRST, "b1"), Arrival("all", SECOND, "b2")
HISTORY = {
    WHO: [
        Moment("2026-01-01", state("A")),
        Moment("2026-01-02", state("B")),
        Moment("2026-01-03", state("C")),
    ]
}


def run(*arrivals: Arrival, stored: Sequence[Stored] = ()) -> Run:
    return Run(
        HISTORY, arrivals, stored, faults=Counter("f"), ends=Counter("e"), fresh=[WHO], calm=len(arrivals) - 1
    )


def broken(made: Run, *routes: Route) -> set[Law]:
    return {finding.law for finding in judge(made, routes or (ALL,)).findings}


def test_a_run_in_which_all_arrived_breaks_no_law_and_ends_with_figures() -> None:
    made = run(ONE, ONE._replace(acknowledged=False), TWO)
    verdict = judge(made, [ALL])
    assert not verdict.findings, str(verdict)
    figures = verdict.figures
    assert (figures.changes, figures.events, figures.deliveries) == (2, 2, 2)
    assert (figures.attempts, figures.repeats, figures.acknowledged) == (3, 1, 2)
    assert "changes: 2" in str(verdict)
    assert "sudden ends: 1 (e 1)" in str(verdict)


def test_a_change_that_never_arrived_is_lost() -> None:
    assert "conserved" in broken(run(ONE, ONE))


def test_a_number_left_out_is_lost_though_the_last_state_arrived() -> None:
    assert "conserved" in broken(run(TWO, TWO))


def test_what_a_target_got_and_did_not_keep_has_not_arrived() -> None:
    assert "conserved" in broken(run(ONE, ONE, TWO._replace(kept=False, acknowledged=False)))


@pytest.mark.parametrize("where", ["pending", "in_flight", "retrying", "parked", "dead"])
def test_what_stands_in_the_store_undelivered_is_not_lost(where: str) -> None:
    assert "conserved" not in broken(run(ONE, ONE, stored=[Stored("all", SECOND, where)]))


def test_what_the_store_calls_done_does_not_stand_for_an_arrival() -> None:
    assert {"conserved", "settled"} <= broken(run(ONE, ONE, stored=[Stored("all", SECOND, "done")]))


def test_an_event_of_a_state_that_never_was_is_invented() -> None:
    untrue = TWO._replace(told=told(2, state("B"), state("Z")))
    back = TWO._replace(told=told(3, state("Z"), state("C")))
    assert broken(run(ONE, ONE, untrue, back)) == {"conserved"}


def test_an_event_that_changes_nothing_is_invented() -> None:
    idle = Arrival("all", told(3, state("C"), state("C")), "b3")
    assert "conserved" in broken(run(ONE, ONE, TWO, idle))


def test_an_event_that_continues_from_another_state_is_wrong() -> None:
    assert "conserved" in broken(run(ONE, ONE, TWO._replace(told=told(2, state("A"), state("C")))))


def test_a_route_that_hides_fields_is_told_of_no_change_of_theirs() -> None:
    moved = [*HISTORY[WHO], Moment("2026-01-04", state("C", floor=2))]
    arrivals = [
        Arrival("names", told(number, short(before), short(after)), "b")
        for number, before, after in ((1, "A", "B"), (1, "A", "B"), (2, "B", "C"))
    ]
    made = replace(run(*arrivals), history={WHO: moved})
    assert not broken(made, NAMES)
    assert "conserved" in broken(replace(made, arrivals=arrivals[:2]), NAMES)
    assert "ordered" in broken(replace(made, arrivals=[arrivals[2], *arrivals[:2]]), NAMES)


def test_a_route_misses_nothing_of_resources_that_it_does_not_want() -> None:
    assert "conserved" not in broken(run(ONE, ONE), Route("other", resources=frozenset({"departments"})))


def test_what_a_route_does_not_want_must_not_arrive_on_it() -> None:
    assert "conserved" in broken(run(ONE, ONE, TWO), Route("all", resources=frozenset({"departments"})))


def test_other_bytes_under_one_id_are_not_intact() -> None:
    assert broken(run(ONE, ONE._replace(digest="other"), TWO)) == {"intact"}


def test_a_wrong_signature_is_not_intact() -> None:
    assert broken(run(ONE, ONE, TWO._replace(verified=False))) == {"intact"}


def test_a_change_with_two_ids_is_not_identified() -> None:
    again = ONE._replace(told=told(1, state("A"), state("B"), name="another"))
    assert "identified" in broken(run(ONE, ONE, again, TWO))


def test_one_id_for_two_changes_is_not_identified() -> None:
    assert "identified" in broken(
        run(ONE, ONE, TWO._replace(told=told(2, state("B"), state("C"), name="id-1")), TWO)
    )


def test_a_step_back_is_out_of_order() -> None:
    assert broken(run(ONE, TWO, ONE, TWO)) == {"ordered"}


def test_a_first_arrival_that_passes_another_is_out_of_order_unless_that_is_dead() -> None:
    dead = [Stored("all", FIRST, "dead")]
    assert "ordered" in broken(run(TWO, TWO))
    assert "ordered" not in broken(run(TWO, TWO, stored=dead))


HIRED = Announced("employee.hired", "1", "2026-02-01", ("id-1",))
TOLD_OF_IT = Arrival("business", Told("b-1", "people/1", "hired", 1, "2026-01-09", None, b"{}"), "h1")
SOUND = Derived("business", {"b-1": HIRED}, {"b-1": HIRED}, {"id-1"})
TWICE = {"b-1": HIRED, "b-2": HIRED}


def with_business(derived: Derived) -> Run:
    return replace(run(TOLD_OF_IT, ONE, ONE, TWO), business=derived)


def test_a_business_event_that_follows_and_arrived_breaks_no_law() -> None:
    assert not broken(with_business(SOUND))


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SOUND, due={**SOUND.due, "b-2": HIRED._replace(name="employee.left")}),
        replace(SOUND, due={}),
        replace(SOUND, raw=()),
        replace(SOUND, told=TWICE, due=TWICE),
        replace(SOUND, told={}, due={}),
        replace(SOUND, due={"b-1": HIRED._replace(because=("id-1", "id-2"))}),
    ],
    ids=[
        *("not told", "does not follow", "because of nothing", "under two ids", "not in the store"),
        "because of other changes",
    ],
)
def test_a_business_event_that_is_missing_made_up_or_told_twice_is_wrong(wrong: Derived) -> None:
    assert broken(with_business(wrong)) == {"derived"}


def test_the_figures_say_how_many_business_events_were_told_and_held_against_others() -> None:
    figures = judge(with_business(replace(SOUND, due={})), [ALL]).figures
    assert figures.announced == {"employee.hired": 1}
    assert not figures.compared
    assert "business events told: 1 (employee.hired 1)" in list(figures.lines())


def test_a_business_event_that_never_arrived_is_wrong() -> None:
    assert "derived" in broken(replace(with_business(SOUND), arrivals=[ONE, ONE, TWO]))


def test_a_fresh_change_that_came_only_before_the_faults_ended_is_missed() -> None:
    assert broken(replace(run(ONE, ONE, TWO), calm=3)) == {"fresh"}


def test_a_run_without_a_fresh_change_proves_nothing() -> None:
    assert broken(replace(run(ONE, ONE, TWO), fresh=[])) == {"fresh"}


@pytest.mark.parametrize(
    "void",
    [
        run(ONE, TWO),
        replace(run(ONE, ONE, TWO), faults=Counter()),
        replace(run(ONE, ONE, TWO), ends=Counter()),
    ],
    ids=["repeats", "faults", "ends"],
)
def test_a_run_that_saw_nothing_is_void(void: Run) -> None:
    assert broken(void) == {"void"}


def test_a_run_without_acknowledgements_is_void() -> None:
    assert "void" in broken(run(*(one._replace(acknowledged=False) for one in (ONE, ONE, TWO))))
