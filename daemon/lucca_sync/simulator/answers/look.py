"""Reads a value of a record by its dotted path, through references to other records."""

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.records import Records

_OF_A_REFERENCE = frozenset({"id", "type", "url"})


def value_at(records: Records, view: View, path: str) -> Json:
    """Return what stands at a path such as `applicableEmployment.template.term`, else null."""
    value: Json = view
    for segment in path.split("."):
        if not isinstance(value, dict):
            return None
        value = _followed(records, value, segment).get(segment)
    return value


def _followed(records: Records, value: View, segment: str) -> View:
    """Return the record behind a reference when the reference alone does not tell."""
    kind, public_id = value.get("type"), value.get("id")
    is_reference = value.keys() == _OF_A_REFERENCE and segment not in value
    if not is_reference or not isinstance(kind, str) or not isinstance(public_id, str):
        return value
    return records.related(kind, public_id) or {}
