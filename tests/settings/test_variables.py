"""`${VAR}` in the text values of the file comes from the environment."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.settings.variables import VariableMissing, expand
from tests.settings.files import VALID, complaints, load

ENVIRONMENT = {"NAME": "value", "EMPTY": "", "NESTED": "${NAME}"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("${NAME}", "value"),
        ("a ${NAME} b ${NAME} c", "a value b value c"),
        ("${MISSING:default}", "default"),
        ("${MISSING:}", ""),
        ("${MISSING:http://h:1/x}", "http://h:1/x"),
        ("${EMPTY}", ""),
        ("${EMPTY:default}", "default"),
        ("${NAME:default}", "value"),
        ("${NESTED}", "${NAME}"),
        ("$${NAME}", "${NAME}"),
        ("$NAME and $ and {NAME}", "$NAME and $ and {NAME}"),
        ("{{ batch.number }}", "{{ batch.number }}"),
    ],
)
def test_references_become_values(text: str, expanded: str) -> None:
    assert expand(text, ENVIRONMENT) == expanded


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(VariableMissing, match=r"^the environment variable MISSING is not set"):
        expand("a ${MISSING}", ENVIRONMENT)


@pytest.mark.parametrize("text", ["${", "${}", "${a-b}", "${1A}", "${NAME", "${NAME:a"])
def test_what_looks_like_a_reference_and_is_none_is_refused(text: str) -> None:
    with pytest.raises(VariableMissing, match=r"written \$\{NAME\}"):
        expand(text, ENVIRONMENT)


@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    """Whatever a text holds, doubling the dollar before `{` keeps it."""
    assert expand(text.replace("${", "$${"), {}) == text


@given(st.text().filter(lambda text: "${" not in text))
def test_text_without_references_stays(text: str) -> None:
    assert expand(text, {}) == text


def test_variables_give_numbers_too(tmp_path: Path) -> None:
    text = VALID.replace("client_id: app", "client_id: app\n    requests_per_minute: ${RPM:20}")
    assert load(tmp_path, text).loaded.settings.tenants["acme"].requests_per_minute == 20
    assert load(tmp_path, text, {"RPM": "7.5"}).loaded.settings.tenants["acme"].requests_per_minute == 7.5


def test_every_missing_variable_is_told_at_its_place_and_nothing_else_about_it(tmp_path: Path) -> None:
    text = VALID.replace("https://acme.ilucca.net", "https://${A}").replace("[log]", "[log, '${B}']")
    missing = "the environment variable {0} is not set; ${{{0}:…}} would give a default"
    assert complaints(tmp_path, text) == [
        f"4:10: tenants.acme.url: {missing.format('A')}",
        f"15:15: routes.people.to[1]: {missing.format('B')}",
    ]


def test_a_connectors_section_has_variables_too(tmp_path: Path) -> None:
    text = VALID.replace("{type: jsonl}", "{type: '${TYPE}', path: '${OUT}'}")
    (plan,) = load(tmp_path, text, {"TYPE": "jsonl", "OUT": "out.jsonl"}).connectors
    assert plan.config.model_dump(include={"path"}) == {"path": tmp_path / "out.jsonl"}
    assert [line.split(":")[2] for line in complaints(tmp_path, text)] == [
        " connectors.log.type",
        " connectors.log.path",
    ]
