"""Mutants that take a person's word for another, do more than was said, or hide what is."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, Mutant

_APP: Final = "daemon/lucca_sync/app"
_EGRESS: Final = "daemon/lucca_sync/egress"
_CLI: Final = "daemon/lucca_sync/cli"
_SENDING: Final = "tests/cli/test_sending.py"
_PLAN: Final = "tests/cli/test_plan.py"
_RELOADING: Final = "tests/reload/test_refusing.py"
_TELLING: Final = "tests/egress/test_telling.py"

COMMANDING: Final[Sequence[Mutant]] = (
    Mutant(
        "P4",
        f"{_APP}/sending.py",
        "min(wanted.until or order.at, order.at)",
        "wanted.until",
        f"{_SENDING}::test_replay_is_about_what_was_before_it",
    ),
    Mutant(
        "P1",
        f"{_APP}/sending.py",
        "        await anyio.sleep(count / per_second)\n",
        "        pass\n",
        f"{_SENDING}::test_a_slow_replay_tells_how_far_it_is_after_each_handful_and_a_rehearsal_hurries",
    ),
    Mutant(
        "P8",
        f"{_APP}/sending.py",
        "                if order.apply and asked_for:",
        "                if asked_for:",
        f"{_SENDING}::test_without_yes_nothing_is_sent",
    ),
    Mutant(
        "P8",
        f"{_APP}/sending.py",
        "            if order.apply and told:",
        "            if told:",
        f"{_SENDING}::test_without_yes_nothing_is_sent",
    ),
    Mutant(
        "P7",
        f"{_APP}/sending.py",
        '        if verdict.answer == "no":',
        "        if False:",
        f"{_SENDING}::test_a_new_route_gets_what_it_asks_for_and_no_more",
    ),
    Mutant(
        "P4",
        f"{INGEST}/snapshots.py",
        "known.digest, _MARK, known.sequence)",
        "known.digest, _MARK + at.isoformat().encode(), known.sequence)",
        f"{_SENDING}::test_a_snapshot_of_the_same_record_has_the_same_id_each_time",
    ),
    Mutant(
        "P8",
        f"{_APP}/sending.py",
        '        gone = EventFilter(*stock.name, record_id=record_id, kind="deleted")',
        '        gone = EventFilter(*stock.name, record_id=record_id, kind="created")',
        f"{_SENDING}::test_who_is_gone_is_told_to_be_gone_again",
    ),
    Mutant(
        "P8",
        f"{_APP}/handling.py",
        "    return await (_done if order.apply else _counted)(store, choice, order, tell)",
        "    return await _done(store, choice, order, tell)",
        "tests/cli/test_dead.py::test_without_yes_nothing_changes",
    ),
    Mutant(
        "P8",
        f"{_APP}/handling.py",
        "    return await (_done if order.apply else _counted)(store, choice, order, tell)",
        "    return await _done(store, choice, order, tell)",
        "tests/cli/test_deliveries.py::test_without_yes_nothing_changes",
    ),
    Mutant(
        "P8",
        f"{_CLI}/acting.py",
        '    if not said["numbers"] and not some and not everything:\n',
        "    if False:\n",
        "tests/cli/test_deliveries.py::test_who_means_all_must_say_so",
    ),
    Mutant(
        "P8",
        f"{_APP}/rehearsing.py",
        '    return "same" if before.shown == after.shown else "changed"',
        '    return "same"',
        f"{_PLAN}::test_fewer_fields_change_what_is_sent_or_leave_nothing_to_send",
    ),
    Mutant(
        "P8",
        f"{_APP}/rehearsing.py",
        'Sending(route.shown(event, owner) if answer == "yes" else None)',
        "Sending(route.shown(event, owner))",
        f"{_PLAN}::test_a_condition_that_fails_on_events_is_told_before_it_makes_dead_letters",
    ),
    Mutant(
        "P8",
        f"{_APP}/rehearsing.py",
        "EventFilter(since=since)",
        "EventFilter()",
        f"{_PLAN}::test_only_what_was_recorded_since_is_looked_at",
    ),
    Mutant(
        "P8",
        f"{_APP}/explaining.py",
        "    for lane, delivery in deliveries.items():\n"
        "        if lane not in known:\n"
        "            yield Way(lane, _GONE, delivery)\n",
        "",
        "tests/cli/test_explain.py::test_a_route_that_the_settings_no_longer_have_is_named_with_what_it_did",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/report.py",
        "            if lane not in present\n",
        "            if False\n",
        f"{_TELLING}::test_deliveries_that_no_configured_lane_will_take_are_told_once_at_the_start",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/report.py",
        "            self._means.metrics.initialise_lane(*lane)\n",
        "",
        f"{_TELLING}::test_a_lane_without_deliveries_stands_at_zero_from_the_start",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/report.py",
        "            metrics.forget(connector=connector)\n",
        "            pass\n",
        "tests/egress/test_reload.py::test_a_removed_target_is_closed_and_its_task_is_missed_by_nobody",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/account.py",
        "            self._mourn(claim, settlement)\n",
        "            pass\n",
        f"{_TELLING}::test_a_dead_letter_is_one_line_that_names_the_event_and_holds_no_value",
    ),
    Mutant(
        "P8",
        f"{_EGRESS}/standing.py",
        "        if self._bad_since is not None or self._failures < FAILURES:\n",
        "        if self._failures < FAILURES:\n",
        f"{_TELLING}::test_a_target_that_goes_bad_and_comes_back_is_told_twice_however_often_it_is_tried",
    ),
    Mutant(
        "P8",
        "daemon/lucca_sync/server/app.py",
        "good=health.is_ready)",
        "good=True)",
        "tests/server/test_server.py::test_a_daemon_that_is_starting_is_alive_but_neither_started_nor_ready",
    ),
    Mutant(
        "P1",
        "daemon/lucca_sync/server/app.py",
        "    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))",
        "    return bool(record)",
        "tests/server/test_server.py::test_a_stranger_who_sends_no_http_is_answered_and_fills_no_log",
    ),
    Mutant(
        "P8",
        "daemon/lucca_sync/settings/advice.py",
        "    for name in settings.connectors.keys() - used:\n"
        '        yield Finding(("connectors", name), "no route leads here", at_key=True)\n',
        "",
        "tests/settings/test_advice.py::test_one_oddity_is_one_warning",
    ),
    Mutant(
        "P7",
        "daemon/lucca_sync/settings/problems.py",
        'return key if _LIKE_A_KEY.fullmatch(key) else "?"',
        "return key",
        "tests/settings/test_document.py::test_a_key_that_does_not_look_like_one_is_not_shown",
    ),
    Mutant(
        "P7",
        f"{_CLI}/entry.py",
        '        places = "".join(format_tb(error.__traceback__))\n',
        '        places = "".join(format_tb(error.__traceback__)) + str(error)\n',
        "tests/cli/test_exits.py::test_a_fault_of_ours_is_1_and_tells_places_but_not_its_own_words",
    ),
    Mutant(
        "P1",
        f"{_APP}/reload.py",
        "        if fixed:\n",
        "        if False:\n",
        f"{_RELOADING}::test_what_only_a_start_takes_up_is_refused_with_all_that_came_with_it",
    ),
    Mutant(
        "P1",
        f"{_APP}/reload.py",
        "        if plan is None:\n            return present\n",
        "        if plan is None:\n            raise RuntimeError\n",
        f"{_RELOADING}::test_a_file_that_is_gone_leaves_all_as_it_was",
    ),
    Mutant(
        "P1",
        f"{_APP}/reload.py",
        "        except Exception as fault:",
        "        except ZeroDivisionError as fault:",
        f"{_RELOADING}::test_a_fault_in_reading_ends_nothing",
    ),
    Mutant(
        "P8",
        f"{_APP}/reload.py",
        "        self._metrics.config_last_reload_successful.set(0)\n",
        "",
        f"{_RELOADING}::test_a_mistake_leaves_all_as_it_was_and_is_told_with_its_place_and_without_its_value",
    ),
    Mutant(
        "P8",
        f"{_APP}/roster.py",
        "            premises.metrics.forget(tenant=name)\n",
        "",
        "tests/reload/test_tenants.py::test_a_tenant_that_is_removed_is_asked_nothing_more_and_shown_no_more",
    ),
    Mutant(
        "P8",
        f"{_APP}/roster.py",
        "            premises.metrics.forget(tenant=name, resource=resource)\n",
        "",
        "tests/reload/test_tenants.py::test_a_resource_that_is_no_longer_watched_is_shown_no_more",
    ),
    Mutant(
        "P7",
        f"{_CLI}/events.py",
        "    if values:\n        out.table",
        "    if True:\n        out.table",
        "tests/cli/test_events.py::test_tail_shows_who_changed_and_where_and_no_value",
    ),
    Mutant(
        "P8",
        f"{_CLI}/routes.py",
        "    if yes:\n        words = ",
        "    if True:\n        words = ",
        "tests/cli/test_routes.py::test_a_route_is_paused_only_with_yes_and_resumed_again",
    ),
    Mutant(
        "P8",
        f"{_CLI}/check.py",
        "        failed += not result.ok\n",
        "",
        "tests/cli/test_check.py::test_each_result_is_told_as_it_comes_and_the_bad_ones_are_counted",
    ),
    Mutant(
        "P1",
        f"{_CLI}/hangups.py",
        "        known, self._held = self._held, True\n",
        "        known, self._held = self._held, False\n",
        "tests/reload/test_hangups.py::"
        "test_what_comes_before_anybody_can_act_on_it_is_told_once_somebody_can",
    ),
    Mutant(
        "P1",
        f"{_CLI}/hangups.py",
        "        self._held = False\n\n    def _note",
        "        pass\n\n    def _note",
        "tests/reload/test_hangups.py::"
        "test_what_comes_while_one_waits_to_be_heard_is_one_with_it_and_a_later_one_is_another",
    ),
    Mutant(
        "P1",
        "daemon/lucca_sync/app/daemon.py",
        "        await parts.pressing.measure()\n        async with anyio.create_task_group() as delivering:",
        "        async with anyio.create_task_group() as delivering:",
        "tests/keeping/test_paused_daemon.py::"
        "test_a_single_run_looks_at_nothing_and_says_by_its_result_that_something_is_left",
    ),
)
