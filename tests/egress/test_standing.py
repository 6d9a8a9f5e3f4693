"""When a target counts as gone bad, and as come back."""

from lucca_sync.egress.standing import Standing


def test_a_target_goes_bad_at_the_third_failure_in_a_row_and_is_told_of_once() -> None:
    standing = Standing()
    assert [standing.failed(0) for _ in range(5)] == [False, False, True, False, False]


def test_a_success_in_between_starts_the_count_anew() -> None:
    standing = Standing()
    told = [
        standing.failed(0),
        standing.failed(0),
        standing.worked(0),
        standing.failed(0),
        standing.failed(0),
    ]
    assert not any(told)


def test_a_bad_target_comes_back_with_the_first_success_after_a_minute() -> None:
    standing = Standing()
    for _ in range(3):
        standing.failed(0)
    assert [standing.worked(59.9), standing.worked(60), standing.worked(61)] == [False, True, False]


def test_a_target_that_never_failed_does_not_come_back() -> None:
    assert not Standing().worked(0)
