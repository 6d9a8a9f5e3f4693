"""The window's memory of requests that come close together."""

import pytest

from lucca_sync.lucca.window import GRAIN, Window


def test_requests_close_together_all_count_until_the_last_of_them_has_aged() -> None:
    window = Window(10)
    window.spend(0.0)
    window.spend(GRAIN * 0.9)
    assert window.free(window.span + GRAIN * 0.8) == 8
    assert window.free(window.span + GRAIN) == 10


def test_an_unbroken_stream_of_requests_ages_all_the_same() -> None:
    window = Window(3000)
    for step in range(2000):
        window.spend(step * GRAIN / 2)
    spent = window.capacity - window.free(2000 * GRAIN / 2)
    assert spent <= window.span / (GRAIN / 2) + 2


def test_its_memory_is_bounded_at_any_rate() -> None:
    window = Window(1_000_000)
    for step in range(100_000):
        window.spend(step / 2000)
    assert len(window.spent(50.0)) <= window.span / GRAIN


def test_a_lower_limit_waits_until_enough_has_aged() -> None:
    window = Window(10)
    for at in range(10):
        window.spend(at)
    assert (window.free(9, 4), window.wait(9, 10)) == (0, window.span - 9)
    assert window.wait(9, 4) == window.span + 6 - 9
    assert window.free(window.span + 6, 4) == 1
    assert window.free(9 + window.span, 1000) == 10


def test_a_limit_of_none_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="never has room"):
        Window(10).wait(0, 0)
