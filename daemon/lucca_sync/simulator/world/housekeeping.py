"""What happens to the lists that a company chooses from: entries come, change, are put away and taken out."""

from typing import TYPE_CHECKING

from lucca_sync.simulator.world.act import Act
from lucca_sync.simulator.world.amendments import AMENDMENTS
from lucca_sync.simulator.world.attached import is_used
from lucca_sync.simulator.world.attributes import Definition
from lucca_sync.simulator.world.classification import Category, Profession, Qualification
from lucca_sync.simulator.world.edit import Refused, not_there
from lucca_sync.simulator.world.newcomers import MAKERS, word
from lucca_sync.simulator.world.organisation import Department, Establishment, LegalEntity
from lucca_sync.simulator.world.row import Record, Stamped
from lucca_sync.simulator.world.taxonomies import Label, Taxonomy
from lucca_sync.simulator.world.terms import Arrangement, Calendar, Template

if TYPE_CHECKING:
    from lucca_sync.simulator.world.edit import Edit

_TITLED = (Profession, Qualification, Category, Template)
_NAMED = (LegalEntity, Establishment, Department, Calendar, Arrangement, Taxonomy, Label, Definition)
_ARCHIVED = (LegalEntity, Establishment, Department, Profession, Definition, Label, Arrangement)
_REMEMBERING = (LegalEntity, Establishment, Definition, Label)
"""Those that show when they were last archived."""


class Create(Act, frozen=True, kw_only=True, tag="create"):
    """A new entry in one of the lists."""

    resource: str
    name: str | None = None

    def apply(self, edit: "Edit") -> None:
        """Add the entry."""
        make = MAKERS.get(self.resource)
        if make is None:
            raise Refused(f"create is for {', '.join(MAKERS)}")
        edit.made(make(edit, self.name or word(edit)))


class Retitle(Act, frozen=True, kw_only=True, tag="retitle"):
    """An entry is called something else."""

    resource: str
    id: str
    name: str | None = None

    def apply(self, edit: "Edit") -> None:
        """Touch the entry alone."""
        record = _entry(edit, self.resource, self.id)
        name = self.name or word(edit)
        if isinstance(record, _TITLED):
            record.title = name
        elif isinstance(record, _NAMED):
            record.name = name
        _stamp(edit, record)


class Amend(Act, frozen=True, kw_only=True, tag="amend"):
    """Something else about an entry changes: an address, a rank, a calendar and so on."""

    resource: str
    id: str

    def apply(self, edit: "Edit") -> None:
        """Touch the entry alone."""
        record = _entry(edit, self.resource, self.id)
        amend = AMENDMENTS.get(self.resource)
        if amend is None:
            raise Refused(f"amend is for {', '.join(AMENDMENTS)}")
        amend(edit, record)
        _stamp(edit, record)


class Archive(Act, frozen=True, kw_only=True, tag="archive"):
    """An entry to which nothing is attached is put away."""

    resource: str
    id: str

    def apply(self, edit: "Edit") -> None:
        """Touch the entry alone."""
        record = _entry(edit, self.resource, self.id)
        if not isinstance(record, _ARCHIVED) or record.archived:
            raise Refused(f"{self.id} in {self.resource} is not to be archived")
        if is_used(edit.records, record):
            raise Refused("something is still attached")
        record.archived = True
        if isinstance(record, _REMEMBERING):
            record.archived_at = edit.now
        _stamp(edit, record)


class Unarchive(Act, frozen=True, kw_only=True, tag="unarchive"):
    """An entry that was put away is back."""

    resource: str
    id: str

    def apply(self, edit: "Edit") -> None:
        """Touch the entry alone; when it was last archived stays on it."""
        record = _entry(edit, self.resource, self.id)
        if not isinstance(record, _ARCHIVED) or not record.archived:
            raise Refused(f"{self.id} in {self.resource} is not archived")
        record.archived = False
        _stamp(edit, record)


class ReorderDepartments(Act, frozen=True, kw_only=True, tag="reorder-departments"):
    """The departments below one department stand in another order: several rows change at once."""

    parent: str | None = None
    """The department above them; null for those that have none above."""

    def apply(self, edit: "Edit") -> None:
        """Let the last of them come first."""
        above = None if self.parent is None else edit.records.find("departments", self.parent)
        if self.parent is not None and above is None:
            not_there("departments", self.parent)
        number = None if above is None else above.id
        rows = [row for row in edit.records.departments if row.parent == number]
        rows.sort(key=lambda row: (row.sort_order, row.id))
        if len(rows) <= 1:
            raise Refused("there is nothing to put in order")
        for place, row in enumerate([rows[-1], *rows[:-1]]):
            edit.open_other(row)
            row.sort_order = place


def _entry(edit: "Edit", resource: str, public_id: str) -> Record:
    """Open an entry of one of the lists."""
    if resource not in MAKERS:
        raise Refused(f"only {', '.join(MAKERS)} have such entries")
    record = edit.records.find(resource, public_id)
    if record is None:
        not_there(resource, public_id)
    edit.open_other(record)
    return record


def _stamp(edit: "Edit", record: Record) -> None:
    if isinstance(record, Stamped):
        edit.stamp(record)
