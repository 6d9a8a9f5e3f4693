"""Every setting as Markdown tables, made from the JSON Schema: the guide's, and `schema --markdown`'s."""

import json
from collections.abc import Iterator
from typing import Final

from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.settings.schema import Schema

_SECTIONS: Final = {
    "tenants.NAME": "Tenant",
    "tenants.NAME.resources.RESOURCE": "ResourceSettings",
    "….brake": "Brake",
    "….brake.deletions": "DeletionBrake",
    "….brake.changes": "ChangeBrake",
    "routes.NAME": "Route",
    "server": "Server",
}
_HEAD: Final = ("Setting", "Takes", "Default", "Meaning")
_KINDS: Final = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "names and values",
}
_VARIABLE: Final = {"$ref": "#/$defs/variable"}
_FORMATS: Final = {"path": "path", "password": "secret text"}
_DURATION_UNITS: Final = "(ms|s|m|h|d|w)"


def settings_reference(schema: Schema) -> str:
    """Return a table for each section: setting (bold when required), what it takes, default, meaning."""
    definitions: dict[str, Schema] = schema["$defs"]
    resources = {"description": "The resources, what they need, and how often they are looked at by default."}
    resources |= definitions["Tenant"]["properties"]["resources"]
    parts = [_section("The file", schema)]
    parts += [_section(f"`{title}`", definitions[name]) for title, name in _SECTIONS.items()]
    parts += [_section(f"`connectors.NAME` of type `{kind}`", one) for kind, one in _connectors(schema)]
    if "RetryPolicy" in definitions:
        parts.append(_section("`connectors.NAME.retry`", definitions["RetryPolicy"]))
    return "\n".join(parts)


def _connectors(schema: Schema) -> Iterator[tuple[str, Schema]]:
    sections = schema["properties"]["connectors"]["additionalProperties"]
    for one in sections.get("oneOf", ()):
        section = schema["$defs"][one["$ref"].rpartition("/")[2]]
        yield section["properties"]["type"]["const"], section


def _section(title: str, schema: Schema) -> str:
    required = frozenset(schema.get("required", ()))
    rows = [
        _row(f"**`{name}`**" if name in required else f"`{name}`", one) for name, one in _settings(schema)
    ]
    lines = [f"| {' | '.join(cells)} |" for cells in (_HEAD, ("---",) * len(_HEAD), *rows)]
    return "\n".join((f"### {title}", "", schema.get("description", ""), "", *lines, ""))


def _settings(schema: Schema) -> Iterator[tuple[str, Schema]]:
    yield from schema["properties"].items()


def _row(name: str, schema: Schema) -> tuple[str, ...]:
    cells = (name, _takes(schema), _default(schema), schema.get("description", ""))
    return tuple(cell.replace("|", "\\|") for cell in cells)


def _default(schema: Schema) -> str:
    told_elsewhere = "$ref" in schema or _is_everything(schema)
    if "default" not in schema or told_elsewhere:
        return ""
    return f"`{json.dumps(schema['default'], ensure_ascii=False)}`"


def _is_everything(schema: Schema) -> bool:
    return schema.get("default") == list(CATALOGUE)


def _takes(schema: Schema) -> str:
    """Say in a few words what a setting takes."""
    if "$ref" in schema:
        return "section"
    if "anyOf" in schema:
        options: list[Schema] = schema["anyOf"]
        return " or ".join(dict.fromkeys(_takes(one) for one in options if one != _VARIABLE))
    if "const" in schema or "enum" in schema:
        return _choice(schema.get("enum") or [schema["const"]])
    if schema["type"] == "array":
        return f"list of {_takes(schema['items'])}"
    return _KINDS.get(schema["type"]) or _text(schema)


def _choice(values: list[object]) -> str:
    if values == list(CATALOGUE):
        return "resource names"
    return ", ".join(f"`{value}`" if isinstance(value, int) else f"`{_escaped(value)}`" for value in values)


def _escaped(value: object) -> str:
    return json.dumps(value)[1:-1]


def _text(schema: Schema) -> str:
    if _DURATION_UNITS in schema.get("pattern", ""):
        return "duration"
    return _FORMATS.get(schema.get("format", ""), "text")
