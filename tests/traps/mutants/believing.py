"""Mutants that believe too much, or too little, of what Lucca's lists show."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, LUCCA, MODEL, Mutant

_NO_ALARM: Final = "tests/ingest/test_no_false_alarm.py"
_REASONS: Final = "tests/ingest/test_brake_reasons.py"
_STABLE: Final = "tests/ingest/test_stable.py"
_SWEEP: Final = "tests/ingest/test_sweep.py"
_CLOCK_ALONE: Final = (
    'if canonical.content.get(origin.resource.clock or "") == decode_content(known.content or b"{}").get(\n'
    '        origin.resource.clock or ""\n'
    "    ):"
)

BELIEVING: Final[Sequence[Mutant]] = (
    Mutant(
        11,
        f"{INGEST}/absent.py",
        "        if answer is None:\n",
        "        if True:\n",
        f"{_SWEEP}::test_a_record_that_is_only_hidden_from_lists_is_not_deleted",
    ),
    Mutant(
        11,
        f"{INGEST}/evidence.py",
        'return "establishment-lost" if await self._establishment_lost(missing) else None',
        "return None",
        f"{_REASONS}::test_people_of_a_lost_establishment_are_held_however_few",
    ),
    Mutant(
        11,
        f"{INGEST}/deletions.py",
        "self._holding.round.doubted |= odd",
        "pass",
        f"{_REASONS}::test_after_an_establishment_was_lost_nobody_who_goes_alone_is_believed_before_all_are_judged",
    ),
    Mutant(
        11,
        f"{MODEL}/event.py",
        'envelope["absence"] = "deleted-or-hidden"',
        "pass",
        "tests/ingest/test_emit.py::"
        "test_a_deletion_tells_the_last_known_content_and_that_it_may_only_be_hidden",
    ),
    Mutant(
        12,
        f"{INGEST}/watch.py",
        "        if not ended.complete:\n            return False\n",
        "",
        "tests/ingest/test_trouble.py::test_an_unreadable_page_deletes_nobody",
    ),
    Mutant(
        12,
        f"{INGEST}/guard.py",
        "return missing > 0 and (missing >= records or threshold.trips(missing, records))",
        "return missing > 0 and missing >= records",
        f"{_SWEEP}::test_mass_deletion_is_held_and_released_when_the_rows_return",
    ),
    Mutant(
        12,
        f"{INGEST}/deletions.py",
        "if deletions_held(len(ids) + gone, records + gone, self._threshold):",
        "if False:",
        "tests/ingest/test_brake.py::test_deletions_seen_early_count_against_the_threshold_of_the_round",
    ),
    Mutant(
        13,
        f"{INGEST}/due.py",
        "if any(since < instant <= until for instant in _flips(content, resource.dates, zones)):",
        "if False:",
        "tests/eyes/test_due.py::"
        "test_a_hire_of_tomorrow_becomes_active_at_midnight_with_one_request_a_resource",
    ),
    Mutant(
        13,
        f"{INGEST}/due.py",
        "return datetime.fromisoformat(note.decode()) if note else None",
        "return self.clock.now() - timedelta(minutes=5) if note else None",
        "tests/eyes/test_due.py::test_what_came_due_while_the_daemon_was_away_is_caught_up_with",
    ),
    Mutant(
        14,
        f"{INGEST}/due.py",
        "return {self._zones[place] for place in places if place in self._zones} or {self.zone}",
        "return {self.zone}",
        "tests/eyes/test_due.py::test_midnight_is_that_of_the_establishment",
    ),
    Mutant(
        14,
        f"{INGEST}/due.py",
        "return datetime.combine(day, time(), zone).astimezone(UTC)",
        "return datetime.combine(day, time(), UTC)",
        "tests/eyes/test_due.py::test_a_contract_that_ends_today_counts_through_its_last_day",
    ),
    Mutant(
        15,
        f"{INGEST}/emit.py",
        "if canonical.encoded == known.content:",
        _CLOCK_ALONE,
        "tests/traps/test_telling.py::test_a_field_that_flips_without_a_write_is_told_though_no_clock_moved",
    ),
    Mutant(
        15,
        f"{INGEST}/questions.py",
        "if hint.employee and _OF_EMPLOYEE in lists:",
        "if False:",
        "tests/ingest/test_hints.py::test_a_hint_makes_the_subject_and_what_is_kept_beside_it_be_read_again",
    ),
    Mutant(
        16,
        f"{INGEST}/canonical.py",
        'frozenset({"links", "url", "embedded"})',
        'frozenset({"url", "embedded"})',
        f"{_SWEEP}::test_rotating_portrait_tokens_are_no_change",
    ),
    Mutant(
        17,
        f"{INGEST}/canonical.py",
        'frozenset({"links", "url", "embedded"})',
        'frozenset({"links", "url"})',
        f"{_SWEEP}::test_embedded_copies_are_no_change",
    ),
    Mutant(
        18,
        f"{INGEST}/emit.py",
        "return clocks is not None and clocks[0] < clocks[1]",
        "return False",
        f"{_SWEEP}::test_a_stale_row_is_read_again_by_id_before_it_is_believed",
    ),
    Mutant(
        18,
        f"{INGEST}/turned.py",
        "return self._former.get(had.id) == canonical.digest != had.digest",
        "return False",
        f"{_SWEEP}::test_a_row_that_is_as_before_without_having_been_written_is_read_again_by_id",
    ),
    Mutant(
        18,
        f"{INGEST}/page.py",
        "if had is not None and had.content is None and in_sight(self.formerly, canonical.content):",
        "if False:",
        f"{_SWEEP}::test_a_stale_list_that_still_shows_a_deleted_record_brings_nobody_back",
    ),
    Mutant(
        19,
        f"{INGEST}/diff.py",
        "before == after or _same_instant(before, after) or _same_duration(before, after)",
        "before == after or _same_duration(before, after)",
        f"{_NO_ALARM}::test_another_spelling_of_an_instant_is_no_change",
    ),
    Mutant(
        19,
        f"{INGEST}/diff.py",
        "before == after or _same_instant(before, after) or _same_duration(before, after)",
        "before == after or _same_instant(before, after)",
        "tests/ingest/test_diff.py::test_what_says_the_same_is_no_change",
    ),
    Mutant(
        19,
        f"{INGEST}/emit.py",
        "    seen = parse_instant(canonical.content.get(resource.clock))\n"
        "    had = parse_instant(decode_content(known.content).get(resource.clock))\n",
        "    seen = str(canonical.content.get(resource.clock))\n"
        "    had = str(decode_content(known.content).get(resource.clock))\n",
        "tests/traps/test_telling.py::test_how_old_a_row_is_does_not_depend_on_how_its_time_is_spelled",
    ),
    Mutant(
        20,
        f"{INGEST}/emit.py",
        "if canonical.encoded == known.content:",
        _CLOCK_ALONE,
        f"{_NO_ALARM}::test_a_department_without_timestamps_is_seen_to_change",
    ),
    Mutant(
        22,
        f"{MODEL}/catalogue.py",
        '        quiet=("sortOrder",),\n',
        "",
        f"{_NO_ALARM}::test_siblings_in_another_order_are_no_change",
    ),
    Mutant(
        22,
        f"{INGEST}/canonical.py",
        "content[name] = sorted(members, key=_ENCODER.encode)",
        "content[name] = members",
        f"{_NO_ALARM}::test_objects_and_sets_in_another_order_are_no_change",
    ),
    Mutant(
        23,
        f"{INGEST}/deletions.py",
        "return await self._evidence.emptied(refused=refused)",
        "return None",
        f"{_REASONS}::test_attributes_that_all_vanish_at_once_are_a_matter_of_sections",
    ),
    Mutant(
        23,
        f"{INGEST}/evidence.py",
        "if self._sectioned and await self._definitions_lost(missing):",
        "if False:",
        f"{_REASONS}::test_all_attributes_of_several_definitions_are_held_however_few",
    ),
    Mutant(
        23,
        "daemon/lucca_sync/app/checks.py",
        "hint=_SECTIONS_ADVICE if name == _ATTRIBUTES else _EMPTY_ADVICE",
        "hint=_EMPTY_ADVICE",
        "tests/traps/test_sections_in_check.py::"
        "test_no_attribute_at_all_makes_check_ask_for_the_sections[all]",
    ),
    Mutant(
        24,
        f"{INGEST}/decode.py",
        "items=tuple({item.id: item for item in items}.values()),",
        "items=tuple(\n"
        "            {\n"
        '                str((it.content().get("definition"), it.content().get("employee"), it.id)[\n'
        '                    : 2 if "definition" in it.content() else 3]): it\n'
        "                for it in items\n"
        "            }.values()\n"
        "        ),",
        "tests/traps/test_telling.py::test_several_values_of_one_attribute_are_several_records",
    ),
    Mutant(
        26,
        f"{INGEST}/decode.py",
        "class _Head(msgspec.Struct):",
        "class _Head(msgspec.Struct, forbid_unknown_fields=True):",
        f"{_NO_ALARM}::test_a_value_that_nobody_has_heard_of_passes",
    ),
    Mutant(
        26,
        f"{INGEST}/additive.py",
        "return changed >= max(_FEWEST, math.ceil(records * _MOST))",
        "return False",
        f"{_SWEEP}::test_a_field_that_appears_on_everybody_is_learned_silently_and_reported_once",
    ),
    Mutant(
        27,
        f"{INGEST}/rounds.py",
        "return head if head is not None and head.url == url else None",
        "return head",
        f"{_STABLE}::test_a_tag_goes_only_to_the_address_that_gave_it",
    ),
    Mutant(
        27,
        f"{LUCCA}/client.py",
        'etag = reply.headers.get("ETag")',
        'etag = reply.headers.get("ETag", "").removeprefix("W/").strip(\'"\')',
        "tests/lucca/test_client.py::test_a_page_comes_as_raw_bytes_with_its_etag",
    ),
    Mutant(
        28,
        f"{INGEST}/sweep.py",
        "return _Passed(head.next_url)\n        if answer.body is None",
        "return _Passed(None)\n        if answer.body is None",
        f"{_SWEEP}::test_nothing_changed_is_asked_conditionally_and_writes_nothing",
    ),
)
