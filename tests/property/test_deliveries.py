"""Whatever becomes of deliveries in whatever order, their laws hold in memory and on SQLite."""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lucca_sync.model.delivery import Lane
from tests.conformance.deliveries_machine import IDS, LANES, MINUTE, Histories

# In memory where there is such a place: what is searched for here is not the disk's fault.
FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

_lane = st.sampled_from(LANES)
_lanes = st.sampled_from((LANES, LANES[:1], LANES[1:], ()))
_id = st.sampled_from(IDS)
_which = st.lists(st.integers(0, 30), min_size=1, max_size=4)
_recent = st.lists(st.integers(0, 5), min_size=1, max_size=3)
_ages = st.integers(-1, 3)
_some = st.integers(1, 4)


class Deliveries(RuleBasedStateMachine):
    """Rules are what a daemon, its end, a person and the clock do."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = TemporaryDirectory(dir=FAST)
        self.histories = self.loop.run(Histories.begin(Path(self.folder.name)))

    def teardown(self) -> None:
        self.run(self.histories.end())
        self.loop.close()
        self.folder.cleanup()

    def run(self, what: Coroutine[Any, Any, None]) -> None:
        self.loop.run(what)

    @rule(record_id=_id, lanes=_lanes)
    def a_record_changes(self, record_id: str, lanes: Sequence[Lane]) -> None:
        self.run(self.histories.journal(record_id, lanes))

    @rule(record_ids=st.lists(_id, min_size=2, max_size=5))
    def records_change(self, record_ids: Sequence[str]) -> None:
        for record_id in record_ids:
            self.run(self.histories.journal(record_id, LANES))

    @rule(lane=_lane, limit=_some)
    def deliveries_are_claimed(self, lane: Lane, limit: int) -> None:
        self.run(self.histories.claim(lane, limit))

    @rule(which=_recent, minutes=_some)
    def claims_are_renewed(self, which: Sequence[int], minutes: int) -> None:
        self.run(self.histories.renew(which, minutes))

    @rule(
        which=_recent,
        state=st.sampled_from(("done", "retrying", "parked", "dead")),
        due=st.one_of(st.none(), st.integers(0, 3)),
        hold=st.booleans(),
    )
    def claims_are_settled_early_or_late(
        self,
        which: Sequence[int],
        state: Literal["done", "retrying", "parked", "dead"],
        due: int | None,
        *,
        hold: bool,
    ) -> None:
        self.run(self.histories.settle(which, state, due, hold=hold))

    @rule(which=_recent)
    def claims_are_given_back(self, which: Sequence[int]) -> None:
        self.run(self.histories.release(which))

    @rule(lanes=_lanes)
    def dead_letters_are_let_go(self, lanes: Sequence[Lane]) -> None:
        self.run(self.histories.let_go(lanes, 99))

    @rule()
    def the_process_ends_and_another_begins(self) -> None:
        self.run(self.histories.die())

    @rule(which=_which, beside=st.booleans())
    def deliveries_are_queued_again(self, which: Sequence[int], *, beside: bool) -> None:
        self.run(self.histories.queue_again(which, beside=beside))

    @rule(which=_which, beside=st.booleans())
    def deliveries_are_discarded(self, which: Sequence[int], *, beside: bool) -> None:
        self.run(self.histories.discard(which, beside=beside))

    @rule(which=_which, lane=_lane, beside=st.booleans())
    def events_are_sent(self, which: Sequence[int], lane: Lane, *, beside: bool) -> None:
        self.run(self.histories.send(which, lane, beside=beside))

    @rule(record_id=_id, lane=_lane, beside=st.booleans())
    def a_record_is_told(self, record_id: str, lane: Lane, *, beside: bool) -> None:
        self.run(self.histories.tell(record_id, lane, beside=beside))

    @rule(minutes=_ages, limit=_some)
    def old_events_are_emptied(self, minutes: int, limit: int) -> None:
        self.run(self.histories.empty(minutes, limit))

    @rule(minutes=_ages, limit=_some)
    def old_events_are_pruned(self, minutes: int, limit: int) -> None:
        self.run(self.histories.prune(minutes, limit))

    @rule(minutes=_some)
    def time_passes(self, minutes: int) -> None:
        self.histories.now += minutes * MINUTE

    @invariant()
    def both_journals_agree_and_no_law_is_broken(self) -> None:
        self.run(self.histories.check())


def test_whatever_becomes_of_deliveries_no_law_is_broken_and_both_journals_agree() -> None:
    run_state_machine_as_test(
        Deliveries,
        settings=settings(
            max_examples=50, stateful_step_count=40, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
