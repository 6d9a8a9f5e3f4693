"""Values of employee attributes beside their definitions: whether one fits, and in which order several stand.

Pure. Source: /api-reference/latest/employee-attributes/get-started. A definition carries a JSON Schema, often
one of Lucca's own by its `$id`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol, TypeAlias, cast

from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import Json, JsonObject

Fits: TypeAlias = Callable[[Json], bool]
"""Tells whether a value is as its definition says."""

_OWN: Final = "/lucca-api/schemas/"
_REFERENCE: Final[JsonObject] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string", "minLength": 1}},
}
_INT32: Final[JsonObject] = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
_TEXT: Final[JsonObject] = {"type": "string"}
_KNOWN: Final[Mapping[str, JsonObject]] = {
    "short-text": _TEXT,
    "long-text": _TEXT,
    "boolean": {"type": "boolean"},
    "int32": _INT32,
    "decimal": {"type": "number"},
    "legacy-date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?)?$"},
    "email": {"type": "string", "pattern": "@"},
    "phone-number": _TEXT,
    "url": _TEXT,
    "file-reference": _REFERENCE,
    "employee-reference": _REFERENCE,
    "taxonomy-label-reference": _REFERENCE,
}
_SAY_NOTHING: Final = frozenset({"$id", "$schema", "title", "description"})


class _Validator(Protocol):
    def is_valid(self, instance: object, /) -> bool: ...


def fits(definition: JsonObject) -> Fits | None:
    """Return the test that a definition's values must pass; None when its schema says nothing usable.

    An empty value fits every definition. Nothing is fetched, wherever the schema may point.
    """
    schema = _schema_of(definition)
    if schema is None:
        return None
    # Only who watches definitions pays for the import.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415
    from referencing.jsonschema import EMPTY_REGISTRY  # noqa: PLC0415

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return None
    validator = cast(_Validator, Draft202012Validator(schema, registry=EMPTY_REGISTRY))

    def test(value: Json) -> bool:
        try:
            return value is None or validator.is_valid(value)
        except Unresolvable:
            return True

    return test


def definition_of(attribute: JsonObject) -> str | None:
    """Return the id of the definition that an attribute is a value of."""
    return text_at(attribute, ("definition", "id"))


def attributes_in_order(definition: JsonObject, attributes: Iterable[JsonObject]) -> list[JsonObject]:
    """Return one person's values of one definition in the order that the definition asks for.

    `multipleValueHandling.sortingProperty` names a member of the value, or a field of the attribute, and
    `sorting` the direction; empty ones stand last. Without any of it, and among equals, older ids come first.
    """
    handling = definition.get("multipleValueHandling")
    asked: JsonObject = handling if isinstance(handling, dict) else {}
    name, direction = asked.get("sortingProperty"), str(asked.get("sorting"))
    found = sorted(attributes, key=lambda attribute: _rank(attribute.get("id")))
    if not isinstance(name, str):
        return found
    filled = [one for one in found if _property(one, name) is not None]
    filled.sort(key=lambda one: _rank(_property(one, name)), reverse=direction.lower().startswith("desc"))
    return [*filled, *(one for one in found if _property(one, name) is None)]


def _schema_of(definition: JsonObject) -> JsonObject | None:
    """Return the rules of a definition: its own, or those that one of Lucca's schemas is known by."""
    schema = definition.get("schema")
    if not isinstance(schema, dict):
        return None
    if schema.keys() - _SAY_NOTHING:
        return schema
    name = str(schema.get("$id")).rpartition(_OWN)[2]
    return _KNOWN.get(name)


def _property(attribute: JsonObject, name: str) -> Json:
    value = attribute.get("value")
    inside = value.get(name) if isinstance(value, dict) else None
    return attribute.get(name) if inside is None else inside


def _rank(value: Json) -> tuple[int, float, str]:
    """Put numbers, also written as text, before other texts."""
    if isinstance(value, str) and value.isdecimal():
        return 0, float(value), value
    if isinstance(value, int | float):
        return 0, float(value), ""
    return 1, 0.0, str(value)
