"""Reading keeps every value and remembers where each one stands."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO

from lucca_sync.settings.document import Data, read_document
from lucca_sync.settings.problems import Finding, KeyPath, Problem

TEXTS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="$"), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS
DATA = st.dictionaries(
    TEXTS.filter(bool),
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(bool), inner, max_size=3),
    ),
    max_size=4,
)


def leaves(data: Data, path: KeyPath = ()) -> list[tuple[KeyPath, Data]]:
    if isinstance(data, dict) and data:
        return [leaf for key, value in data.items() for leaf in leaves(value, (*path, key))]
    if isinstance(data, list) and data:
        return [leaf for index, value in enumerate(data) for leaf in leaves(value, (*path, index))]
    return [(path, data)]


@settings(max_examples=50)
@given(DATA)
def test_what_was_written_is_read_back(data: dict[str, Any]) -> None:
    stream = StringIO()
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False  # in flow style it writes `{a: ?b}`, which it can't read
    yaml.dump(data, stream)
    document = read_document(stream.getvalue().encode(), "f", {})
    assert document.problems == ()
    assert document.data == data


@given(DATA)
def test_each_value_is_found_where_it_stands(data: dict[str, Any]) -> None:
    """JSON is YAML, and in JSON it is easy to say how a value looks on the page."""
    lines = json.dumps(data, ensure_ascii=False, indent=1).splitlines()
    document = read_document("\n".join(lines).encode(), "f", {})
    for path, value in leaves(data):
        found = document.locator.problem(Finding(path, "here"))
        written = json.dumps(value, ensure_ascii=False)
        assert lines[found.line - 1][found.column - 1 :].startswith(written)


def test_what_is_not_there_is_placed_at_its_nearest_parent() -> None:
    locator = read_document(b"a:\n  b:\n    c: 1\n", "f", {}).locator
    assert locator.problem(Finding(("a", "b", "x"), "m")) == Problem("f", 2, 3, "a.b.x", "m")
    assert locator.problem(Finding(("a", "b", "c", "d"), "m")) == Problem("f", 3, 5, "a.b.c.d", "m")
    assert locator.problem(Finding(("x",), "m")) == Problem("f", 1, 1, "x", "m")


def test_keys_and_values_have_places_of_their_own() -> None:
    locator = read_document(b"a: 1\n", "f", {}).locator
    assert locator.problem(Finding(("a",), "m")).column == 4
    assert locator.problem(Finding(("a",), "m", at_key=True)).column == 1


def test_a_key_that_does_not_look_like_one_is_not_shown() -> None:
    problem = read_document(b"a: {s3cret!: 1, s3cret!: 2}\n", "f", {}).problems[0]
    assert problem.path == "a.?"
