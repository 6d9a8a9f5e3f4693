"""A company of a thousand people lives while everything goes wrong: what is told is what happened."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.life.company import START
from tests.life.lifetime import lived

LONG = int(os.environ.get("LIFE_DAYS", "4"))
"""Days of the long life: each takes more than a minute of a processor, a month the better part of an hour."""
BEFORE_SUMMER_TIME = datetime(2026, 3, 28, 5, 0, tzinfo=UTC)
SEED = int(os.environ.get("LIFE_SEED", "1"))


@pytest.mark.timeout(1800)
def test_for_two_days_what_is_told_is_what_happened_while_everything_goes_wrong(tmp_path: Path) -> None:
    """Nothing missing, nothing invented, in order, once; through every misbehaviour and two restorations."""
    assert lived(tmp_path, 2, START, SEED) == []


@pytest.mark.torture
@pytest.mark.timeout(1800 + LONG * 600)
def test_for_longer_what_is_told_is_what_happened_while_everything_goes_wrong(tmp_path: Path) -> None:
    """The same for four days, over the change to summer time and the end of a month; see LIFE_DAYS."""
    assert lived(tmp_path, LONG, BEFORE_SUMMER_TIME, SEED) == []
