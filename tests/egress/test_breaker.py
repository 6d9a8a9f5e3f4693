"""When a target is left alone, and when it is tried again."""

from datetime import datetime, timedelta

from lucca_sync.egress.breaker import USUAL, Breaker, Subject
from tests.egress.events import NOW

SECOND = timedelta(seconds=1)


def subject(number: int) -> Subject:
    return "acme", f"employees/{number}"


def breaker() -> Breaker:
    return Breaker(USUAL, lambda: 0.0)


def call(one: Breaker, number: int, *, worked: bool, at: datetime = NOW) -> bool:
    """Make one call about a subject; tell whether it was let out."""
    ticket = one.admit(at)
    if ticket is not None:
        one.heard(ticket, [subject(number)], worked=worked, now=at)
    return ticket is not None


def opened(at: datetime = NOW) -> Breaker:
    one = breaker()
    for number in range(USUAL.subjects):
        call(one, number, worked=False, at=at)
    assert one.state(at) == "open"
    return one


def test_it_opens_when_enough_different_subjects_fail() -> None:
    one = breaker()
    for number in range(USUAL.subjects):
        assert one.state(NOW) == "closed"
        call(one, number, worked=False)
    assert one.state(NOW) == "open"
    assert one.admit(NOW) is None


def test_one_poisoned_subject_never_opens_it_however_often_it_fails() -> None:
    one = breaker()
    for second in range(1000):
        assert call(one, 7, worked=False, at=NOW + second * SECOND)
    assert one.state(NOW) == "closed"


def test_one_that_poisons_each_batch_counts_once_whoever_stands_beside_it() -> None:
    one = breaker()
    call(one, -7, worked=False)
    for number in range(100):
        ticket = one.admit(NOW)
        assert ticket is not None
        one.heard(ticket, [subject(number), subject(-7), subject(-number)], worked=False, now=NOW)
    assert one.state(NOW) == "closed"


def test_few_failures_among_many_successes_do_not_open_it() -> None:
    one = breaker()
    for number in range(100):
        call(one, number, worked=number % 3 > 0)
    assert one.state(NOW) == "closed"


def test_subjects_that_wait_for_their_next_try_do_not_stand_for_a_target_that_works() -> None:
    """Many events for each subject: sooner or later each waits for a retry, while most calls get through."""
    one, flowing = breaker(), list(range(40))
    for number in range(190):
        turn = number % len(flowing)
        call(one, flowing[turn], worked=number % 5 > 0)
        if number % 5 == 0:
            del flowing[turn]  # it waits for its retry
    assert one.state(NOW) == "closed"


def test_failures_that_lie_apart_do_not_add_up() -> None:
    one = breaker()
    for number in range(100):
        call(one, number, worked=False, at=NOW + number * USUAL.window / 4)
    assert one.state(NOW) == "closed"


def test_a_subject_that_got_through_since_counts_as_well() -> None:
    one = breaker()
    for number in range(USUAL.subjects - 1):
        call(one, number, worked=False)
    call(one, 0, worked=True)
    call(one, 99, worked=False)
    assert one.state(NOW) == "closed"


def test_after_its_rest_few_calls_are_let_out_and_one_success_closes_it() -> None:
    one = opened()
    later = NOW + one.rest
    assert one.state(later - SECOND / 100) == "open"
    assert one.state(later) == "half_open"
    tickets = [one.admit(later) for _ in range(10)]
    let_out = [ticket for ticket in tickets if ticket]
    assert len(let_out) == USUAL.trials
    assert one.heard(let_out[0], [subject(1)], worked=True, now=later)
    assert one.state(later) == "closed"


def test_when_all_trials_fail_it_rests_twice_as_long_up_to_a_limit() -> None:
    one, at, rests = opened(), NOW, list[timedelta]()
    for _ in range(12):
        rests.append(one.rest)
        at += one.rest
        for number in range(USUAL.trials):
            call(one, number, worked=False, at=at)
        assert one.state(at) == "open"
    assert rests[:4] == [USUAL.rest, 2 * USUAL.rest, 4 * USUAL.rest, 8 * USUAL.rest]
    assert rests[-1] == USUAL.longest_rest


def test_what_a_call_from_before_the_rest_tells_comes_too_late() -> None:
    one = breaker()
    before = [one.admit(NOW) for _ in range(2 * USUAL.subjects)]
    for number in range(USUAL.subjects):
        call(one, number, worked=False)
    later = NOW + one.rest / 2
    for number, ticket in enumerate(before):
        assert ticket is not None
        assert not one.heard(ticket, [subject(number)], worked=number == 0, now=later)
    assert one.until == NOW + one.rest


def test_a_trial_that_told_nothing_of_the_target_is_made_again() -> None:
    one = opened()
    later = NOW + one.rest
    for _ in range(20):
        ticket = one.admit(later)
        assert ticket is not None
        one.heard(ticket, (), worked=False, now=later)
    assert one.state(later) == "half_open"


def test_the_rest_is_drawn_from_the_upper_half_so_that_targets_do_not_come_back_together() -> None:
    one = Breaker(USUAL, lambda: 0.999)
    for number in range(USUAL.subjects):
        call(one, number, worked=False)
    assert USUAL.rest / 2 <= one.rest < USUAL.rest


def test_a_clock_that_is_set_back_makes_no_rest_longer_than_it_was() -> None:
    one = opened()
    earlier = NOW - timedelta(days=400)
    assert one.wait(earlier) == one.rest
    assert one.state(earlier + one.rest) == "half_open"


def test_a_noted_rest_goes_on_and_the_next_one_grows_from_it() -> None:
    one = breaker()
    one.restore(NOW + 40 * SECOND, 40 * SECOND)
    assert one.state(NOW) == "open"
    later = NOW + 40 * SECOND
    for number in range(USUAL.trials):
        call(one, number, worked=False, at=later)
    assert one.rest == 80 * SECOND
