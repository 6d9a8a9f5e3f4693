"""Mutants that know badly: what a request costs, how old a view is, what only looks like a change."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, LUCCA, Mutant

_PLANNER: Final = "tests/property/test_planner.py"
_GUARD: Final = "tests/ingest/test_guard.py"
_DIFF: Final = "tests/ingest/test_diff.py"

KNOWING: Final[Sequence[Mutant]] = (
    Mutant(
        "P5",
        f"{LUCCA}/window.py",
        "            self._groups[-1].last = now\n",
        "",
        "tests/lucca/test_window.py::test_requests_close_together_all_count_until_the_last_of_them_has_aged",
    ),
    Mutant(
        "P5",
        f"{LUCCA}/throttle.py",
        "return max(pause_asked(retry_after, now), WHOLE_WINDOW - since_sent)",
        "return pause_asked(retry_after, now)",
        "tests/lucca/test_throttle.py::test_after_a_429_nothing_is_sent_again_inside_the_same_minute",
    ),
    Mutant(
        "P5",
        f"{LUCCA}/throttle.py",
        "min(max(said, SHORTEST), LONGEST)",
        "max(said, SHORTEST)",
        "tests/lucca/test_throttle.py::test_both_forms_are_read_and_bounded",
    ),
    Mutant(
        "P5",
        f"{LUCCA}/budget.py",
        "        with anyio.CancelScope(shield=True):\n            await self._ledger",
        "        with anyio.CancelScope():\n            await self._ledger",
        "tests/lucca/test_budget.py::test_a_write_that_has_begun_is_seen_to_its_end_by_who_gives_up",
    ),
    Mutant(
        "P5",
        f"{LUCCA}/budget.py",
        '            raise ValueError(f"reserve must',
        '            print(f"reserve must',
        "tests/lucca/test_governor.py::test_a_reserve_that_is_no_share_is_refused",
    ),
    Mutant(
        "P6",
        f"{LUCCA}/budget.py",
        "return max(1, int(limit * (1 - self.reserve) + 1e-9))",
        "return limit",
        "tests/lucca/test_governor.py::test_sweeps_leave_the_reserve_to_urgent_requests",
    ),
    Mutant(
        "P5",
        f"{LUCCA}/budget.py",
        "            self._window.spend(now - age, count)\n",
        "            pass\n",
        "tests/lucca/test_budget.py::test_after_a_kill_the_minute_stays_spent",
    ),
    Mutant(
        "P5",
        f"{LUCCA}/budget.py",
        "                await self._write(self._block)\n",
        "                await self._write(0)\n",
        "tests/lucca/test_budget.py::test_after_a_kill_what_was_reserved_counts_as_spent_just_then",
    ),
    Mutant(
        "P6",
        f"{INGEST}/freshness.py",
        "            self._before = self._whole = swept.timestamp()\n",
        "            self._before = self._whole = self.now()\n",
        "tests/ingest/test_freshness.py::test_after_a_restart_ages_go_on_from_the_last_complete_look",
    ),
    Mutant(
        "P6",
        f"{INGEST}/survey.py",
        "        await self._note(lookout.clock.now())\n        self._put_off",
        "        self._put_off",
        "tests/ingest/test_survey.py::test_it_is_due_once_a_day_also_over_restarts",
    ),
    Mutant(
        "P2",
        f"{INGEST}/guard.py",
        "missing > 0 and (missing >= records or threshold.trips(missing, records))",
        "missing > 0 and threshold.trips(missing, records)",
        f"{_GUARD}::test_deletions_are_held_beyond_count_and_share_or_when_nothing_is_left",
    ),
    Mutant(
        "P2",
        f"{INGEST}/guard.py",
        "return concerned > self.count and concerned > self.share * of",
        "return concerned > self.count",
        f"{_GUARD}::test_a_threshold_trips_beyond_count_and_share_only",
    ),
    Mutant(
        "P2",
        f"{INGEST}/guard.py",
        "    if page.back >= fewest and page.back * 2 >= page.known:\n        return True\n",
        "",
        f"{_GUARD}::test_a_page_looks_restored_when_most_of_it_is_older_or_other",
    ),
    Mutant(
        "P2",
        f"{INGEST}/guard.py",
        "    return now * 2 > agreed * 3\n",
        "    return False\n",
        "tests/ingest/test_brake.py::test_an_approved_set_that_has_grown_by_more_than_half_is_held_again",
    ),
    Mutant(
        "P2",
        f"{INGEST}/sight.py",
        '        return not await self._note("begun")\n',
        "        return True\n",
        "tests/ingest/test_sight.py::test_a_look_cut_off_does_not_go_on_with_other_filters",
    ),
    Mutant(
        "P6",
        f"{INGEST}/planner.py",
        "            if self._turn + 1 + place > page.turn + latest:\n                return\n",
        "",
        f"{_PLANNER}::test_no_page_is_ever_older_than_two_cycles_whatever_changes_where",
    ),
    Mutant(
        "P6",
        f"{INGEST}/planner.py",
        "weight = _rate(page, usual) * age * age",
        "weight = age * age",
        f"{_PLANNER}::test_one_page_in_ten_making_nine_changes_in_ten_is_seen_in_less_than_half_the_time",
    ),
    Mutant(
        "P2",
        f"{INGEST}/diff.py",
        "for key in sorted((was or {}).keys() | (now or {}).keys()):",
        "for key in sorted((was or {}).keys() & (now or {}).keys()):",
        f"{_DIFF}::test_a_reference_that_appears_changes_at_its_id_too",
    ),
    Mutant(
        "P2",
        "daemon/lucca_sync/app/decisions.py",
        "            if await self.journal.note(decision_key(name)) == note:  # else somebody has "
        "decided otherwise\n",
        "            if True:\n",
        "tests/ingest/test_brake_decisions.py::"
        "test_who_thinks_better_of_it_while_a_decision_is_taken_up_is_heard_too",
    ),
    Mutant(
        "P2",
        "daemon/lucca_sync/app/decisions.py",
        "            await watch.post.brake.load()\n",
        "            pass\n",
        "tests/ingest/test_brake_decisions.py::test_what_is_held_shows_in_the_metrics_from_the_start",
    ),
    Mutant(
        "P2",
        f"{INGEST}/diff.py",
        "return before == after or _same_instant(before, after) or _same_duration(before, after)",
        "return before == after",
        f"{_DIFF}::test_what_says_the_same_is_no_change",
    ),
    Mutant(
        "P2",
        f"{INGEST}/diff.py",
        "    if isinstance(before, bool) or isinstance(after, bool):\n        return before is after\n",
        "",
        f"{_DIFF}::test_true_is_not_the_number_one",
    ),
    Mutant(
        "P2",
        f"{INGEST}/diff.py",
        "        return identities(value) or None\n",
        "        return None\n",
        f"{_DIFF}::test_objects_in_arrays_are_compared_by_their_id",
    ),
    Mutant(
        "P2",
        f"{INGEST}/decode.py",
        "    for volatile in (head.links, head.embedded):",
        "    for volatile in (head.embedded,):",
        "tests/ingest/test_decode.py::test_a_rotating_token_in_the_links_leaves_the_digest_alone",
    ),
    Mutant(
        "P2",
        f"{INGEST}/brake.py",
        "            await self._holding.drop_new(seen)\n",
        "            pass\n",
        "tests/ingest/test_brake_stable.py::"
        "test_held_new_records_that_are_gone_again_are_released_by_the_survey",
    ),
    Mutant(
        "P2",
        f"{INGEST}/brake.py",
        '            self._holding.round.tripped = "restore"\n',
        "            pass\n",
        "tests/ingest/test_brake_stable.py::"
        "test_clocks_that_went_back_are_a_restore_and_nobody_is_read_one_by_one",
    ),
    Mutant(
        "P7",
        "daemon/lucca_sync/egress/transform.py",
        "if name is not None and not _hidden({name}, fields, resource):",
        "if name is not None:",
        "tests/egress/test_transform.py::test_a_change_belongs_to_the_first_segment_of_its_pointer",
    ),
    Mutant(
        "P7",
        "daemon/lucca_sync/kit/secret.py",
        'else "Secret(***)"',
        'else f"Secret({self._value})"',
        "tests/kit/test_secret.py::test_a_secret_does_not_show_when_it_is_printed",
    ),
)
