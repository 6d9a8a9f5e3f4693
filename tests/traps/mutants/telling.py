"""Mutants that make something up, trip over what cannot be, or tell what is nobody's business."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, LUCCA, MODEL, Mutant

_AT_HOME: Final = "tests/traps/test_values_stay_home.py"

TELLING: Final[Sequence[Mutant]] = (
    Mutant(
        50,
        f"{INGEST}/canonical.py",
        "for key, value in item.items() if key not in _NOT_CONTENT}",
        "for key, value in item.items() if key not in _NOT_CONTENT and value is not None}",
        "tests/traps/test_telling.py::"
        "test_a_new_hire_without_a_number_is_told_so_and_the_number_when_it_comes",
    ),
    Mutant(
        50,
        "daemon/lucca_sync/egress/route.py",
        "return _ANSWERS[_evaluate(self.when, event)]",
        'return Verdict("yes", "")',
        "tests/traps/test_telling.py::"
        "test_a_new_hire_without_a_number_is_told_so_and_the_number_when_it_comes",
    ),
    Mutant(
        51,
        f"{INGEST}/due.py",
        "_midnight(day + _DAY if due.after else day, zone)",
        "_midnight(day, zone)",
        "tests/eyes/test_due.py::test_a_contract_that_ends_today_counts_through_its_last_day",
    ),
    Mutant(
        52,
        f"{LUCCA}/paging.py",
        'asked = {"limit": str(limit), **sort, **filters}',
        'people = {"status": "active,upcoming"} if resource.name == "employees" else {}\n'
        '    asked = {"limit": str(limit), **people, **sort, **filters}',
        "tests/traps/test_asking.py::test_who_comes_back_after_leaving_is_the_same_employee_again",
    ),
    Mutant(
        53,
        f"{INGEST}/dates.py",
        "    except ValueError:\n        return False\n",
        "    except ZeroDivisionError:\n        return False\n",
        "tests/ingest/test_sweep.py::test_a_date_that_does_not_exist_passes_and_is_counted",
    ),
    Mutant(
        53,
        f"{INGEST}/due.py",
        "    except ValueError:\n        return None\n",
        "    except ZeroDivisionError:\n        return None\n",
        "tests/eyes/test_due.py::test_a_date_that_never_comes_stops_nobody[2026-04-31]",
    ),
    Mutant(
        53,
        f"{INGEST}/decode.py",
        "        head = _HEAD.decode(raw)\n    except (msgspec.DecodeError, UnicodeDecodeError):\n",
        "        head = _HEAD.decode(raw)\n    except ZeroDivisionError:\n",
        "tests/ingest/test_trouble.py::test_a_record_without_identity_is_counted_and_the_others_go_on",
    ),
    Mutant(
        55,
        f"{MODEL}/catalogue.py",
        '        open=frozenset({"id", "type", "employee", "createdAt", "lastUpdatedAt"}),\n',
        "",
        f"{_AT_HOME}::test_a_route_that_names_no_fields_gets_nothing_of_a_personal_record",
    ),
    Mutant(
        55,
        "daemon/lucca_sync/egress/route.py",
        "shown = cut(event, self.fields, described(event.carries))",
        "shown = event",
        f"{_AT_HOME}::test_a_route_gets_the_one_field_that_it_names_and_no_other",
    ),
    Mutant(
        55,
        "daemon/lucca_sync/obs/logging.py",
        'trouble = event.pop("exc_info", None)',
        'trouble = event.get("exc_info")\n    event["text"] = str(sys.exc_info()[1])',
        "tests/obs/test_logging.py::test_of_an_exception_of_ours_the_type_and_the_place_are_told",
    ),
    Mutant(
        55,
        f"{MODEL}/event.py",
        'return f"Event({self.subject} {self.kind} #{self.sequence} {self.id})"',
        'return f"Event({self.subject} {self.kind} {self.record} {self.previous})"',
        f"{_AT_HOME}::test_no_trouble_makes_a_value_known_to_logs_metrics_or_notes",
    ),
    Mutant(
        55,
        f"{INGEST}/decode.py",
        "raise UnreadablePage(_without_values(error)) from None",
        "raise UnreadablePage(f'{error}: {body!r}') from None",
        f"{_AT_HOME}::test_no_trouble_makes_a_value_known_to_logs_metrics_or_notes",
    ),
)
