"""The JSON Schemas of attribute values, written out as definitions embed them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.row import resource_of

DRAFT = "https://json-schema.org/draft/2020-12/schema"
COMPOSITE = "composite"
REFERRED: Mapping[str, str] = {
    "employee-reference": "employee",
    "file-reference": "file",
    "taxonomy-label-reference": "taxonomy-label",
}
"""Schemas whose values refer to a record, and to which kind."""

_PLAIN: Mapping[str, View] = {
    "short-text": {"type": ["string", "null"], "maxLength": 255},
    "long-text": {"type": ["string", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "int32": {"type": ["integer", "null"], "minimum": -(2**31), "maximum": 2**31 - 1},
    "decimal": {"type": ["number", "null"]},
    "legacy-date": {"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}T00:00:00$"},
    "email": {"type": ["string", "null"], "format": "email"},
    "phone-number": {"type": ["string", "null"], "maxLength": 50},
    "url": {"type": ["string", "null"], "format": "uri"},
}
SCHEMAS = (*_PLAIN, *REFERRED)
Part = tuple[str, str, str]
"""A property of a composite value: its name, what it is called, its schema."""


@lru_cache
def schema_of(name: str, parts: tuple[Part, ...] = ()) -> View:
    """Return a schema by its name; of a composite value, with the schemas of its parts. Never write on it."""
    if name == COMPOSITE:
        properties: dict[str, Json] = {part: schema_of(inner) for part, _, inner in parts}
        return {
            "$schema": DRAFT,
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": properties,
        }
    rules = _PLAIN[name] if name in _PLAIN else _reference_to(REFERRED[name])
    return {"$id": f"/lucca-api/schemas/{name}", "$schema": DRAFT, "title": name, **rules}


def _reference_to(kind: str) -> View:
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "type": {"type": "string", "const": kind, "readOnly": True},
            "url": {"type": "string", "format": "uri", "readOnly": True},
        },
        "description": f"One of the {resource_of(kind)}.",
    }


def descriptions_of(parts: Sequence[Part]) -> Json:
    """Return what the properties of a composite value are called; null of any other."""
    if not parts:
        return None
    return {name: {"name": label, "t9n": {"name": {"fr-FR": label}}} for name, label, _ in parts}
