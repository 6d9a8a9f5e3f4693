"""Lists of labels that attributes choose from."""

from typing import TYPE_CHECKING, ClassVar

from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.days import moment_text
from lucca_sync.simulator.world.row import SortValue, Stamped, reference

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records


class Taxonomy(Stamped):
    """A list of labels."""

    resource: ClassVar[str] = "taxonomies"
    kind: ClassVar[str] = "taxonomy"

    name: str
    sort_labels_by: str = "name"

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "name": self.name,
            "sortLabelsBy": self.sort_labels_by,
            "t9n": {"name": {"fr-FR": self.name}},
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }


class Label(Stamped):
    """One choice of a list."""

    resource: ClassVar[str] = "taxonomy-labels"
    kind: ClassVar[str] = "taxonomy-label"

    taxonomy: int
    name: str
    remote_id: str | None = None
    archived: bool = False
    archived_at: int | None = None

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "taxonomy": reference(Taxonomy.kind, self.taxonomy, base),
            "name": self.name,
            "remoteId": self.remote_id,
            "isArchived": self.archived,
            "lastArchivedAt": None if self.archived_at is None else moment_text(self.archived_at),
            "t9n": {"name": {"fr-FR": self.name}},
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return the name; any other key is a KeyError."""
        del records
        return {"name": self.name.casefold()}[key]
