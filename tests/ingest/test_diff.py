"""What counts as a change, and under which path it is told."""

import pytest

from lucca_sync.ingest.canonical import canonicalise
from lucca_sync.ingest.diff import diff
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.values import JsonObject

EMPLOYEES = CATALOGUE["employees"]
JOB_POSITIONS = CATALOGUE["job-positions"]


def changes(before: JsonObject, after: JsonObject) -> dict[str, tuple[object, object]]:
    return {change.path: (change.before, change.after) for change in diff(before, after)}


def test_a_reference_that_points_elsewhere_changes_at_its_id() -> None:
    before: JsonObject = {"department": {"id": "3", "type": "department"}}
    after: JsonObject = {"department": {"id": "7", "type": "department"}}
    assert changes(before, after) == {"/department/id": ("3", "7")}


def test_a_reference_that_appears_changes_at_its_id_too() -> None:
    after: JsonObject = {"manager": {"id": "7", "type": "employee"}}
    assert changes({"manager": None}, after) == {
        "/manager/id": (None, "7"),
        "/manager/type": (None, "employee"),
    }


def test_objects_in_arrays_are_compared_by_their_id() -> None:
    before: JsonObject = {"lines": [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]}
    after: JsonObject = {"lines": [{"id": "2", "name": "B"}, {"id": "1", "name": "a"}]}
    assert changes(before, after) == {"/lines/2/name": ("b", "B")}


def test_an_array_of_plain_values_changes_as_a_whole() -> None:
    assert changes({"tags": ["a", "b"]}, {"tags": ["a"]}) == {"/tags": (["a", "b"], ["a"])}


def test_path_segments_are_escaped_as_json_pointers() -> None:
    assert changes({"a/b~c": 1}, {"a/b~c": 2}) == {"/a~1b~0c": (1, 2)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"a": None}, {}, id="null and absent"),
        pytest.param({"a": 1}, {"a": 1.0}, id="another spelling of a number"),
        pytest.param(
            {"at": "2026-01-01T10:00:00Z"}, {"at": "2026-01-01T11:00:00.000+01:00"}, id="the same instant"
        ),
        pytest.param(
            {"at": "2026-01-01T10:00:00.1234567Z"}, {"at": "2026-01-01T10:00:00.123456Z"}, id="long fraction"
        ),
        pytest.param({"duration": {"iso": "P1DT11H"}}, {"duration": {"iso": "PT35H"}}, id="a duration"),
        pytest.param({"total": "PT0.5S"}, {"total": "PT0.500S"}, id="a short duration"),
        pytest.param({"total": "-P1W"}, {"total": "-P7D"}, id="a duration below zero"),
        pytest.param(
            {"applicability": None}, {"applicability": {"start": None, "end": None}}, id="unbounded twice"
        ),
    ],
)
def test_what_says_the_same_is_no_change(before: JsonObject, after: JsonObject) -> None:
    """Trap 19: instants and durations are compared by what they mean."""
    assert diff(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [("PT35H", "PT36H"), ("P1M", "P30D"), ("P1M", "PT1M"), ("P1D", "-P1D"), ("P", "PT"), ("P1D", "P1DT")],
)
def test_another_duration_is_a_change_and_so_is_what_only_looks_like_one(before: str, after: str) -> None:
    assert changes({"a": before}, {"a": after}) == {"/a": (before, after)}


def test_true_is_not_the_number_one() -> None:
    assert changes({"a": True}, {"a": 1}) == {"/a": (True, 1)}


def test_what_is_not_content_is_left_out_of_the_canonical_form() -> None:
    listed: JsonObject = {
        "id": "1",
        "url": "https://acme.ilucca.net/lucca-api/employees/1",
        "links": {"portrait": {"href": "https://acme.ilucca.net/files/1?token=changes"}},
        "embedded": {"employment": {}},
        "department": {
            "id": "3",
            "type": "department",
            "url": "https://acme.ilucca.net/lucca-api/departments/3",
        },
    }
    assert canonicalise(listed, EMPLOYEES).content == {
        "id": "1",
        "department": {"id": "3", "type": "department"},
    }


def test_the_record_s_own_clock_does_not_count_towards_its_digest() -> None:
    one = canonicalise({"id": "1", "lastUpdatedAt": "2026-01-01T00:00:00Z"}, EMPLOYEES)
    other = canonicalise({"id": "1", "lastUpdatedAt": "2026-02-02T00:00:00Z"}, EMPLOYEES)
    assert one.digest == other.digest
    assert one.encoded != other.encoded


def test_an_array_that_is_a_set_has_no_order() -> None:
    one = canonicalise({"id": "1", "updatedAttributes": ["jobTitle", "department"]}, JOB_POSITIONS)
    other = canonicalise({"id": "1", "updatedAttributes": ["department", "jobTitle"]}, JOB_POSITIONS)
    assert one.encoded == other.encoded


def test_a_volatile_field_named_in_the_settings_is_no_content() -> None:
    record: JsonObject = {"id": "1", "seen": 3, "a": {"b/c": 1, "d": 2}, "l": [{"id": "1", "x": 1}]}
    canonical = canonicalise(record, EMPLOYEES, ["seen", "/a/b~1c", "/l/x", "/none/here"])
    assert canonical.content == {"id": "1", "a": {"d": 2}, "l": [{"id": "1"}]}
