"""A wish to read the settings again is not lost, whenever it comes."""

import signal
from collections.abc import Generator
from typing import Final

import pytest

from lucca_sync.cli.hangups import Hangups

SIGHUP: Final = signal.SIGHUP


@pytest.fixture
def hangups() -> Generator[Hangups]:
    """Hold what comes to this very process, until the test has ended."""
    before = signal.getsignal(SIGHUP)
    held = Hangups()
    held.hold()
    try:
        yield held
    finally:
        signal.signal(SIGHUP, before)


def test_what_comes_before_anybody_can_act_on_it_is_told_once_somebody_can(hangups: Hangups) -> None:
    told: list[None] = []
    signal.raise_signal(SIGHUP)
    signal.raise_signal(SIGHUP)
    hangups.tell(lambda: told.append(None))
    assert len(told) == 1


def test_what_comes_while_one_waits_to_be_heard_is_one_with_it_and_a_later_one_is_another(
    hangups: Hangups,
) -> None:
    told: list[None] = []
    hangups.tell(lambda: told.append(None))
    assert not told
    signal.raise_signal(SIGHUP)
    signal.raise_signal(SIGHUP)
    assert len(told) == 1
    hangups.heard()
    signal.raise_signal(SIGHUP)
    assert len(told) == 2
