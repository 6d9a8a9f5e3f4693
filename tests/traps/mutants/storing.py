"""Mutants that mistake how deliveries stand in the store, or what may leave it."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, Mutant

_SQLITE: Final = "daemon/lucca_sync/journal/sqlite"
_CONTRACT: Final = "tests/conformance/test_journal.py::TestSqlite"
_ON_FILE: Final = "tests/conformance/test_journal_sqlite.py"
_TIDYING: Final = "tests/keeping/test_tidying.py"
_PRESSURE: Final = "tests/keeping/test_pressure.py"
_APP: Final = "daemon/lucca_sync/app"

STORING: Final[Sequence[Mutant]] = (
    Mutant(
        "P1",
        f"{_SQLITE}/claims.py",
        '        self._give_up(self._store.rows(_SQL["abandoned"]))\n',
        "        pass\n",
        f"{_ON_FILE}::test_claims_of_an_earlier_life_are_due_at_once_and_count_as_attempts",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/deliveries.sql",
        "WHERE delivery.key = json_each.value ->> 0 AND delivery.attempt = json_each.value ->> 1 AND "
        "delivery.state = 1\n"
        "RETURNING",
        "WHERE delivery.key = json_each.value ->> 0 AND delivery.state = 1\nRETURNING",
        f"{_CONTRACT}::test_a_lease_that_has_ended_is_renewed_as_long_as_nobody_took_its_place",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/deliveries.sql",
        "SET state = ?, due = journaled, attempt = attempt - 1 WHERE key = ?",
        "SET state = ?, due = journaled, attempt = attempt WHERE key = ?",
        f"{_CONTRACT}::test_released_claims_are_due_at_once_as_if_never_attempted",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/deliveries.sql",
        "SELECT lane, record FROM delivery WHERE key = ? AND attempt = ? AND state = 1;",
        "SELECT lane, record FROM delivery WHERE key = ? AND attempt >= ? AND state = 1;",
        f"{_CONTRACT}::test_who_lost_the_lease_can_settle_no_more",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/finishing.sql",
        "AND delivery.state = 1;",
        ";",
        f"{_CONTRACT}::test_a_settlement_takes_effect_once",
    ),
    Mutant(
        "P3",
        f"{_SQLITE}/sql/finishing.sql",
        "WHERE queued.record = finished.record AND queued.lane = finished.lane AND queued.place IS NOT NULL",
        "WHERE queued.record = finished.record AND queued.lane = finished.lane AND queued.place = 2",
        f"{_CONTRACT}::test_a_subject_stays_held_whatever_becomes_of_an_older_delivery_queued_again",
    ),
    Mutant(
        "P3",
        f"{_SQLITE}/queues.py",
        '(head[2] == CODES["in_flight"] or head[0] <= oldest[0])',
        "head[0] <= oldest[0]",
        f"{_CONTRACT}::test_what_is_queued_again_waits_for_what_is_in_flight",
    ),
    Mutant(
        "P3",
        f"{_SQLITE}/queues.py",
        "        if head is not None and head[1] == _HEAD:\n"
        '            self._store.run(_SQL["demote"], head[:1])\n',
        "",
        f"{_CONTRACT}::test_what_is_queued_again_goes_before_younger_ones_of_its_subject",
    ),
    Mutant(
        "P3",
        f"{_SQLITE}/claims.py",
        '            self._store.run(_SQL["end"], (CODES[state], settlement.key))\n'
        "            self._queues.move_up(record, lane)\n"
        "        elif",
        '            self._store.run(_SQL["end"], (CODES[state], settlement.key))\n        elif',
        f"{_CONTRACT}::test_a_dead_letter_makes_way_too",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/deliveries.sql",
        "UPDATE delivery SET due = due - ?1 WHERE",
        "UPDATE delivery SET due = due - 0 * ?1 WHERE",
        f"{_CONTRACT}::test_a_clock_that_was_set_back_lets_nothing_sleep",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/deliveries.sql",
        "AND journaled > ?2 AND place > 0;",
        "AND journaled > 0 * ?2 AND place > 0;",
        f"{_CONTRACT}::test_what_is_due_already_stays_where_it_is_when_the_clock_is_set_back",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/hand.py",
        '            self._store.run(_SQL["undo"], (more, position_of(key)))\n',
        "            pass\n",
        f"{_CONTRACT}::test_what_is_done_can_be_sent_again_and_is_then_not_pruned",
    ),
    Mutant(
        "P8",
        f"{_SQLITE}/hand.py",
        "reason if known else unsure(reason)",
        "reason",
        f"{_CONTRACT}::test_what_nobody_settled_is_discarded_and_may_have_been_sent",
    ),
    Mutant(
        "P8",
        f"{_SQLITE}/hand.py",
        ' or (row[-1] and wish.act == "queue_again")',
        "",
        f"{_CONTRACT}::test_an_emptied_event_is_not_sent_again",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/hand.sql",
        "journaled = ?, earlier = attempt WHERE",
        "journaled = ?, earlier = 0 WHERE",
        f"{_CONTRACT}::test_retries_begin_anew_when_a_delivery_is_queued_again",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/upkeep.sql",
        "SELECT position FROM event WHERE undone = 0 AND emptied = 0",
        "SELECT position FROM event WHERE emptied = 0",
        f"{_CONTRACT}::test_only_what_has_ended_everywhere_is_emptied",
    ),
    Mutant(
        "P7",
        f"{_SQLITE}/sql/upkeep.sql",
        "UPDATE event SET emptied = 1, dictionary = 0, body = x'' WHERE position = ?",
        "UPDATE event SET emptied = 1 WHERE position = ?",
        f"{_ON_FILE}::test_what_was_emptied_is_neither_in_the_file_nor_in_its_log_any_more",
    ),
    Mutant(
        "P4",
        f"{_SQLITE}/sql/upkeep.sql",
        "UPDATE pruned SET position = max(position, ?);",
        "UPDATE pruned SET position = max(position, 0 * ?);",
        f"{_ON_FILE}::test_positions_are_not_used_twice_after_pruning_and_opening",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/sql/hints.sql",
        "ON CONFLICT (tenant, id) DO NOTHING\n",
        "ON CONFLICT (tenant, id) DO UPDATE SET waiting = 1\n",
        f"{_CONTRACT}::test_a_hint_that_was_looked_at_is_not_taken_again",
    ),
    Mutant(
        "P4",
        "daemon/lucca_sync/journal/rules.py",
        "    if told.event.sequence != stored:",
        "    if False:",
        f"{_CONTRACT}::test_nothing_is_told_when_one_record_has_moved_on_or_was_never_seen",
    ),
    Mutant(
        "P1",
        "daemon/lucca_sync/model/delivery.py",
        '    "discard": (("pending", "retrying"',
        '    "discard": (("in_flight", "pending", "retrying"',
        f"{_CONTRACT}::test_what_is_in_flight_is_discarded_when_it_is_given_back",
    ),
    Mutant(
        "P1",
        f"{_APP}/upkeep.py",
        "return before if unread is None else min(before, unread)",
        "return before",
        f"{_TIDYING}::test_what_somebody_has_yet_to_read_stays_whole[memory]",
    ),
    Mutant(
        "P1",
        f"{_APP}/upkeep.py",
        "            await anyio.sleep(max(anyio.current_time() - began, _LEAST_REST))\n",
        "",
        f"{_TIDYING}::test_others_have_the_store_between_any_two_steps[memory-5000]",
    ),
    Mutant(
        "P1",
        f"{_APP}/upkeep.py",
        "            except StoreError as error:\n                self.gate.report(error)\n",
        "            except ZeroDivisionError as error:\n                self.gate.report(error)\n",
        f"{_TIDYING}::test_a_store_that_fails_is_tidied_later",
    ),
    Mutant(
        "P7",
        f"{_APP}/upkeep.py",
        "        await self._remove(self.journal.empty, await self._before(self.retention))\n",
        "",
        f"{_TIDYING}::test_contents_go_after_retention_and_rows_after_history[memory]",
    ),
    Mutant(
        "P1",
        f"{INGEST}/pressure.py",
        "    return max(size, load.waiting / limits.oldest / (PAUSED_AFTER if level is Level.PAUSED else 1))",
        "    return size",
        f"{_PRESSURE}::test_size_and_age_each_slow_and_then_pause",
    ),
    Mutant(
        "P1",
        f"{INGEST}/pressure.py",
        "load.used / (limits.pause_at if level is Level.PAUSED else limits.slow_at)",
        "load.used / limits.slow_at",
        f"{_PRESSURE}::test_size_and_age_each_slow_and_then_pause",
    ),
    Mutant(
        "P1",
        f"{INGEST}/pressure.py",
        "(EASED if before >= level else 1.0)",
        "1.0",
        f"{_PRESSURE}::test_a_level_is_left_only_once_the_load_is_clearly_below_it",
    ),
    Mutant(
        "P1",
        f"{INGEST}/pressure.py",
        "if self.level is Level.SLOW else math.inf",
        "if self.level is not Level.NONE else math.inf",
        f"{_PRESSURE}::test_nobody_passes_while_paused_and_everybody_at_once_when_it_ends",
    ),
    Mutant(
        "P1",
        f"{INGEST}/gate.py",
        "        await self.pressure.passed(rested)\n",
        "",
        f"{_PRESSURE}::test_looks_become_rare_then_end_and_then_go_on_without_anybodys_help",
    ),
    Mutant(
        "P1",
        f"{_APP}/pressing.py",
        "for lane in standing.keys() & set(self._lanes()))",
        "for lane in standing)",
        "tests/keeping/test_pressing.py::test_age_counts_along_lanes_that_somebody_delivers_only",
    ),
    Mutant(
        "P8",
        f"{_APP}/pressing.py",
        "            self._announce(level, load)\n",
        "",
        "tests/keeping/test_pressing.py::test_each_change_is_logged_once_with_what_to_do_and_shown",
    ),
    Mutant(
        "P1",
        f"{INGEST}/pressure.py",
        "        self._changed.ring()\n",
        "        pass\n",
        f"{_PRESSURE}::test_looks_become_rare_then_end_and_then_go_on_without_anybodys_help",
    ),
    Mutant(
        "P1",
        f"{_SQLITE}/store.py",
        "                self._recover(connection, disk_failed=isinstance(error, apsw.IOError))\n",
        "                del error\n",
        f"{_CONTRACT}::test_after_a_refusal_the_next_commit_is_accepted",
    ),
    Mutant(
        "P1",
        f"{_APP}/pressing.py",
        "            self._gate.report(error)\n            return\n",
        "            self._gate.report(error)\n            load = Load(0)\n",
        "tests/keeping/test_pressing.py::test_where_the_store_cannot_tell_the_level_stays",
    ),
)
