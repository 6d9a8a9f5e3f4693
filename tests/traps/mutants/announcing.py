"""Mutants that announce badly: too early, too late, twice, or what was called off."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import Mutant

_BUSINESS: Final = "daemon/lucca_sync/ingest/business"
_DATES: Final = "tests/business/test_dates.py"
_CAREERS: Final = "tests/business/test_careers.py"
_WAITING: Final = "tests/business/test_waiting_for_the_employee.py"
_LAST_DAYS: Final = "tests/business/test_last_days.py"
_STORIES: Final = "tests/business"

ANNOUNCING: Final[Sequence[Mutant]] = (
    Mutant(
        "P2",
        f"{_BUSINESS}/window.py",
        "abs(until - spots[0].recorded) >= self.span",
        "True",
        f"{_DATES}::test_a_date_does_not_come_while_a_change_of_that_person_waits_for_its_window",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/window.py",
        "abs(until - spots[0].recorded) >= self.span",
        "until - spots[0].recorded >= self.span",
        f"{_STORIES}/test_state.py::test_a_clock_that_was_set_back_keeps_nothing_waiting",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/window.py",
        "(at for at, spot in enumerate(spots) if at and spot.recorded >= end)",
        "(at for at, spot in enumerate(spots) if at)",
        f"{_CAREERS}::test_a_hire_is_one_event_whatever_order_its_records_arrive_in",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/judge.py",
        '        yield from case.tell("rescheduled" if case.postponed else "scheduled", case.on)\n'
        "        case.appoint(case.on)\n",
        '        yield from case.tell("plain", case.on)\n',
        f"{_CAREERS}::test_a_hire_seen_beforehand_is_announced_and_comes_on_its_day",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/judge.py",
        '            yield from case.tell("rescheduled", case.on)\n',
        "            yield from ()\n",
        f"{_CAREERS}::test_a_hire_that_is_moved_and_then_withdrawn_never_comes",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/judge.py",
        '        yield from case.tell("cancelled", appointed.on)\n'
        "        del case.appointments[case.key()]\n",
        "        del case.appointments[case.key()]\n",
        f"{_CAREERS}::test_a_hire_that_is_moved_and_then_withdrawn_never_comes",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/judge.py",
        "        case.appoint(case.on)\n        day = day_of(case.on)\n",
        "        day = day_of(case.on)\n",
        f"{_CAREERS}::test_a_planned_position_is_moved_fired_on_its_day_and_then_past",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/judge.py",
        "elif case.touched and not case.again and not case.over():",
        "elif case.touched and not case.over():",
        f"{_CAREERS}::test_who_comes_back_into_view_is_not_hired_again",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/judge.py",
        "elif case.touched and not case.again and not case.over():",
        "elif case.touched and not case.again:",
        f"{_LAST_DAYS}::test_a_contract_entered_after_it_has_ended_is_history",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/judge.py",
        "    return scene.person.record(rule.shows, scene.who) is None\n",
        "    return False\n",
        f"{_WAITING}::test_employees_that_are_refused_hold_a_hire_for_an_hour_and_no_longer",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/fire.py",
        "due[key] > min(seen, scene.at)",
        "due[key] > scene.at",
        f"{_DATES}::test_after_a_pause_nothing_comes_before_somebody_has_looked",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/fire.py",
        "        if not _is_void(scene, one, due[key]):\n"
        "            yield _told(scene, rule, one, due[key])\n",
        "        yield from ()\n",
        f"{_DATES}::test_after_a_pause_a_date_comes_late_and_once",
    ),
    Mutant(
        "P4",
        f"{_BUSINESS}/fire.py",
        "            person.appointments[key] = structs.replace(one, done=True)",
        "            pass",
        f"{_DATES}::test_after_a_pause_a_date_comes_late_and_once",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/fire.py",
        "        if not _is_void(scene, one, due[key]):\n",
        "        if True:\n",
        f"{_DATES}::test_of_who_has_left_no_probation_ends",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/fire.py",
        '_DAY if rule.manner == "ending" else',
        'timedelta(0) if rule.manner == "ending" else',
        f"{_CAREERS}::test_a_last_day_is_announced_and_still_worked",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/sight.py",
        "        if now - self.since >= _PATIENCE:\n            return dict.fromkeys(resources, now)\n",
        "",
        f"{_DATES}::test_where_nobody_can_look_a_date_comes_after_an_hour_all_the_same",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/places.py",
        'return self.zones.get(place or "", self.zone)',
        "return self.zone",
        f"{_DATES}::test_midnight_is_that_of_the_establishment",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/recheck.py",
        "        after = {key: fact for key in before if (fact := _as_stored(known.get(key))) is not None}\n",
        "        after = before\n",
        f"{_DATES}::test_a_date_that_a_new_baseline_moved_does_not_come",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/deriver.py",
        "        if held.who not in self._reader.windows:\n            told",
        "        if True:\n            told",
        f"{_WAITING}::test_an_employee_whose_window_is_open_is_waited_for",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/deriver.py",
        "Cursor(newest[-1].position if newest else 0, now)",
        "Cursor(0, now)",
        f"{_DATES}::test_a_daemon_put_beside_an_old_journal_begins_now",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/deriver.py",
        "            if before is not None and again and before.is_recent(now):\n                continue\n",
        "            if before is not None and again:\n                continue\n",
        f"{_DATES}::test_dates_of_records_that_came_in_silence_come_too",
    ),
    Mutant(
        "P4",
        f"{_BUSINESS}/fold.py",
        "            return raw.event.sequence > (forgotten or 0 if fact is None else fact.sequence)\n",
        "            return True\n",
        f"{_STORIES}/test_crashes.py::test_wherever_it_breaks_down_the_same_is_told_under_the_same_ids",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/fold.py",
        "    return {**touched, **anew} if gone else touched",
        "    return touched",
        f"{_CAREERS}::test_a_contract_that_is_deleted_and_written_anew_is_no_hire",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/fold.py",
        "            instead[id(after)] = [] if before.on == after.on else [self._moved(before, after)]\n",
        "            instead[id(after)] = [after]\n",
        f"{_LAST_DAYS}::test_a_contract_renewed_for_a_time_moves_the_last_day_and_nobody_leaves",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/fold.py",
        "    again = acted is not None and abs(told.acted - acted) <= _ONE_ACT and since <= on\n",
        "    again = False\n",
        f"{_STORIES}/test_leaves.py::test_an_absence_asked_for_at_once_and_seen_bit_by_bit_is_told_once",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/fold.py",
        "if _is_about(key, rule) and until <= now:",
        "if False:",
        f"{_WAITING}::test_employees_that_are_refused_hold_a_hire_for_an_hour_and_no_longer",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/telling.py",
        '        key = (told.rule, told.name, told.group or "/".join(told.about))\n',
        '        key = (told.rule, told.name, "/".join(told.about))\n',
        f"{_STORIES}/test_leaves.py::test_twenty_half_days_are_one_absence",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/deriver.py",
        '        return "history" if baseline else "news"',
        '        return "news"',
        f"{_DATES}::test_a_baseline_that_is_told_as_events_hires_nobody_and_approves_nothing",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/deriver.py",
        "        since = now if first is None else min(first, now)\n",
        "        since = now\n",
        f"{_STORIES}/test_state.py::test_what_waits_holds_retention_back_over_a_restart_too",
    ),
    Mutant(
        "P4",
        f"{_BUSINESS}/window.py",
        "(at for at, spot in enumerate(spots) if at and spot.recorded >= end)",
        "iter(())",
        f"{_STORIES}/test_ids.py::test_changes_that_lie_apart_are_told_apart_though_they_are_read_at_once",
    ),
    Mutant(
        "P4",
        f"{_BUSINESS}/reader.py",
        " in self._strange:",
        " in set[str]():",
        f"{_STORIES}/test_contract_known_late.py::"
        "test_a_contract_that_comes_between_reading_two_changes_puts_neither_before_the_other",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/fold.py",
        "for raw in group if raw.event.resource not in INDIRECT)",
        "for raw in group)",
        f"{_STORIES}/test_contract_known_late.py::"
        "test_a_period_that_is_folded_first_takes_nothing_from_what_was_seen_before_it",
    ),
    Mutant(
        "P4",
        f"{_BUSINESS}/window.py",
        "if beside else (self._waiting, person)",
        "if False else (self._waiting, person)",
        f"{_STORIES}/test_contract_known_late.py::"
        "test_an_extension_a_window_later_is_told_whether_or_not_the_person_is_waited_for",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/deriver.py",
        "        await self._take_up(self._asides.take_up(), now)\n",
        "",
        f"{_STORIES}/test_set_aside.py::test_who_is_set_aside_is_taken_up_every_hour_without_a_restart",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/judge.py",
        "elif appointed.on != on:\n        ahead",
        "elif False:\n        ahead",
        f"{_CAREERS}::test_a_last_day_is_moved_and_withdrawn_also_after_it_has_passed",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/judge.py",
        '"rescheduled" if case.postponed else "scheduled"',
        '"scheduled"',
        f"{_LAST_DAYS}::test_a_hire_that_is_put_off_when_it_had_begun_is_moved_and_comes",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/recheck.py",
        "            fit = [held for held in fit if not await self._is_behind(held.person, resource, "
        "known)]\n",
        "",
        f"{_DATES}::test_after_a_pause_nothing_comes_before_somebody_has_looked",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/recheck.py",
        "if one.content is None}",
        "if False}",
        "tests/business/test_contract_known_late.py::"
        "test_a_period_whose_contract_is_gone_comes_to_no_end_though_it_is_folded_after_that",
    ),
)
