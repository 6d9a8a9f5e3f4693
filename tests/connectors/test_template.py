"""Jinja templates from the settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync import CompiledTemplate, Unrenderable
from lucca_sync.kit.template import LONGEST

VALUES = {"record": {"name": "Geheim", "none": None, "number": 3}, "previous": None}


def refusal(source: str) -> str:
    with pytest.raises(Unrenderable) as caught:
        CompiledTemplate(source).render(VALUES)
    return str(caught.value)


def test_values_are_filled_in_and_null_is_nothing() -> None:
    assert (
        CompiledTemplate("{{ record.name }}: {{ record.number }}{{ record.none }}.").render(VALUES)
        == "Geheim: 3."
    )


def test_only_values_are_escaped() -> None:
    template = CompiledTemplate("GEHEIM {{ record.name }} {{ record.name | upper }}").escaping(str.lower)
    assert template.render(VALUES) == "GEHEIM geheim geheim"


def test_a_missing_name_is_named_with_its_line() -> None:
    assert refusal("one\n{{ record.nmae }}") == "template line 2: `nmae` is missing in this event"


def test_a_name_asked_of_null_says_so() -> None:
    assert (
        refusal("{{ previous.name }}")
        == "template line 1: `name` is asked of something that is null in this event"
    )


def test_a_missing_name_in_a_condition_is_not_false() -> None:
    assert "`nmae` is missing" in refusal("{% if record.nmae %}x{% endif %}")


def test_what_may_be_missing_can_be_asked_for() -> None:
    assert CompiledTemplate("{{ record.nmae | default('?') }}").render(VALUES) == "?"


@pytest.mark.parametrize(
    "source",
    [
        "{{ record[record.name] }}",
        "{{ record | attr(record.name) }}",
        "{{ record.name + 1 }}",
        "{{ record.name.missing }}",
        "{{ record[record.name | lower] }}",
        "{{ 1 / (record.number - 3) }}",
        "{{ {}[record] }}",
        "{{ ('%d' | format(record.name)) }}",
        "{{ record | attr('_' ~ record.name) }}",
    ],
)
def test_no_error_shows_a_value(source: str) -> None:
    assert refusal(source).startswith("template line 1: ")
    assert "geheim" not in refusal(source).lower()


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ record.update({'name': 1}) }}",
        "{{ record.clear() }}",
        "{% include '/etc/passwd' %}",
        "{{ range(10 ** 8) }}",
        "{{ cycler.__init__.__globals__ }}",
    ],
)
def test_the_sandbox_holds(source: str) -> None:
    refusal(source)
    assert VALUES["record"] == {"name": "Geheim", "none": None, "number": 3}


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("a\n{{ x", "line 2: unexpected end of template"),
        ("{{ x | no_such_filter }}", "line 1: No filter named 'no_such_filter'"),
        ("\n\n{% if %}", "line 3: Expected an expression"),
        ("x" * (LONGEST + 1), "is longer than"),
    ],
)
def test_a_template_that_cannot_work_is_refused_with_its_line(source: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        CompiledTemplate(source)


@given(st.text())
def test_a_value_never_becomes_part_of_the_template(text: str) -> None:
    assert CompiledTemplate("[{{ value }}]").render({"value": text}) == f"[{text}]"
