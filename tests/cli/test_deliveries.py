"""A person sees, hurries and gives up deliveries, with a daemon at work on the store or not."""

import anyio
import pytest

from tests.cli.conftest import Office
from tests.cli.queue import claim_one, reopen

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


def test_what_could_go_now_is_due_and_has_no_time_that_lies_behind(office: Office) -> None:
    retrying = str(office.lines("deliveries", "list", "--state", "retrying")[0]["delivery"])
    assert "  due  " in office.told("deliveries", "list", "--state", "retrying")
    assert "next    due\n" in office.told("deliveries", "show", retrying)


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
    assert office.json("deliveries", "retry", "--state", "retrying", "--yes")["changed"] == 1
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


@pytest.mark.parametrize(
    ("verbs", "state"),
    [
        (("deliveries", "discard"), "done"),
        (("deliveries", "retry"), "done"),
        (("deliveries", "retry"), "dead"),
        (("deliveries", "discard"), "dead"),
        (("dead", "replay"), "done"),
        (("dead", "replay"), "retrying"),
        (("dead", "discard"), "parked"),
    ],
)
def test_what_a_command_is_not_for_is_left_alone_also_when_named(
    verbs: tuple[str, str], state: str, office: Office
) -> None:
    number = str(office.lines("deliveries", "list", "--state", state)[0]["delivery"])
    for yes in ((), ("--yes",)):
        found = office.json(*verbs, number, *yes)
        assert (found["done"], found["found"], found["able"], found["changed"]) == (bool(yes), 1, 0, 0)
    assert office.states() == BEFORE


@pytest.mark.parametrize("verb", ["retry", "discard"])
@pytest.mark.parametrize("state", ["done", "dead", "discarded"])
def test_only_what_is_open_is_offered(verb: str, state: str, office: Office) -> None:
    assert office.run("deliveries", verb, "--state", state, "--yes")[0] == 2
    assert office.states() == BEFORE


@pytest.mark.parametrize(
    "wrong",
    [
        ("deliveries", "show", "99999999999999999999999"),
        ("deliveries", "list", "--since", "9999-12-31T23:59:59-14:00"),
        ("dead", "list", "--since", "2d", "--until", "3d"),
        ("replay", "--to", "people", "--since", "2026-01-02", "--until", "2026-01-01"),
    ],
)
def test_what_can_not_be_meant_is_a_wrong_command_line(wrong: tuple[str, ...], office: Office) -> None:
    code, text = office.run(*wrong)
    assert (code, "Traceback" in text, "fault" in text) == (2, False, False)


def test_what_a_person_did_is_no_attempt(office: Office) -> None:
    number = str(office.lines("deliveries", "list", "--state", "dead")[0]["delivery"])
    office.told("dead", "replay", number, "--yes")
    text = office.told("deliveries", "show", number)
    assert text.count("attempt 1") == 1
    assert "by hand" in text
    attempts = office.json("deliveries", "show", number)["attempts"]
    assert [one["by_hand"] for one in attempts] == [False, True]


def test_numbers_and_options_together_are_refused(office: Office) -> None:
    assert office.run("deliveries", "discard", "65537", "--route", "people", "--yes")[0] == 2
    assert office.states() == BEFORE


def test_what_is_in_flight_is_said_to_be_given_up_later_and_is_when_the_daemon_is_gone(
    office: Office,
) -> None:
    """Nobody holds it any more when the store is opened again, and nobody knows whether it was sent."""
    number = str(anyio.run(claim_one, office.store))
    assert "1 more in flight: discarded too, unless" in office.told("deliveries", "discard", number)
    assert "1 more in flight: discarded as soon as" in office.told("deliveries", "discard", number, "--yes")
    again = office.json("deliveries", "discard", number, "--yes")
    assert (again["able"], again["in_flight"], again["changed"], again["noted"]) == (0, 1, 0, 1)
    assert office.json("deliveries", "show", number)["state"] == "in_flight"
    assert "by hand" in office.told("deliveries", "show", number)
    anyio.run(reopen, office.store)
    story = office.json("deliveries", "show", number)
    assert story["state"] == "discarded"
    assert story["attempts"][-1]["reason"].endswith("(possibly sent)")
    assert all(one["by_hand"] for one in story["attempts"])
