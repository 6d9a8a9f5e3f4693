"""What a hostile connector says can be kept by the real store, and read again."""

from datetime import timedelta
from pathlib import Path

import anyio
import pytest
import structlog

from lucca_sync.connector import ConnectorConfig, RetryPolicy, Surroundings
from lucca_sync.egress.holding import TARGETS, holds
from lucca_sync.egress.target import Target
from lucca_sync.egress.worker import Egress
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.kit.clock import SystemClock
from lucca_sync.testing.hostile import Deed, HostileConfig, HostileConnector
from tests.egress.events import LANE, event
from tests.egress.stage import PEOPLE, Stage, running

AT_ONCE = ConnectorConfig(
    type="hostile",
    retry=RetryPolicy(schedule=(timedelta(milliseconds=5),), retry_after_cap=timedelta(milliseconds=5)),
)
ENDS = {"gone": "retrying", "park_without_zone": "parked", "park_until_the_end": "parked"}


async def ended(stage: Stage, deed: Deed) -> bool:
    noted = bool(await stage.journal.notes(TARGETS))
    return noted == (deed == "gone") and await stage.states() == [ENDS.get(deed, "done")]


@pytest.mark.parametrize(
    "deed",
    [
        "wrong_fields",
        "huge_reason",
        "unprintable_reason",
        "huge_receipt",
        "unprintable_receipt",
        "retry_before_now",
        "retry_after_for_ever",
        "park_until_the_end",
        "gone",
        "half_outcomes",
        "unsized",
        "raise_unspeakable",
        "exit",
        "spoil",
    ],
)
async def test_whatever_it_says_is_kept_and_read_again(deed: Deed, tmp_path: Path) -> None:
    journal = await open_sqlite(tmp_path / "journal.db")
    try:
        stage = Stage(journal, SystemClock())
        await stage.journal_events(event())
        lent = Surroundings(LANE.connector, stage.clock, structlog.get_logger())
        connector = HostileConnector(HostileConfig(type="hostile", script=(deed, "done")), lent)
        egress = Egress([PEOPLE], [Target(LANE.connector, AT_ONCE, lambda: connector)], stage.means())
        async with running(egress):
            while not await ended(stage, deed):  # noqa: ASYNC110 - the store is all there is
                await anyio.sleep(0.005)
        (history,) = await stage.histories()
        kept = holds(await journal.notes(TARGETS))
    finally:
        await journal.close()
    reasons = [attempt.reason for attempt in history.attempts]
    assert reasons
    reasons += [hold.reason for hold in kept.values()]
    assert (len(kept) == 1) == (deed == "gone")
    assert all(reason.isprintable() and len(reason) < 1000 for reason in reasons)
