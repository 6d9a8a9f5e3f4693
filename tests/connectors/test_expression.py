"""JMESPath expressions from the settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync import CompiledExpression, ExpressionMisfit

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda deeper: st.lists(deeper) | st.dictionaries(st.text(), deeper),
)


def test_it_finds_what_is_there_and_null_for_what_is_not() -> None:
    value = {"record": {"employeeNumber": "0042"}}
    assert CompiledExpression("record.employeeNumber").search(value) == "0042"
    assert CompiledExpression("record.nothing.here").search(value) is None


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("record.", "unexpected EOF at character 8"),
        ("a b", "unexpected UNQUOTED_IDENTIFIER at character 3"),
        ("record.é", "unexpected text at character 8"),
        ("", "it is empty or ends too early"),
        ("a[?length(", "it is empty or ends too early"),
        ("uppercase(@)", r"there is no function uppercase\(\)"),
        ("a[].b | [0].shout(c)", r"there is no function shout\(\)"),
        ("length(a, b)", r"length\(\) takes 1 argument\(s\), not 2"),
        ("not_null()", r"not_null\(\) takes 1 argument\(s\), not 0"),
    ],
)
def test_what_cannot_work_is_refused_when_settings_are_loaded(source: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        CompiledExpression(source)


@pytest.mark.parametrize(
    "source", ["join(', ', a)", "not_null(a, b, c)", "sort_by(a, &b)[0]", "a[?b == 'c'].d | [0]"]
)
def test_what_can_work_is_accepted(source: str) -> None:
    assert CompiledExpression(source).source == source


def test_a_misfit_shows_no_value() -> None:
    with pytest.raises(ExpressionMisfit) as caught:
        CompiledExpression("length(name)").search({"name": 4711})
    assert "4711" not in f"{caught.value} {caught.value!r}"


@given(JSON)
def test_it_always_ends_with_a_value_or_a_misfit(value: object) -> None:
    for source in ("a.b[0]", "length(@)", "sort(@)", "max_by(@, &a)", "sum([].a)", "to_number(@)", "keys(@)"):
        try:
            CompiledExpression(source).search(value)
        except ExpressionMisfit:
            continue
