"""Mutants that keep badly what was written: they lose it, double it or tear it."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, MODEL, Mutant

_SQLITE: Final = "daemon/lucca_sync/journal/sqlite"
_POWER: Final = "tests/crash/test_store_power_cut.py"
_FAILED_SYNC: Final = "test_after_a_failed_sync_the_next_acknowledgement_is_to_be_trusted"

KEEPING: Final[Sequence[Mutant]] = (
    Mutant(
        "P1",
        f"{_SQLITE}/store.py",
        'yield "synchronous", self._footing.synchronous',
        'yield "synchronous", "NORMAL"',
        f"{_POWER}::test_a_power_cut_loses_nothing_that_was_acknowledged",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/store.py",
        'connection.execute(f"PRAGMA synchronous = {self._footing.synchronous}")',
        "pass",
        "tests/crash/test_store_power_cut_deliveries.py::"
        "test_a_power_cut_loses_no_acknowledged_act_and_halves_none[20]",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/store.py",
        "disk_failed=isinstance(error, apsw.IOError)",
        "disk_failed=False",
        f"{_POWER}::{_FAILED_SYNC}[2]",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/store.py",
        "if self._present() != self._identity:",
        "if False:",
        "tests/crash/test_store_taken_away.py::test_into_a_store_that_replaced_ours_nothing_is_written",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/store.py",
        'connection.readonly("main") or self._log_closed()',
        "self._log_closed()",
        "tests/crash/test_store_taken_away.py::"
        "test_with_a_store_that_may_not_be_written_it_does_not_start_and_says_so",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/store.py",
        "return error.errno in _CLOSED",
        "return False",
        "tests/crash/test_store_taken_away.py::"
        "test_with_a_log_or_a_folder_that_may_not_be_written_it_does_not_start_and_says_so[the log]",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/lock.py",
        "fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)",
        "tests/crash/test_store_killed.py::test_a_second_instance_is_refused_until_the_first_one_is_gone",
    ),
    Mutant(
        "P1",
        f"{INGEST}/gate.py",
        "        self._standing.store_failed()\n",
        "",
        "tests/crash/test_store_failing_daemon.py::"
        "test_while_the_disk_fails_it_says_so_and_does_not_look_and_then_everything_arrives",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/schema.py",
        "        store.write(partial(_apply, store, step))\n",
        "        _apply(store, step)\n",
        "tests/crash/test_daemon_migrating.py::"
        "test_killed_at_the_nth_statement_of_a_migration_it_loses_nothing[5]",
    ),
    Mutant(
        "P7",
        "daemon/lucca_sync/egress/transform.py",
        "        previous=_cut_record(event.previous, fields, resource),\n",
        "",
        "tests/egress/test_transform.py::test_a_list_shows_only_what_it_names_and_the_id",
    ),
    Mutant(
        "P7",
        "daemon/lucca_sync/egress/handout.py",
        '    if answer == "no":\n',
        "    if False:\n",
        "tests/egress/test_handout.py::test_what_the_route_no_longer_asks_for_does_not_leave",
    ),
    Mutant(
        "P1",
        "daemon/lucca_sync/app/pulse.py",
        "        await anyio.sleep(PATIENCE)\n",
        "        await anyio.sleep_forever()\n",
        "tests/crash/test_store_hanging.py::test_a_store_that_does_not_answer_makes_it_unready_until_it_does",
    ),
    Mutant(
        "P1",
        "daemon/lucca_sync/cli/run.py",
        "    os._exit(TRY_LATER)\n",
        "",
        "tests/crash/test_store_hanging.py::"
        "test_asked_to_end_while_a_call_hangs_it_ends_within_its_patience_and_has_lost_nothing[1]",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/upkeep.sql",
        "SELECT recorded, position FROM event WHERE undone = 0 AND emptied = 0 AND recorded < ?1",
        "SELECT recorded, position FROM event WHERE emptied = 0 AND recorded < ?1",
        "tests/conformance/test_journal.py::TestSqlite::"
        "test_old_events_are_pruned_once_all_their_deliveries_are_done",
    ),
    Mutant(
        "P4",
        "daemon/lucca_sync/journal/rules.py",
        "if write.sequence != stored + (write.event is not None):",
        "if False:",
        "tests/conformance/test_journal.py::TestSqlite::"
        "test_a_write_that_does_not_continue_the_sequence_is_refused",
    ),
    Mutant(
        "P4",
        f"{MODEL}/event.py",
        "    digest = blake2b(digest_size=16)\n",
        '    digest = blake2b(__import__("os").urandom(16), digest_size=16)\n',
        "tests/ingest/test_emit.py::test_the_same_change_has_the_same_id_and_another_has_another",
    ),
    Mutant(
        "P4",
        f"{INGEST}/business/telling.py",
        'decided = self.because[0].id if self.because else "baseline"',
        'decided = __import__("uuid").uuid4().hex',
        "tests/business/test_crashes.py::test_wherever_it_breaks_down_the_same_is_told_under_the_same_ids",
    ),
    Mutant(
        "P2",
        f"{INGEST}/absent.py",
        "        if answer is None:\n",
        "        if True:\n",
        "tests/ingest/test_sweep.py::test_a_record_that_is_only_hidden_from_lists_is_not_deleted",
    ),
    Mutant(
        "P6",
        f"{INGEST}/watch.py",
        "started = anyio.current_time()  # the wall clock may be set meanwhile",
        "started = self.post.lookout.clock.now().timestamp() + anyio.current_time()",
        "tests/crash/test_clock_jumps.py::"
        "test_a_clock_set_during_a_look_moves_the_next_one_by_no_more_than_its_interval",
    ),
    Mutant(
        "P6",
        f"{INGEST}/due.py",
        "return min(self.rest(), _NAP)",
        "return self.rest()",
        "tests/crash/test_clock_jumps.py::test_a_midnight_that_a_jump_passes_over_is_noticed_within_minutes",
    ),
    Mutant(
        "P6",
        f"{INGEST}/watch.py",
        "await self._turn(self.patience.draw())",
        "await self._turn(1.0)",
        "tests/crash/test_clock_jumps.py::test_resources_that_began_together_do_not_look_together_again",
    ),
    Mutant(
        "P1",
        "connectors/lucca_connectors/payroll_file/folder.py",
        "        self._ledger.prune()\n",
        "",
        "tests/crash/test_store_payroll_memory.py::test_what_is_remembered_of_files_does_not_grow_for_ever",
    ),
    Mutant(
        "P1",
        "daemon/lucca_sync/app/daemon.py",
        "            parts.egress.stop(grace)",
        "            parts.egress.stop(timedelta(0))",
        "tests/crash/test_daemon_stopped.py::"
        "test_asked_to_end_under_load_it_lets_calls_in_flight_end_and_repeats_none",
    ),
)
