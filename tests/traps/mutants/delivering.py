"""Mutants that deliver badly: not at all, out of order, or for one subject at the cost of others."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import Mutant

_EGRESS: Final = "daemon/lucca_sync/egress"
_SQLITE: Final = "daemon/lucca_sync/journal/sqlite"
_STOPPING: Final = "tests/egress/test_stopping.py"
_CONTRACT: Final = "tests/conformance/test_journal.py::TestSqlite"

DELIVERING: Final[Sequence[Mutant]] = (
    Mutant(
        "P1",
        f"{_EGRESS}/settle.py",
        "with anyio.CancelScope(shield=True):\n                effective",
        "with anyio.CancelScope():\n                effective",
        f"{_STOPPING}::test_cancelling_does_not_cancel_the_write_of_what_was_done",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/settle.py",
        "            await self._flush()  # also when everything is being cancelled\n",
        "            pass\n",
        f"{_STOPPING}::test_cancelling_leaves_time_to_write_what_waited_for_another_write",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/settle.py",
        "        self._queue, self._settled = tried + self._queue, settled + self._settled\n",
        "",
        "tests/egress/test_store_trouble.py::test_a_settlement_is_kept_until_the_store_takes_it",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/claims.py",
        "now=now, lease=self.lease, limit=limit",
        "now=now, lease=self.lease * 0, limit=limit",
        "tests/egress/test_delivering.py::test_two_instances_on_one_journal_never_deliver_the_same_at_once",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/stock.py",
        "if claims and self._lasts(batch, now) and wanted(claims[0].lane):",
        "if claims and wanted(claims[0].lane):",
        "tests/egress/test_leases.py::"
        "test_what_cannot_be_renewed_is_claimed_anew_before_its_lease_might_end_under_a_call",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/stock.py",
        "fresh = [claim for claim in batch.claims if claim.key not in self._under_way]",
        "fresh = list(batch.claims)",
        "tests/egress/test_leases.py::"
        "test_what_is_under_way_is_not_handed_out_again_and_its_call_settles_the_newer_claim",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/shift.py",
        "        await self._stock.secure(now)\n",
        "",
        "tests/egress/test_leases.py::"
        "test_a_process_that_slept_longer_than_its_leases_repeats_nothing_that_it_holds",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/stock.py",
        "*self._unsettled()]",
        "]",
        "tests/egress/test_leases.py::"
        "test_a_wall_clock_that_jumps_while_an_outcome_is_written_repeats_nothing[1]",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/claims.py",
        "claims = await self._journal.taken(lane, until=until)",
        "claims = ()",
        "tests/egress/test_leases.py::"
        "test_a_claim_that_raised_and_yet_happened_is_looked_up_and_its_deliveries_go_out_at_once",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/claims.py",
        "            await self._journal.renew(found, until=now + self.lease)",
        "            pass",
        "tests/egress/test_leases.py::"
        "test_what_a_claim_that_raised_took_is_kept_though_its_lease_ended_before_it_was_found",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/stock.py",
        "self._lease - _APART",
        "self._lease",
        "tests/egress/test_leases.py::"
        "test_what_was_renewed_just_before_a_claim_raised_is_not_taken_for_what_that_took",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/deliveries.sql",
        "SET state = ?1, due = ?2, attempt = attempt + 1 WHERE key IN",
        "SET state = ?1, due = NULL, attempt = attempt + 1 + 0 * ?2 WHERE key IN",
        f"{_CONTRACT}::test_an_abandoned_claim_is_taken_up_again_when_its_lease_has_ended",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/finishing.sql",
        "WHERE delivery.attempt = json_each.value ->> 1 AND delivery.state = 1;",
        "WHERE delivery.state = 1;",
        f"{_CONTRACT}::test_who_lost_the_lease_can_settle_no_more",
    ),
    Mutant(
        "P3",
        f"{_SQLITE}/sql/deliveries.sql",
        "SELECT ?1, ?2, ?3, 0, 1 + behind, iif(behind, NULL, ?4), 0, ?4",
        "SELECT ?1, ?2, ?3, 0, 1 + behind, ?4, 0, ?4",
        f"{_CONTRACT}::test_of_each_subject_only_the_oldest_is_claimed",
    ),
    Mutant(
        "P1",
        f"{_EGRESS}/target.py",
        'retry = Retry(f"no answer within {limit}" if late else "stopped meanwhile", possibly_sent=True)',
        'return [Done(limit if late else "") for _ in deliveries]',
        f"{_STOPPING}::test_calls_that_outlast_the_grace_are_cut_short_and_count_as_possibly_sent",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/shift.py",
        "        self._stock.give_up_single(self._post.recalled)\n",
        "",
        "tests/egress/test_by_hand.py::test_what_was_claimed_ahead_is_discarded_before_it_goes_out",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/hand.py",
        'if state_of(state) != "done":',
        "if True:",
        f"{_CONTRACT}::test_what_gets_through_all_the_same_is_done_and_says_what_was_asked",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/watch.py",
        'if route.on_dead == "skip"]',
        'if route.on_dead == "let-go"]',
        "tests/egress/test_delivering.py::test_what_a_dead_letter_held_goes_on_once_the_route_holds_no_more",
    ),
    Mutant(
        "P8",
        f"{_SQLITE}/upkeep.py",
        "        if self.note(key) != before:\n            return False\n",
        "",
        f"{_CONTRACT}::test_a_note_is_swapped_only_while_it_says_what_it_did_before",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/breaker.py",
        "            self._failing[subject] = call\n",
        "            self._failing[subject[0], str(len(self._calls))] = call\n",
        "tests/egress/test_breaker.py::test_one_poisoned_subject_never_opens_it_however_often_it_fails",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/fate.py",
        'hold=rules.on_dead == "hold-subject"',
        "hold=False",
        "tests/egress/test_delivering.py::"
        "test_where_the_route_holds_subjects_a_dead_letter_stops_its_own_until_a_person_decides",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/watch.py",
        "spare=LEASE_MARGIN",
        "spare=-by",
        "tests/egress/test_clock_set_back.py::"
        "test_what_was_claimed_before_the_new_time_was_noticed_is_not_claimed_again",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/stock.py",
        "            self._renewed = min(self._renewed, batch.until - self._lease)\n",
        "            pass\n",
        "tests/egress/test_clock_set_back.py::"
        "test_what_was_being_claimed_as_the_clock_went_forward_is_not_claimed_again",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/watch.py",
        "            await self._common.means.journal.hasten(now, beyond=now + SLIP)\n",
        "",
        "tests/egress/test_clock_set_back.py::"
        "test_what_is_journaled_late_by_the_clock_before_waits_for_no_time_that_it_showed",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/watch.py",
        "            self._common.settler.set_back(now, by)\n",
        "",
        "tests/egress/test_clock_set_back.py::"
        "test_what_is_settled_late_by_the_clock_before_waits_for_no_time_that_it_showed",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/settle.py",
        "        self._writing = [_sooner(one, now, by) for one in self._writing]\n",
        "",
        "tests/egress/test_clock_set_back.py::"
        "test_what_must_be_settled_again_waits_for_no_time_that_the_clock_before_showed",
    ),
    Mutant(
        "P3",
        f"{_EGRESS}/settle.py",
        "at=one.at - by, ",
        "",
        "tests/egress/test_clock_set_back.py::"
        "test_what_waits_to_be_settled_comes_sooner_once_though_the_journal_follows_later",
    ),
)
