"""The JSON Schema of the settings file, for editors; made from the models, so it can't say anything else.

Looser than loading where a schema can't look (references between sections, files), and stricter in one point:
a number in quotes is loaded, and marked here.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeAlias, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from lucca_sync.kit.durations import format_duration
from lucca_sync.kit.sizes import Amount
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.settings.describe import field_texts
from lucca_sync.settings.model import Settings
from lucca_sync.settings.rules import HOMES, OF_STRANGERS

Schema: TypeAlias = dict[str, Any]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE: Final[Schema] = {
    "description": "Taken from the environment: ${NAME} or ${NAME:default}.",
    "type": "string",
    "pattern": r"\$\{",
}
_NOTES: Final = frozenset({"default", "description", "examples"})
_RESTRICTING: Final = frozenset({"pattern", "enum"})


def settings_schema(connectors: Mapping[str, type[BaseModel]]) -> Schema:
    """Return the schema of the whole file, with the sections of the given connector types."""
    models: list[type[BaseModel]] = [Settings, *connectors.values()]
    refs, whole = models_json_schema([(model, "validation") for model in models], schema_generator=_Generator)
    definitions = cast("dict[str, Schema]", whole["$defs"])
    root = definitions.pop("Settings")
    sections = {name: refs[model, "validation"]["$ref"] for name, model in connectors.items()}
    for name, ref in sections.items():
        _fix_type(definitions[ref.rpartition("/")[2]], name)
    if sections:
        root["properties"]["connectors"]["additionalProperties"] = {
            "oneOf": [{"$ref": ref} for ref in sections.values()]
        }
    _name_resources(definitions)
    definitions = {name: _with_variables(one) for name, one in definitions.items()}
    title = {"$schema": _DIALECT, "title": "lucca-sync settings"}
    return {**title, **_with_variables(root), "$defs": {**definitions, "variable": _VARIABLE}}


class _Generator(GenerateJsonSchema):
    """pydantic's schemas, as the YAML looks: durations as text, names as keys, nothing about null."""

    def encode_default(self, dft: object) -> object:
        if isinstance(dft, timedelta):
            return format_duration(dft)
        if isinstance(dft, Amount):
            return str(dft)
        if isinstance(dft, BaseModel):
            return dft.model_dump(mode="json", exclude_none=True)
        if isinstance(dft, tuple):
            return [self.encode_default(item) for item in cast("tuple[object, ...]", dft)]
        return super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401 - pydantic's own signature
        del schema
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if key != "default" or value not in (None, {}, [])}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        patterns = made.pop("patternProperties", None)
        if patterns:
            ((pattern, values),) = patterns.items()
            made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
        return made

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("title", None)
        texts = field_texts(schema["cls"])
        for name, text in texts.items():
            if name in made.get("properties", {}):
                made["properties"][name]["description"] = text
        _forbid_both(made, texts)
        return made


def _forbid_both(schema: Schema, names: Iterable[str]) -> None:
    """A secret is given as `x` or as `x_file`."""
    pairs = [[name, f"{name}_file"] for name in names if f"{name}_file" in schema["properties"]]
    if pairs:
        schema["not"] = {"anyOf": [{"required": pair} for pair in pairs]}


def _fix_type(schema: Schema, name: str) -> None:
    schema["properties"]["type"] |= {"const": name}
    schema["required"] = ["type", *(other for other in schema.get("required", ()) if other != "type")]


def _name_resources(definitions: Mapping[str, Schema]) -> None:
    """Let an editor offer the resources by name, each with its own period and scope."""
    section = definitions["ResourceSettings"]
    section["required"].remove("every")
    resources = definitions["Tenant"]["properties"]["resources"]
    resources["additionalProperties"] = {**_section_of_resource(HOMES), "required": ["path"]}
    resources["properties"] = {name: _resource(name) for name in CATALOGUE}


def _section_of_resource(others: Iterable[str]) -> Schema:
    """Return a section that has none of the settings of others."""
    return {"$ref": "#/$defs/ResourceSettings", "propertyNames": {"not": {"enum": [*others]}}}


def _resource(name: str) -> Schema:
    resource = CATALOGUE[name]
    period = format_duration(resource.every)
    needs = "legacy_api_key" if resource.api == "v3" else f"the scope {resource.scope}"
    others = (*OF_STRANGERS, *(setting for setting, homes in HOMES.items() if name not in homes))
    return {
        "description": f"Looked at every {period} by default. Needs {needs}.",
        "anyOf": [_section_of_resource(others), {"type": "null"}],
    }


def _with_variables(node: Schema) -> Schema:
    """Allow `${NAME}` wherever a number, a truth value or a certain text is wanted."""
    if _wants_more_than_text(node):
        notes = {key: value for key, value in node.items() if key in _NOTES}
        bare = {key: value for key, value in node.items() if key not in _NOTES}
        return {**notes, "anyOf": [bare, {"$ref": "#/$defs/variable"}]}
    return {key: _inside(key, value) for key, value in node.items()}


def _inside(keyword: str, value: Any) -> Any:  # noqa: ANN401 - what a keyword holds may be any JSON
    if keyword == "properties":
        return {name: _with_variables(node) for name, node in value.items()}
    if keyword in {"anyOf", "oneOf", "prefixItems"}:
        return [_with_variables(node) for node in value]
    if keyword in {"items", "additionalProperties"} and isinstance(value, dict):
        return _with_variables(cast("Schema", value))
    return value


def _wants_more_than_text(node: Schema) -> bool:
    if "const" in node:
        return False
    kind = node.get("type")
    is_text = kind == "string" and not _RESTRICTING.isdisjoint(node)
    return is_text or kind in {"integer", "number", "boolean"}
