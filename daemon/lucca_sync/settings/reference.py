"""Every setting as Markdown tables, made from the JSON Schema: the guide's, and `schema --markdown`'s."""

import json
from collections.abc import Iterator
from typing import Final

from lucca_sync.settings.schema import Schema

_SECTIONS: Final = {
    "tenants.NAME": "Tenant",
    "tenants.NAME.resources": "Resources",
    "tenants.NAME.resources.RESOURCE": "ResourceSettings",
    "….brake": "Brake",
    "….brake.deletions": "DeletionBrake",
    "….brake.changes": "ChangeBrake",
    "tenants.NAME.eyes": "Eyes",
    "tenants.NAME.hints": "Hints",
    "routes.NAME": "Route",
    "server": "Server",
    "backpressure": "Backpressure",
    "business": "Business",
    "business.events.NAME": "OwnEvent",
}
_HEAD: Final = ("Setting", "Takes", "Default", "Meaning")
_KINDS: Final = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "names and values",
}
_FORMATS: Final = {"path": "path", "password": "secret text"}
_DURATION_UNITS: Final = "(ms|s|m|h|d|w)"
_SIZE_UNITS: Final = "(B|kB|MB"
_UNTOLD: Final = ({"$ref": "#/$defs/variable"}, {"type": "null"})
"""What may stand almost anywhere, said once in the guide."""


def settings_reference(schema: Schema) -> str:
    """Return a table for each section: setting (bold when required), what it takes, default, meaning."""
    definitions: dict[str, Schema] = schema["$defs"]
    sections = {**definitions, "Resources": definitions["Tenant"]["properties"]["resources"]}
    parts = [_section("The file", schema)]
    parts += [_section(f"`{title}`", sections[name]) for title, name in _SECTIONS.items()]
    parts += [_section(f"`connectors.NAME` of type `{kind}`", one) for kind, one in _connectors(schema)]
    if "RetryPolicy" in definitions:
        parts.append(_section("`connectors.NAME.retry`", definitions["RetryPolicy"]))
    if "BreakerPolicy" in definitions:
        parts.append(_section("`connectors.NAME.breaker`", definitions["BreakerPolicy"]))
    if "MaintenanceWindow" in definitions:
        parts.append(_section("`connectors.NAME.maintenance`, each", definitions["MaintenanceWindow"]))
    return "\n".join(parts)


def _connectors(schema: Schema) -> Iterator[tuple[str, Schema]]:
    sections = schema["properties"]["connectors"]["additionalProperties"]
    for one in sections.get("oneOf", ()):
        section = schema["$defs"][one["$ref"].rpartition("/")[2]]
        yield section["properties"]["type"]["const"], section


def _section(title: str, schema: Schema) -> str:
    required = frozenset(schema.get("required", ()))
    settings: dict[str, Schema] = schema["properties"]
    names = {name: f"**`{name}`**" if name in required else f"`{name}`" for name in settings}
    rows = [_row(names[name], one) for name, one in settings.items()]
    lines = [f"| {' | '.join(cells)} |" for cells in (_HEAD, ("---",) * len(_HEAD), *rows)]
    return "\n".join((f"### {title}", "", schema.get("description", ""), "", *lines, ""))


def _row(name: str, schema: Schema) -> tuple[str, ...]:
    cells = (name, _takes(schema), _default(schema), schema.get("description", ""))
    return tuple(cell.replace("|", "\\|") for cell in cells)


def _default(schema: Schema) -> str:
    told_elsewhere = "$ref" in schema
    if "default" not in schema or told_elsewhere:
        return ""
    return f"`{json.dumps(schema['default'], ensure_ascii=False)}`"


def _takes(schema: Schema) -> str:
    """Say in a few words what a setting takes."""
    if "$ref" in schema:
        return "section"
    if "anyOf" in schema:
        options: list[Schema] = schema["anyOf"]
        return " or ".join(dict.fromkeys(_takes(one) for one in options if one not in _UNTOLD))
    if "const" in schema or "enum" in schema:
        return _choice(schema.get("enum") or [schema["const"]])
    if schema["type"] == "array":
        return f"list of {_takes(schema['items'])}"
    return _KINDS.get(schema["type"]) or _text(schema)


def _choice(values: list[object]) -> str:
    return ", ".join(f"`{json.dumps(value)}`".replace('"', "") for value in values)


def _text(schema: Schema) -> str:
    if _DURATION_UNITS in schema.get("pattern", ""):
        return "duration"
    if _SIZE_UNITS in schema.get("pattern", ""):
        return "size"
    return _FORMATS.get(schema.get("format", ""), "text")
