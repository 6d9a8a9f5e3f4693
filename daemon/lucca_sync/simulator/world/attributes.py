"""Attribute definitions and the attributes that employees have under them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

import msgspec

from lucca_sync.simulator.shapes import Json, View, read_at
from lucca_sync.simulator.world.days import day_text, moment_text
from lucca_sync.simulator.world.row import Record, SortValue, Stamped, reference, reference_or_none
from lucca_sync.simulator.world.schemas import REFERRED, Part, descriptions_of, schema_of

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records


class Definition(Stamped):
    """What an attribute means; its public id is a word."""

    resource: ClassVar[str] = "employee-attribute-definitions"
    kind: ClassVar[str] = "employee-attribute-definition"

    key: str
    name: str
    schema: str
    target: str = "employee"
    section: str = "contract"
    """The section of the HR file that it stands in; the API does not tell."""
    multiple: bool = False
    sorting: str = "ascending"
    sorting_property: str | None = None
    parts: tuple[Part, ...] = ()
    taxonomy: int | None = None
    archived: bool = False
    archived_at: int | None = None

    @property
    def public_id(self) -> str:
        """The id that the API shows."""
        return self.key

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.key, base),
            "name": self.name,
            "targetType": self.target,
            "multipleValueHandling": self._multiple(),
            "schema": schema_of(self.schema, self.parts),
            "propertyDescriptions": descriptions_of(self.parts),
            "taxonomy": reference_or_none("taxonomy", self.taxonomy, base),
            "isArchived": self.archived,
            "lastArchivedAt": None if self.archived_at is None else moment_text(self.archived_at),
            "t9n": {"name": {"fr-FR": self.name}},
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def _multiple(self) -> Json:
        if not self.multiple:
            return None
        return {"sorting": self.sorting, "sortingProperty": self.sorting_property}

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the name or the instant of creation."""
        del records
        return self.created_at if key == "createdAt" else self.name.casefold()


class Attribute(Stamped):
    """One value of one person under one definition, perhaps only between two days."""

    resource: ClassVar[str] = "employee-attributes"
    kind: ClassVar[str] = "employee-attribute"

    employee: int
    definition: int
    value: Json
    """What is shown; of a reference, the number of the record it leads to."""
    start: int | None = None
    end: int | None = None

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        definition = records.definitions[self.definition]
        return {
            **reference(self.kind, self.id, base),
            "definition": reference(definition.kind, definition.key, base),
            "employee": reference("employee", self.employee, base),
            "applicability": self._applicability(),
            "value": self._shown(definition, base),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def _shown(self, definition: Definition, base: str) -> Json:
        kind = REFERRED.get(definition.schema)
        return reference(kind, self.value, base) if kind and isinstance(self.value, int) else self.value

    def _applicability(self) -> Json:
        if self.start is None and self.end is None:
            return None
        return {
            "start": None if self.start is None else day_text(self.start),
            "end": None if self.end is None else day_text(self.end),
        }

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Return its definition, and the label that it refers to."""
        definition = records.definitions[self.definition]
        yield definition
        if definition.taxonomy is not None and isinstance(self.value, int):
            yield from records.existing(records.labels.get(self.value))

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the value or a part of it, the instant of creation or the definition's id."""
        if key == "createdAt":
            return self.created_at
        if key == "definition.id":
            return records.definitions[self.definition].key
        parts = key.split(".")[1:]
        value = read_at(self.value, parts) if isinstance(self.value, dict) else self.value
        return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value
