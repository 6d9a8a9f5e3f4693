"""What a route shows of an event."""

import pytest

from lucca_sync.egress.transform import cut, tells_something
from lucca_sync.model.catalogue import CATALOGUE
from tests.egress.events import changed, event

EMPLOYEES = CATALOGUE["employees"]


def test_without_a_list_everything_but_sensitive_fields_is_shown() -> None:
    shown = cut(event(changes=changed("/birthDay", "/givenName")), None, EMPLOYEES)
    assert shown.record == shown.previous == {"id": "7", "type": "employee", "givenName": "Ada"}
    assert [change.path for change in shown.changes] == ["/givenName"]


def test_a_list_shows_only_what_it_names_and_the_id() -> None:
    shown = cut(event(changes=changed("/givenName", "/type")), frozenset({"type"}), EMPLOYEES)
    assert shown.record == shown.previous == {"id": "7", "type": "employee"}
    assert [change.path for change in shown.changes] == ["/type"]


def test_a_sensitive_field_is_shown_to_who_names_it() -> None:
    shown = cut(event(changes=changed("/birthDay")), frozenset({"birthDay"}), EMPLOYEES)
    assert shown.record == {"id": "7", "birthDay": "1990-01-31"}
    assert [change.path for change in shown.changes] == ["/birthDay"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/job", True),
        ("/job/id", True),
        ("/jobTitle", False),
        ("/other/job", False),
        ("/a~1b/x", True),
        ("/t~0n", True),
        ("/t~01n", False),
        ("", False),
    ],
)
def test_a_change_belongs_to_the_first_segment_of_its_pointer(path: str, *, shown: bool) -> None:
    fields = frozenset({"job", "a/b", "t~n"})
    assert bool(cut(event(changes=changed(path)), fields, EMPLOYEES).changes) is shown


def test_the_envelope_stays_as_it_is() -> None:
    whole = event()
    shown = cut(whole, frozenset(), EMPLOYEES)
    before, after = whole.cloudevent(), shown.cloudevent()
    assert before.pop("data") != after.pop("data")
    assert before == after


def test_an_update_of_hidden_fields_only_is_no_news() -> None:
    assert not tells_something(event(changes=changed("/birthDay")), None, EMPLOYEES)
    assert not tells_something(event(changes=changed("/givenName")), frozenset({"type"}), EMPLOYEES)


def test_the_time_of_the_last_write_alone_betrays_no_hidden_change() -> None:
    hidden = event(changes=changed("/birthDay", "/lastUpdatedAt"))
    assert not tells_something(hidden, None, EMPLOYEES)
    assert tells_something(hidden, frozenset({"lastUpdatedAt"}), EMPLOYEES)


def test_creations_and_deletions_are_always_news() -> None:
    assert tells_something(event("created"), frozenset(), EMPLOYEES)
    assert tells_something(event("deleted"), frozenset(), EMPLOYEES)
