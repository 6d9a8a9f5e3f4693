"""A company of a thousand people lives while everything goes wrong: what is told is what happened."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import anyio
import pytest

from lucca_sync.journal.sqlite import thread
from tests.leaping import AtOnce, LeapingLoop
from tests.life.company import START, company, register
from tests.life.life import Life, begun
from tests.life.oracle import Verdict
from tests.life.weather import LIES, PASSING

LONG = int(os.environ.get("LIFE_DAYS", "4"))
"""Days of the long life: each takes more than a minute of a processor, a month the better part of an hour."""
BEFORE_SUMMER_TIME = datetime(2026, 3, 28, 5, 0, tzinfo=UTC)
SEED = int(os.environ.get("LIFE_SEED", "1"))
_AFTER = 20
"""Hours that the two restorations at the end take, with what settles after each."""


@pytest.fixture(autouse=True)
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread's work would go on while time leaps."""
    monkeypatch.setattr(thread, "ThreadPoolExecutor", AtOnce)


@pytest.mark.timeout(1800)
def test_for_two_days_what_is_told_is_what_happened_while_everything_goes_wrong(tmp_path: Path) -> None:
    """Nothing missing, nothing invented, in order, once; through every misbehaviour and two restorations."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(_lived(tmp_path, 2, START))


@pytest.mark.torture
@pytest.mark.timeout(1800 + LONG * 600)
def test_for_longer_what_is_told_is_what_happened_while_everything_goes_wrong(tmp_path: Path) -> None:
    """The same for four days, over the change to summer time and the end of a month; see LIFE_DAYS."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(_lived(tmp_path, LONG, BEFORE_SUMMER_TIME))


async def _lived(folder: Path, days: int, start: datetime) -> None:
    async with company(folder, SEED, start) as made:
        await begun(made)
        await register(made)
        await anyio.sleep(60)
        life = Life(made, Random(SEED))
        await life.live(days * 24 - _AFTER)
        print("\n".join(await life.figures()))  # noqa: T201 - shown when it fails, and by `make torture`
        for age, verdict in life.verdicts.items():
            assert not verdict.findings, _told_wrongly(age, verdict)
            assert verdict.unseen + verdict.folded <= verdict.changes * 0.1, (
                "most changes have their own event"
            )
        assert sum(verdict.learnt for verdict in life.verdicts.values()) <= _NOISE
        assert len(life.believed) <= _NOISE
        assert not life.loud, "a restoration that is taken as the new baseline is told to nobody"
        assert not life.late, "what a restoration shows is held, and decided, before people go back to work"
        assert not await made.held(), "everything that was held has come back or was decided"
        _assert_everything_was_met(life)


_NOISE = 5
"""How many records may be told of that were seen alone, before any page showed what all have in common: a
field that the API has added, or lost."""


def _told_wrongly(age: str, verdict: Verdict) -> str:
    """Return the first findings in words: everybody in a simulated tenant is invented."""
    lines = (f"{one.fault}: {one.subject}: {one.detail}" for one in verdict.findings[:6])
    return "\n".join([f"{age}: {dict(verdict.faults)}", *lines])


def _assert_everything_was_met(life: Life) -> None:
    assert not life.unmet
    assert life.met.keys() == {spell.name for spell in (*PASSING, *LIES)}
    assert {reason for _, reason in life.held} >= {"restore", "nulled", "sections-lost", "establishment-lost"}
