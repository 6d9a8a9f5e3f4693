"""What a hint makes us ask, resource by resource; and which topics an endpoint is therefore to have."""

from datetime import UTC, datetime

import pytest

from lucca_sync.ingest.questions import GONE, questions
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.hint import Hint

AT = datetime(2026, 3, 1, tzinfo=UTC)


def asked(hint: Hint) -> dict[str, tuple[str, str]]:
    """Return what is asked of which v5 resource."""
    return {
        question.resource: (question.by, subject)
        for resource in CATALOGUE.values()
        if resource.api == "v5"
        for question, subject in questions(hint, resource)
    }


def test_of_an_employment_everything_that_hangs_on_it_or_on_its_employee() -> None:
    assert asked(Hint("1", "employment.created", "9", AT, employee="7", employment="9")) == {
        "employees": ("id", "7"),
        "employee-personal-records": ("employee.id", "7"),
        "employments": ("employee.id", "7"),
        "job-positions": ("employment.id", "9"),
        "probationary-periods": ("employment.id", "9"),
        "employee-attributes": ("employee.id", "7"),
    }


def test_without_knowing_whose_it_is_the_record_itself() -> None:
    assert asked(Hint("1", "job-position.updated", "74", AT)) == {"job-positions": ("id", "74")}
    assert asked(Hint("1", "employee-personal-record.updated", "5", AT)) == {
        "employee-personal-records": ("id", "5")
    }


def test_what_is_deleted_is_asked_for_by_its_own_address() -> None:
    found = asked(Hint("1", "employment.deleted", "9", AT, employee="7", employment="9"))
    assert found["employments"] == (GONE, "9")
    assert found["employees"] == ("id", "7")


@pytest.mark.parametrize("what", ["leave", "leave-request"])
def test_an_absence_is_no_reason_to_read_the_employee(what: str) -> None:
    assert asked(Hint("1", f"{what}.updated", "5", AT, employee="7")) == {f"{what}s-v5": ("id", "5")}


@pytest.mark.parametrize("topic", ["ping", "confirmation", "test.created", "calendar-event.updated", ""])
def test_of_other_topics_nothing(topic: str) -> None:
    assert asked(Hint("1", topic, "5", AT, employee="7", employment="9")) == {}


def test_an_event_about_no_record_asks_nothing() -> None:
    assert asked(Hint("1", "employee.updated", "", AT)) == {}
