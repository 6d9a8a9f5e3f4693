"""Dead letters are seen by what they died of, sent again once that is mended, or given up."""

import pytest

from tests.cli.conftest import Office
from tests.cli.queue import HIRED
from tests.cli.test_deliveries import BEFORE


def test_dead_letters_are_grouped_by_what_they_died_of(office: Office) -> None:
    (cause,) = office.lines("dead", "list")
    assert cause == {
        "route": "people",
        "connector": "crm",
        "reason": "the target answered 404",
        "count": 2,
        "first": "2026-01-05T12:00:00.000Z",
        "last": "2026-01-05T12:00:00.000Z",
    }
    assert "the target answered 404" in office.told("dead", "list")


def test_dead_letters_are_listed_one_by_one(office: Office) -> None:
    assert [one["subject"] for one in office.lines("dead", "list", "--each")] == [
        "employees/1",
        "employees/2",
    ]
    assert [one["event"] for one in office.lines("dead", "list", "--event", HIRED["2"].id[:12])] == [
        HIRED["2"].id
    ]


def test_none_is_said_in_words(office: Office) -> None:
    assert office.told("dead", "list", "--connector", "chat") == "No dead letter is like that.\n"


@pytest.mark.parametrize("verb", ["replay", "discard"])
def test_without_yes_nothing_changes(verb: str, office: Office) -> None:
    assert "Nothing was changed: add --yes" in office.told("dead", verb, "--connector", "crm")
    assert office.states() == BEFORE


def test_by_filter_all_of_them_are_sent_again(office: Office) -> None:
    assert "2 deliveries queued." in office.told("dead", "replay", "--connector", "crm", "--yes")
    assert office.states()[:2] == [("employees/1", "pending"), ("employees/2", "pending")]


def test_by_time_only_those_of_the_range(office: Office) -> None:
    assert office.json("dead", "replay", "--until", "2026-01-05T12:00:00Z", "--yes")["found"] == 0
    assert office.json("dead", "replay", "--since", "2026-01-05T12:00:00Z", "--yes")["changed"] == 2


def test_one_by_its_number(office: Office) -> None:
    number = str(office.lines("dead", "list", "--each")[1]["delivery"])
    assert office.json("dead", "replay", number, "--yes")["changed"] == 1
    assert office.states()[:2] == [("employees/1", "dead"), ("employees/2", "pending")]


def test_a_discarded_dead_letter_is_listed_no_more(office: Office) -> None:
    office.told("dead", "discard", "--all", "--yes")
    assert office.lines("dead", "list") == []
    assert office.states()[:2] == [("employees/1", "discarded"), ("employees/2", "discarded")]


def test_an_unknown_event_is_said_to_be_so(office: Office) -> None:
    code, text = office.run("dead", "list", "--event", "ffffffffffff")
    assert code == 1
    assert "no event, or more than one" in text
