"""Mutants that take the legacy API for something that it isn't."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, LUCCA, MODEL, Mutant

_LEAVES: Final = "tests/ingest/test_leaves.py"
_PERIODS: Final = "tests/ingest/test_leave_periods.py"

LEGACY: Final[Sequence[Mutant]] = (
    Mutant(
        39,
        f"{LUCCA}/legacy.py",
        '        "fields": f"{resource.fields},collection.count" if counted else resource.fields,\n',
        "",
        f"{_LEAVES}::test_all_that_is_read_is_asked_for_by_name",
    ),
    Mutant(
        40,
        f"{MODEL}/catalogue.py",
        '        asks=MappingProxyType({"formerEmployees": "true"}),  # else leavers look deleted\n',
        "",
        "tests/ingest/test_leaves_at_the_simulator.py::test_leavers_are_users_too",
    ),
    Mutant(
        41,
        f"{INGEST}/leaves.py",
        '{"date": span.asked, **filters}, limit)',
        '{**filters, "date": ""}, limit)',
        f"{_LEAVES}::test_every_question_has_a_date_and_an_owner",
    ),
    Mutant(
        41,
        f"{INGEST}/leaves.py",
        'return {"date": span.asked, _OWNER: _EVERYBODY}',
        'return {"date": span.asked}',
        f"{_LEAVES}::test_every_question_has_a_date_and_an_owner",
    ),
    Mutant(
        42,
        f"{INGEST}/leaves.py",
        '_OWNER: Final = "leavePeriod.ownerId"',
        '_OWNER: Final = "leavePeriod.owner.legalEntityId"',
        "tests/traps/test_asking.py::"
        "test_absences_are_asked_for_by_owner_never_by_what_v3_calls_a_legal_entity",
    ),
    Mutant(
        43,
        f"{INGEST}/periods.py",
        "key = Key(half.owner, half.period, half.account)",
        "key = Key(half.owner, half.period + half.place, half.account)",
        f"{_PERIODS}::test_a_holiday_of_two_weeks_is_one_record_with_its_weekend_inside",
    ),
    Mutant(
        44,
        f"{INGEST}/halves.py",
        "\"id\": f\"{owner}-{day.replace('-', '')}-{half}-{account}\",",
        '"id": lucca_id,',
        f"{_LEAVES}::test_an_edited_period_with_new_ids_changes_nothing_of_its_half_days",
    ),
    Mutant(
        44,
        f"{INGEST}/periods.py",
        "        if heir_of is None:\n",
        "        if True:\n",
        f"{_PERIODS}::test_an_edit_that_mints_a_new_period_is_one_update_of_the_old_record",
    ),
    Mutant(
        45,
        f"{INGEST}/periods.py",
        '"days": len(active) / _HALVES_A_DAY,',
        '"days": len(places) / _HALVES_A_DAY,',
        f"{_PERIODS}::test_a_cancelled_holiday_is_an_update_that_says_so_and_counts_no_days",
    ),
    Mutant(
        45,
        f"{INGEST}/periods.py",
        "values = [half.hours for half in halves if half.active]",
        "values = [half.hours for half in halves]",
        "tests/traps/test_telling.py::test_hours_of_a_cancelled_half_day_are_not_added_up",
    ),
    Mutant(
        45,
        "daemon/lucca_sync/egress/leaves_v2.py",
        'if record.get("isActive") is True:',
        "if True:",
        "tests/egress/test_leaves_v2.py::test_cancelled_is_not_rejected",
    ),
    Mutant(
        46,
        f"{INGEST}/leave_delta.py",
        "rfc3339(since.astimezone(UTC))",
        "since.astimezone(__import__('zoneinfo').ZoneInfo('Europe/Paris')).replace(tzinfo=None).isoformat()",
        f"{_LEAVES}::test_the_question_since_when_is_in_utc_and_begins_before_the_last_run_began",
    ),
    Mutant(
        46,
        f"{INGEST}/users.py",
        "instant = since.astimezone(UTC).replace(tzinfo=None)",
        'instant = since.astimezone(__import__("zoneinfo").ZoneInfo("Europe/Paris")).replace(tzinfo=None)',
        "tests/ingest/test_leaves_at_the_simulator.py::"
        "test_a_modified_user_sends_us_to_look_at_the_employee[UTC]",
    ),
    Mutant(
        47,
        f"{LUCCA}/legacy.py",
        "OVERLAP: Final = 10",
        "OVERLAP: Final = 0",
        "tests/lucca/test_legacy.py::"
        "test_a_full_page_is_followed_by_one_that_overlaps_it_and_a_short_one_by_none",
    ),
    Mutant(
        48,
        f"{INGEST}/leave_delta.py",
        "await self.watermark.move(started)",
        "await self.watermark.move(self._first.lookout.clock.now())",
        f"{_LEAVES}::test_what_changes_while_a_run_asks_is_asked_for_again",
    ),
    Mutant(
        48,
        f"{INGEST}/leave_delta.py",
        "(started - OVERLAP).replace(second=0, microsecond=0)",
        "started",
        "tests/ingest/test_users.py::test_the_watermark_is_the_start_of_the_last_good_run_and_rounded_down",
    ),
    Mutant(
        49,
        f"{INGEST}/leave_delta.py",
        '"confirmed": ("leavePeriod.confirmationDate", {}),',
        '"confirmed": ("creationDate", {}),',
        f"{_LEAVES}::test_a_confirmed_leave_is_found_by_the_call_for_what_was_confirmed_since",
    ),
    Mutant(
        49,
        f"{INGEST}/page.py",
        "write = write_updated(origin, canonical, had, self.lookout.route, self.grown)",
        "write = None",
        "tests/traps/test_telling.py::test_an_edit_of_what_is_long_known_is_told_of_the_oldest_record_too",
    ),
)
