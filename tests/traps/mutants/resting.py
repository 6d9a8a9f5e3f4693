"""Mutants that press a target: that is down, that says it is gone, that asked for time."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import Mutant

_EGRESS: Final = "daemon/lucca_sync/egress"
_RETRY: Final = "tests/property/test_retry.py"
_BREAKER: Final = "tests/egress/test_breaker.py"
_RESTING: Final = "tests/egress/test_resting.py"
_FATE: Final = "tests/egress/test_fate.py"

RESTING: Final[Sequence[Mutant]] = (
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "        self._ceiling = self._bounds.rest\n        self._open(now)\n        return True\n",
        "        return False\n",
        f"{_BREAKER}::test_it_opens_when_enough_different_subjects_fail",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "        return enough and self._failed >= self._bounds.share * len(self._calls)",
        "        return enough",
        f"{_BREAKER}::test_few_failures_among_many_successes_do_not_open_it",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        " or now - oldest.at >= self._bounds.window",
        "",
        f"{_BREAKER}::test_failures_that_lie_apart_do_not_add_up",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "            self._failing.pop(subject, None)\n",
        "            pass\n",
        f"{_BREAKER}::test_a_subject_that_got_through_since_counts_as_well",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/breaker.py",
        "(subject for subject in subjects if subject in self._failing), subjects[0]",
        "iter(()), subjects[0]",
        f"{_BREAKER}::test_one_that_poisons_each_batch_counts_once_whoever_stands_beside_it",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        'if state == "open" or (state == "half_open" and self.trials <= 0):',
        'if state == "open":',
        f"{_BREAKER}::test_after_its_rest_few_calls_are_let_out_and_one_success_closes_it",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        'if state == "open" or (state == "half_open" and self.trials <= 0):',
        'if state == "half_open" and self.trials <= 0:',
        f"{_BREAKER}::test_it_opens_when_enough_different_subjects_fail",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "        if worked:\n            self.close()\n            return True\n        self._lost += 1",
        "        self._lost += not worked",
        f"{_BREAKER}::test_after_its_rest_few_calls_are_let_out_and_one_success_closes_it",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "        self._ceiling = min(self._ceiling * 2, self._bounds.longest_rest)\n"
        "        self._open(now)\n",
        "",
        f"{_BREAKER}::test_when_all_trials_fail_it_rests_twice_as_long_up_to_a_limit",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "min(self._ceiling * 2, self._bounds.longest_rest)",
        "self._ceiling * 2",
        f"{_BREAKER}::test_when_all_trials_fail_it_rests_twice_as_long_up_to_a_limit",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "        if ticket.opening != self._openings:\n            return False\n",
        "",
        f"{_BREAKER}::test_what_a_call_from_before_the_rest_tells_comes_too_late",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "        if not told:\n            self.trials += 1\n            return False\n",
        "        if not told:\n            return False\n",
        f"{_BREAKER}::test_a_trial_that_told_nothing_of_the_target_is_made_again",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "self._ceiling * (1 - self._draw() / 2)",
        "self._ceiling",
        f"{_BREAKER}::test_the_rest_is_drawn_from_the_upper_half_so_that_targets_do_not_come_back_together",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "self.until = min(self.until, now + self.rest)",
        "pass",
        f"{_BREAKER}::test_a_clock_that_is_set_back_makes_no_rest_longer_than_it_was",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/breaker.py",
        "self._ceiling = max(self.rest, self._bounds.rest)",
        "self._ceiling = self._bounds.rest",
        f"{_BREAKER}::test_a_noted_rest_goes_on_and_the_next_one_grows_from_it",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/admission.py",
        "            self._breaker.restore(hold.until, timedelta(seconds=hold.rest))\n",
        "            pass\n",
        f"{_RESTING}::test_a_rest_goes_on_after_a_restart",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/admission.py",
        "            self._disable(gone.reason, now)\n",
        "            pass\n",
        f"{_RESTING}::test_a_target_that_is_no_more_gets_nothing_more_and_what_it_was_asked_to_take_waits",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/admission.py",
        '        self.hold = hold\n        if hold is not None and hold.state == "open"',
        '        self.hold = None\n        if hold is not None and hold.state == "open"',
        f"{_RESTING}::test_a_disabled_target_stays_so_over_a_restart_until_a_person_resumes_it",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/admission.py",
        'if hold is not None and hold.settings not in ("", self._terms.settings):',
        "if False:",
        f"{_RESTING}::test_other_settings_give_a_disabled_target_another_chance",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/admission.py",
        "        if not worked and self._maintenance(now).inside:\n            told = []\n",
        "",
        f"{_RESTING}::test_what_fails_as_maintenance_begins_does_not_count_against_the_target",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/admission.py",
        "if self._disabled or self._maintenance(now).inside:",
        "if self._disabled:",
        f"{_RESTING}::test_what_was_claimed_ahead_does_not_go_out_once_maintenance_has_begun",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/admission.py",
        "isinstance(outcome, Done | Retry)]",
        "True]",
        f"{_RESTING}::test_refusals_are_answers_and_open_nothing",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/fate.py",
        "    if outcome.gone:",
        "    if False:",
        f"{_FATE}::test_what_met_a_target_that_is_no_more_waits_however_old_it_is",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/watch.py",
        "        if noted.get(key) != self._noted.get(key):\n",
        "        if False:\n",
        f"{_RESTING}::test_a_person_ends_a_rest_early",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/watch.py",
        "                self._unread |= await self._common.means.journal.touched()\n"
        "                if self._unread:\n",
        "                if await self._common.means.journal.touched():\n",
        f"{_RESTING}::test_what_a_person_did_is_not_overlooked_because_the_store_could_not_be_read_just_then",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/watch.py",
        "        self._noted = noted  # also",
        "        self._noted = {k: v for k, v in noted.items() if k in {target_key(p.target.name) for p "
        "in self._posts()}}  # also",
        f"{_RESTING}::test_a_target_that_comes_with_a_reload_stands_as_an_earlier_life_left_it",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/retry.py",
        "max(outcome.after or timedelta(0), timedelta(0)), policy.retry_after_cap, LONGEST_WAIT)",
        "max(outcome.after or timedelta(0), timedelta(0)), LONGEST_WAIT)",
        f"{_FATE}::test_what_the_target_wishes_is_waited_for_up_to_the_cap",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/retry.py",
        "min(wish + wait, room)",
        "min(wait, room)",
        f"{_FATE}::test_what_the_target_wishes_is_waited_for_up_to_the_cap",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/retry.py",
        "min(wish + wait, room)",
        "wish + wait",
        f"{_RETRY}::test_the_next_attempt_lies_ahead_and_within_the_age_limit",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/retry.py",
        "min(wish + wait, room)",
        "min(max(wish, wait), room)",
        f"{_RETRY}::test_subjects_that_were_told_the_same_do_not_come_back_at_once",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/retry.py",
        "else wait * (1 - draw())",
        "else wait",
        f"{_RETRY}::test_subjects_that_were_told_the_same_do_not_come_back_at_once",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/retry.py",
        "wait * policy.overload * (1 - draw() / 2)",
        "wait * (1 - draw() / 2)",
        f"{_RETRY}::test_the_penalty_of_overload_is_the_policys",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/retry.py",
        "        if tried.times >= FEWEST_TRIES:\n            return None\n",
        "        return None\n",
        f"{_FATE}::test_what_waited_long_for_something_else_is_tried_three_times_however_old",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/retry.py",
        "        if tried.times >= FEWEST_TRIES:\n            return None\n",
        "",
        f"{_FATE}::test_what_is_too_old_to_be_retried_is_dead",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/fate.py",
        "claim.attempt - claim.earlier",
        "claim.attempt",
        f"{_FATE}::test_what_a_person_had_sent_again_begins_anew",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/fate.py",
        "max(_aware(until), now + SHORTEST_PARK)",
        "_aware(until)",
        f"{_FATE}::test_parking_until_the_past_does_not_spin",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/porters.py",
        "                    await self._post.stop.wait(self.pace.turn(anyio.current_time()))\n",
        "                    pass\n",
        f"{_RESTING}::test_calls_come_no_faster_than_the_rate_and_evenly",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/porters.py",
        "await self._post.stop.wait(self.pace.turn(anyio.current_time()))",
        "await anyio.sleep(self.pace.turn(anyio.current_time()))",
        f"{_RESTING}::test_a_slow_rate_does_not_keep_egress_from_ending",
    ),
)
