"""A person sees, hurries and gives up deliveries, with a daemon at work on the store or not."""

import pytest

from tests.cli.conftest import Office

BEFORE = [
    ("employees/1", "dead"),
    ("employees/2", "dead"),
    ("employees/3", "retrying"),
    ("employees/4", "parked"),
    ("employees/5", "done"),
    ("employees/1", "pending"),
]


def test_what_has_not_ended_well_is_listed_with_what_it_waits_for(office: Office) -> None:
    lines = office.lines("deliveries", "list")
    assert [line["state"] for line in lines] == ["dead", "dead", "retrying", "parked", "pending"]
    assert lines[2]["reason"] == "the target answered 503"
    assert lines[2]["due"] == "2026-01-05T18:00:00.000Z"
    text = office.told("deliveries", "list")
    assert "until it is released" in text
    assert "3: " not in text.split("employees/3")[1].splitlines()[0] or "503" in text


@pytest.mark.parametrize(
    ("options", "subjects"),
    [
        (("--state", "parked"), ["employees/4"]),
        (("--state", "parked", "--state", "done"), ["employees/4", "employees/5"]),
        (("--record", "1"), ["employees/1", "employees/1"]),
        (("--reason", "the target answered 404"), ["employees/1", "employees/2"]),
        (("--connector", "chat"), []),
        (("--tenant", "other"), []),
        (("--since", "2026-01-06"), []),
    ],
)
def test_options_narrow_what_is_listed(options: tuple[str, ...], subjects: list[str], office: Office) -> None:
    assert [line["subject"] for line in office.lines("deliveries", "list", *options)] == subjects


def test_one_delivery_is_shown_with_every_attempt(office: Office) -> None:
    number = str(office.lines("deliveries", "list", "--state", "retrying")[0]["delivery"])
    story = office.json("deliveries", "show", number)
    assert [attempt["reason"] for attempt in story["attempts"]] == ["the target answered 503"]
    assert "lucca-sync explain" in office.told("deliveries", "show", number)


def test_a_delivery_that_is_not_there_is_said_to_be_so(office: Office) -> None:
    code, text = office.run("deliveries", "show", "99")
    assert (code, text) == (1, "lucca-sync: there is no delivery 99\n")


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_without_yes_nothing_changes(verb: str, office: Office) -> None:
    text = office.told("deliveries", verb, "--all")
    assert "Nothing was changed: add --yes" in text
    assert office.states() == BEFORE


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_who_means_all_must_say_so(verb: str, office: Office) -> None:
    code, text = office.run("deliveries", verb, "--yes")
    assert code == 2
    assert "--all" in text
    assert office.states() == BEFORE


def test_retrying_sends_at_once_what_was_to_wait(office: Office) -> None:
    assert office.json("deliveries", "retry", "--state", "retrying", "--yes")["done"] == 1
    assert office.states()[2] == ("employees/3", "pending")
    (line,) = office.lines("deliveries", "list", "--record", "3")
    assert line["due"] != "2026-01-05T18:00:00.000Z"


def test_discarding_ends_a_delivery_and_says_by_whom(office: Office) -> None:
    number = str(office.lines("deliveries", "list", "--state", "parked")[0]["delivery"])
    assert "1 delivery discarded." in office.told("deliveries", "discard", number, "--yes")
    assert office.states()[3] == ("employees/4", "discarded")
    last = office.json("deliveries", "show", number)["attempts"][-1]
    assert last["state"] == "discarded"
    assert last["reason"].startswith("discarded by ")


def test_what_has_ended_is_left_alone_and_counted(office: Office) -> None:
    found = office.json("deliveries", "discard", "--state", "done", "--yes")
    assert (found["found"], found["able"], found["done"]) == (1, 0, 0)
    assert office.states() == BEFORE


def test_numbers_and_options_together_are_refused(office: Office) -> None:
    assert office.run("deliveries", "discard", "65537", "--route", "people", "--yes")[0] == 2
    assert office.states() == BEFORE
