"""The JSON Schema, the example and the guide say what the models say."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import jsonschema
import pytest
from ruamel.yaml import YAML

from lucca_sync.registry import announced, connector_models, load_all
from lucca_sync.settings.reference import settings_reference
from lucca_sync.settings.schema import settings_schema
from tests.settings.files import VALID
from tests.settings.strangers import PigeonConfig

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "config" / "schema" / "lucca-sync.schema.json"
GUIDE = ROOT / "docs" / "guides" / "settings.md"
BEGIN, END = "<!-- begin: lucca-sync schema --markdown -->\n", "<!-- end -->"
EXAMPLES = sorted((ROOT / "config").glob("*.yaml"))
SHIPPED = [*EXAMPLES, *sorted((ROOT / "deploy").rglob("lucca-sync.yaml"))]


def built_in() -> dict[str, Any]:
    """The schema with our own connectors, whatever else is installed here."""
    ours = [one for one in announced() if one.dist and one.dist.name == "lucca-sync"]
    models, wrong = connector_models(ours)
    assert wrong == []
    return settings_schema(models)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return built_in()


def errors(schema: dict[str, Any], text: str) -> list[str]:
    yaml: Any = YAML(typ="safe", pure=True)
    return [error.message for error in checker(schema).iter_errors(yaml.load(text))]


class Checker(Protocol):
    """What is used of the validator, whose own types say less than nothing."""

    def iter_errors(self, instance: object) -> Iterable[jsonschema.ValidationError]: ...

    def is_valid(self, instance: object) -> bool: ...


def checker(schema: dict[str, Any]) -> Checker:
    return cast(Checker, jsonschema.Draft202012Validator(schema))


def test_the_committed_schema_is_current(schema: dict[str, Any]) -> None:
    made = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    assert COMMITTED.read_text("utf-8") == made, (
        "the models have changed; renew it: lucca-sync schema > config/schema/lucca-sync.schema.json"
    )


def test_the_guide_shows_every_setting_as_it_is(schema: dict[str, Any]) -> None:
    shown = GUIDE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    assert shown == settings_reference(schema), (
        "the models have changed; renew what stands between the marks in docs/guides/settings.md: "
        "lucca-sync schema --markdown"
    )


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_we_ship_fits_the_schema_and_loads_without_a_warning(path: Path, schema: dict[str, Any]) -> None:
    assert errors(schema, path.read_text("utf-8")) == []
    assert load_all(path, {"LUCCA_CLIENT_ID": "x"}).loaded.warnings == ()


def test_the_examples_name_the_schema_for_editors() -> None:
    assert EXAMPLES
    for path in EXAMPLES:
        first = path.read_text("utf-8").splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == COMMITTED


@pytest.mark.parametrize(
    "text",
    [
        VALID,
        VALID.replace("client_id: app", "client_id: ${ID}\n    requests_per_minute: ${RPM:20}"),
        VALID.replace("[employees]", "['${RESOURCE}']"),
        VALID.replace("every: 2m", "every: '${EVERY}'"),
        VALID + "store: sqlite:/var/x.db\nretention: 1h30m\nserver: {listen: '[::1]:0'}",
    ],
)
def test_what_can_be_loaded_fits_the_schema(text: str, schema: dict[str, Any]) -> None:
    assert errors(schema, text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("acme:", "Acme:"),
        ("url: https://acme.ilucca.net", "url: acme"),
        ("url: https://acme.ilucca.net", ""),
        ("client_id", "clientid"),
        ("client_secret: planted", "client_secret: planted\n    client_secret_file: x"),
        ("client_secret: planted", ""),
        ("client_secret: planted", "client_secret: planted\n    hints: {}"),
        ("every: 2m", "past: 60d"),
        ("every: 2m", "definitions: [e_x]"),
        ("every: 2m", "path: /lucca-api/skills"),
        ("employees: {", "skills: {path: /lucca-api/skills, future: 1d, "),
        ("employees: {", "employee: {"),
        ("every: 2m", "every: 2"),
        ("every: 2m", "brake: {deletions: {share: 2}}"),
        ("type: jsonl", "type: carrier"),
        ("type: jsonl", "type: jsonl, unknown: 1"),
        ("to: [log]", "to: log"),
        ("to: [log]", "to: [log]\n    types: [create]"),
    ],
)
def test_an_editor_sees_mistakes(old: str, new: str, schema: dict[str, Any]) -> None:
    assert old in VALID
    assert errors(schema, VALID.replace(old, new)) != []


def settings_of(node: object, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every setting that the schema describes."""
    if isinstance(node, list):
        return [found for inner in cast("Sequence[object]", node) for found in settings_of(inner, path)]
    if not isinstance(node, dict):
        return []
    inside = cast("dict[str, Any]", node)
    own = [(f"{path}.{name}", one) for name, one in inside.get("properties", {}).items()]
    return own + [found for key, inner in inside.items() for found in settings_of(inner, f"{path}.{key}")]


def test_every_setting_is_described(schema: dict[str, Any]) -> None:
    assert [path for path, one in settings_of(schema) if not one.get("description")] == []


def test_every_default_fits_its_own_setting(schema: dict[str, Any]) -> None:
    for path, one in settings_of(schema):
        if "default" in one:
            whole = {**one, "$defs": schema["$defs"]}
            assert checker(whole).is_valid(one["default"]), path


def test_a_strangers_connector_is_described_from_its_model() -> None:
    made = settings_schema({"pigeon": PigeonConfig})
    assert made["$defs"]["PigeonConfig"]["properties"]["loft"]["description"] == "Where it lives."
    assert made["$defs"]["PigeonConfig"]["properties"]["ring"]["description"] == "What it wears."
    assert errors(made, VALID.replace("{type: jsonl}", "{type: pigeon, loft: x}")) == []
    assert errors(made, VALID) != []


def test_without_connectors_there_is_a_schema_all_the_same() -> None:
    assert errors(settings_schema({}), VALID) == []
