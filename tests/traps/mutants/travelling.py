"""Mutants that lose the way: what is handed out to whom, beside what, and by which settings."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import Mutant

_EGRESS: Final = "daemon/lucca_sync/egress"
_RELOAD: Final = "tests/egress/test_reload.py"
_STOPPING: Final = "tests/egress/test_stopping.py"
_DELIVERING: Final = "tests/egress/test_delivering.py"
_FOREIGN: Final = "tests/egress/test_foreign_code.py"
_CLOCK: Final = "tests/egress/test_clock_set_back.py"
_HOSTILE: Final = (
    "tests/egress/test_hostile_connector.py::test_after_any_misdeed_everything_arrives_and_nothing_leaks"
)

TRAVELLING: Final[Sequence[Mutant]] = (
    Mutant(
        "P1",
        f"{_EGRESS}/watch.py",
        "                    await self._follow(await self._newest())\n",
        "                    pass\n",
        f"{_CLOCK}::test_after_a_restart_nothing_waits_for_the_clock_before",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/watch.py",
        "                await self._follow(self._expected)\n",
        "",
        f"{_CLOCK}::test_what_waits_to_be_tried_again_waits_no_longer_than_before",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/watch.py",
        "                    followed = True\n",
        "",
        f"{_CLOCK}::test_notes_that_cannot_be_read_at_once_make_nothing_come_sooner_again",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/post.py",
        " and lane.route not in self.common.paused.routes",
        "",
        "tests/egress/test_sharing.py::"
        "test_a_paused_route_gets_nothing_until_it_is_resumed_and_the_others_go_on",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/fate.py",
        '" (possibly sent)" if outcome.possibly_sent',
        '"" if outcome.possibly_sent',
        "tests/egress/test_fate.py::test_what_may_have_arrived_says_so",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/shelf.py",
        "            self._turns.append(lane)\n        else:",
        "            self._turns.appendleft(lane)\n        else:",
        "tests/egress/test_sharing.py::test_lanes_of_one_target_take_turns_however_much_waits_in_one_of_them",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/porters.py",
        "range(min(self.places - self.busy, len(self._stock.shelf)))",
        "range(len(self._stock.shelf))",
        f"{_DELIVERING}::test_subjects_run_side_by_side_up_to_the_connectors_concurrency",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/porters.py",
        "min(abilities.concurrency, post.target.config.concurrency or MOST_PLACES)",
        "abilities.concurrency",
        "tests/egress/test_resting.py::test_concurrency_of_the_settings_is_a_cap_on_the_connectors_own",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/claims.py",
        "self._batch = max(abilities.max_batch, 1)",
        "self._batch = 1",
        f"{_DELIVERING}::test_a_batch_holds_different_subjects_of_one_lane_up_to_the_limit",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/claims.py",
        "return count if oldest + self._linger <= now else 0",
        "return count",
        f"{_DELIVERING}::test_a_small_batch_waits_until_its_oldest_delivery_has_lingered",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/claims.py",
        "return count if oldest + self._linger <= now else 0",
        "return 0",
        f"{_DELIVERING}::test_a_small_batch_waits_until_its_oldest_delivery_has_lingered",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/claims.py",
        "                await self._journal.release(found)\n",
        "                pass\n",
        "tests/egress/test_leases.py::test_a_claim_that_raised_and_yet_happened_is_given_back_at_the_end",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/target.py",
        "    except (Exception, SystemExit) as error:",
        "    except Exception as error:",
        f"{_HOSTILE}[1-exit]",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/target.py",
        "    scope.deadline = deadline\n",
        "",
        f"{_FOREIGN}::test_a_call_that_hangs_holds_up_no_other_subject",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/target.py",
        "    if len(items) != expected:",
        "    if len(items) < expected:",
        f"{_FOREIGN}::test_a_call_that_went_wrong_is_tried_again",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/shift.py",
        "                await self._leave_the_rest()\n                await self._porters.wind_down()\n",
        "                await self._porters.wind_down()\n",
        f"{_STOPPING}::test_what_waits_is_given_back_before_the_calls_under_way_have_ended",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/means.py",
        "self.deadline = min(self.deadline, anyio.current_time()",
        "self.deadline = self.deadline if self.asked else (anyio.current_time()",
        f"{_STOPPING}::test_asked_again_with_less_patience_it_ends_sooner",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/porters.py",
        "if post.stop.asked or post.common.settler.troubled:",
        "if post.stop.asked:",
        "tests/egress/test_store_trouble.py::"
        "test_while_settlements_cannot_be_written_what_was_claimed_ahead_does_not_go_out",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/shift.py",
        "        if self._post.common.settler.troubled:\n            return LONGEST_REST\n",
        "",
        "tests/egress/test_store_trouble.py::test_while_settlements_cannot_be_written_nothing_new_is_claimed",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/worker.py",
        "            for worker in self._before:\n"
        "                await worker._ended.wait()  # noqa: SLF001 - of the same kind\n",
        "",
        f"{_RELOAD}::test_a_changed_target_begins_when_the_calls_of_the_old_one_have_ended",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/claims.py",
        "self._turn = (self._turn + 1) % len(awake)",
        "self._turn = 0",
        "tests/egress/test_sharing.py::test_a_lane_that_fails_does_not_use_up_all_trials_after_a_rest",
    ),
    Mutant(
        "P7",
        f"{_EGRESS}/target.py",
        "        return Trouble(type(error).__name__)\n    except",
        "        return Trouble(str(error))\n    except",
        f"{_HOSTILE}[1-raise]",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/settle.py",
        "        self._tell_late(len(settlements) - effective)\n",
        "",
        "tests/egress/test_leases.py::test_an_answer_to_an_expired_claim_is_told_once_and_changes_nothing",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/worker.py",
        "            if wanted.get(name) != worker.post.target:",
        "            if name not in wanted:",
        f"{_RELOAD}::test_a_changed_target_begins_when_the_calls_of_the_old_one_have_ended",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/worker.py",
        "            if wanted.get(name) != worker.post.target:",
        "            if True:",
        f"{_RELOAD}::test_a_target_that_is_the_same_keeps_its_connector_and_its_calls",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/worker.py",
        "for worker in (*self._workers.values(), *self._leaving):",
        "for worker in self._workers.values():",
        f"{_RELOAD}::test_stopping_ends_those_too_that_are_on_their_way_out",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/worker.py",
        "            worker.post.stop.ask(grace)\n"
        "            worker.post.bell.ring()\n"
        "            self._leaving",
        "            worker.post.stop.ask(timedelta(days=1))\n"
        "            worker.post.bell.ring()\n"
        "            self._leaving",
        f"{_RELOAD}::test_calls_of_a_changed_target_that_outlast_the_grace_are_cut_short",
    ),
    Mutant(
        "P7",
        f"{_EGRESS}/porters.py",
        "            if self._post.stop.asked or not self._post.open_to(claims[0].lane):\n"
        "                self._stock.give_up_under_way(claims)\n"
        "                return []\n",
        "",
        f"{_RELOAD}::test_what_is_being_prepared_while_its_target_changes_does_not_leave_by_the_old_settings",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/handout.py",
        '    if answer == "unclear":\n',
        "    if False:\n",
        "tests/egress/test_handout.py::test_what_the_condition_fails_on_does_not_leave_and_is_not_quoted",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/route.py",
        '            if route.asks_for(event) != "no"\n',
        '            if route.asks_for(event) == "yes"\n',
        "tests/egress/test_route.py::test_a_condition_that_fails_on_an_event_loses_it_not",
    ),
    Mutant(
        "P7",
        f"{_EGRESS}/route.py",
        "        if not self._tells_something(event):\n",
        "        if False:\n",
        "tests/egress/test_route.py::test_an_update_that_changes_nothing_shown_gives_the_route_no_delivery",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/worker.py",
        "            await self._close(connector)\n",
        "            pass\n",
        f"{_STOPPING}::test_a_cancelled_egress_closes_its_connectors_and_its_claims_are_taken_up_later",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/worker.py",
        "            failing = True\n            await post.stop.wait(next(waits))\n        return None",
        "            return None\n        return None",
        f"{_FOREIGN}::test_a_connector_that_cannot_even_be_made_is_tried_again",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/account.py",
        "        except (TypeError, ValueError, AttributeError, OverflowError) as error:\n",
        "        except ZeroDivisionError as error:\n",
        f"{_FOREIGN}::test_a_call_that_went_wrong_is_tried_again",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/settle.py",
        "            self._recovered()\n",
        "",
        "tests/egress/test_store_trouble.py::test_the_others_go_on_as_soon_as_settlements_are_written_again",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/shift.py",
        "            await self._leave_the_rest()  # what was still being prepared as the stop came\n",
        "",
        f"{_RELOAD}::test_what_is_being_prepared_while_its_target_changes_does_not_leave_by_the_old_settings",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/shift.py",
        " or now - self._looked >= LONGEST_REST",
        "",
        f"{_DELIVERING}::test_what_nobody_rang_for_is_found_within_half_a_minute",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/target.py",
        "        for connector in () if ready else made:\n            await closed(connector)\n",
        "        pass\n",
        f"{_STOPPING}::test_a_connector_that_was_just_being_opened_is_closed_too",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/target.py",
        "exclude_defaults=True, ",
        "",
        "tests/egress/test_resting.py::test_a_version_with_one_more_setting_keeps_a_disabled_target_disabled",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/settle.py",
        "self._waits = False, self._fresh_waits()",
        "self._waits = False, self._waits",
        "tests/egress/test_store_trouble.py::"
        "test_after_settlements_got_through_they_are_tried_in_short_steps_again",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/shift.py",
        "        self._waits = self._fresh_waits()\n        return seconds",
        "        return seconds",
        "tests/egress/test_store_trouble.py::"
        "test_after_a_trouble_that_passed_the_next_one_is_waited_out_in_short_steps_again",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/stock.py",
        "                await self._renew(self._means.clock.now())\n",
        "                pass\n",
        "tests/egress/test_leases.py::test_what_waits_longer_than_a_lease_lasts_is_claimed_once",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/claims.py",
        "            if wakes == self._wakes:\n",
        "            if True:\n",
        f"{_DELIVERING}::test_what_is_settled_while_the_next_due_is_looked_up_is_not_slept_over",
    ),
)
