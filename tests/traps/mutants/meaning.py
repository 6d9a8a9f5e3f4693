"""Mutants that stop a tenant's business events for one person, or tell of people what is not so."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, Mutant

_BUSINESS: Final = f"{INGEST}/business"
_ASIDE: Final = "tests/business/test_set_aside.py"

MEANING: Final[Sequence[Mutant]] = (
    Mutant(
        "P1",
        f"{_BUSINESS}/deriver.py",
        "await each_alone(groups[start : start + _PEOPLE_AT_ONCE], self._fold_some, self._not_folded)",
        "await self._fold_some(groups[start : start + _PEOPLE_AT_ONCE])",
        f"{_ASIDE}::test_what_breaks_down_for_one_is_told_of_everybody_else",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/aside.py",
        "if position <= one.position:",
        "if False:",
        f"{_ASIDE}::test_what_concerns_somebody_through_a_contract_seen_later_waits_for_them_too",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/reader.py",
        "self._turned_away = self._turned_away or spot",
        "pass",
        "tests/business/test_many_at_once.py::test_a_hurried_look_comes_to_everybody_in_the_end",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/cursor.py",
        "if key in keys or key.startswith(asides)",
        "if key in keys",
        f"{_ASIDE}::test_what_is_still_to_be_read_of_somebody_is_not_removed",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/deriver.py",
        "for who in self._dates.due(now) if who not in self._asides",
        "for who in self._dates.due(now)",
        f"{_ASIDE}::test_no_date_of_somebody_set_aside_comes_that_an_unfolded_change_may_have_moved",
    ),
    Mutant(
        "P2",
        f"{_BUSINESS}/timeline.py",
        "self._lasts(found[1]) > own",
        "True",
        "tests/business/test_last_days.py::test_a_short_contract_within_a_longer_one_does_not_hide_its_end",
    ),
    Mutant(
        "P4",
        f"{_BUSINESS}/fold.py",
        "_forget(person, resource, lost)",
        "pass",
        "tests/business/test_crashes.py::"
        "test_a_probation_read_again_after_its_contract_was_gone_and_back_is_told_once",
    ),
    Mutant(
        "P1",
        f"{_BUSINESS}/deriver.py",
        "        await self._seeded(now)\n        await self._take_up(self._asides.taken_up, now)",
        "        await self._take_up(self._asides.taken_up, now)",
        f"{_ASIDE}::test_rules_that_are_new_miss_nothing_of_somebody_who_is_taken_up_with_them",
    ),
    Mutant(
        "P4",
        f"{_BUSINESS}/judge.py",
        "done=not ahead and come)",
        "done=False)",
        "tests/business/test_waiting_for_the_employee.py::"
        "test_who_leaves_while_the_employee_is_waited_for_is_told_to_have_left_once",
    ),
)
