"""Diff and canonical form hold for any record, not only for those we thought of."""

import json
from random import Random
from typing import cast

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.ingest.canonical import canonicalise, decode_content
from lucca_sync.ingest.diff import diff
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.values import Json, JsonObject

EMPLOYEES = CATALOGUE["employees"]
_KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6).filter(
    lambda key: key not in {"id", "url", "links", "embedded", "lastUpdatedAt"}
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
)


def _objects(values: st.SearchStrategy[Json]) -> st.SearchStrategy[JsonObject]:
    return st.dictionaries(_KEYS, values, max_size=4)


def _with_id(identity: int, rest: JsonObject) -> JsonObject:
    return {"id": str(identity), **rest}


def _mixed(objects: list[JsonObject]) -> Json:
    return [*objects]


def _identified(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    one = st.builds(_with_id, st.integers(1, 9), _objects(values))
    return st.lists(one, max_size=4, unique_by=lambda each: str(each["id"])).map(_mixed)


_VALUES: st.SearchStrategy[Json] = st.recursive(
    _SCALARS,
    lambda inner: _objects(inner) | st.lists(inner, max_size=3) | _identified(inner),
    max_leaves=12,
)
RECORDS = st.builds(_with_id, st.integers(1, 99), _objects(_VALUES))


@given(RECORDS)
def test_a_record_does_not_differ_from_itself(record: JsonObject) -> None:
    assert diff(record, record) == ()


@given(RECORDS)
def test_a_canonical_form_is_its_own_canonical_form(record: JsonObject) -> None:
    once = canonicalise(record, EMPLOYEES)
    again = canonicalise(decode_content(once.encoded), EMPLOYEES)
    assert again.encoded == once.encoded
    assert again.digest == once.digest


@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_members_and_of_identified_objects_is_no_difference(
    record: JsonObject, random: Random
) -> None:
    shuffled = _shuffled(record, random)
    assert (
        canonicalise(cast("JsonObject", shuffled), EMPLOYEES).encoded
        == canonicalise(record, EMPLOYEES).encoded
    )


@given(RECORDS, RECORDS)
def test_a_difference_read_backwards_swaps_before_and_after(one: JsonObject, other: JsonObject) -> None:
    there = {change.path: (change.before, change.after) for change in diff(one, other)}
    back = {change.path: (change.after, change.before) for change in diff(other, one)}
    assert there == back


@given(RECORDS, _VALUES, _KEYS)
def test_a_changed_field_is_told_under_its_own_path_only(record: JsonObject, value: Json, key: str) -> None:
    changed = {**record, key: value}
    escaped = key.replace("~", "~0").replace("/", "~1")
    for change in diff(record, changed):
        assert change.path == f"/{escaped}" or change.path.startswith(f"/{escaped}/")


@given(RECORDS, RECORDS)
def test_records_without_a_difference_hold_the_same_leaves(one: JsonObject, other: JsonObject) -> None:
    if diff(one, other) == ():
        assert _leaves(one) == _leaves(other)


@given(RECORDS)
def test_stored_content_decodes_to_what_json_would_read(record: JsonObject) -> None:
    once = canonicalise(record, EMPLOYEES)
    assert json.loads(once.encoded) == once.content
    assert msgspec.json.decode(once.encoded) == once.content


def _leaves(value: Json, path: str = "") -> set[tuple[str, str]]:
    if isinstance(value, dict):
        return {leaf for key, part in value.items() for leaf in _leaves(part, f"{path}/{key}")}
    if isinstance(value, list) and value and all(isinstance(part, dict) and "id" in part for part in value):
        parts = cast("list[JsonObject]", value)
        return {leaf for part in parts for leaf in _leaves(part, f"{path}/{part['id']}")}
    if value is None:
        return set()
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {(path, repr(float(cast("float", value))) if number else json.dumps(value))}


def _shuffled(value: Json, random: Random) -> Json:
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: _shuffled(value[key], random) for key in keys}
    if isinstance(value, list):
        parts = [_shuffled(part, random) for part in value]
        if parts and all(isinstance(part, dict) and "id" in part for part in parts):
            random.shuffle(parts)
        return parts
    return value
