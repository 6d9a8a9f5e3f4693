"""What else may change about the entries of a company's lists, besides their names."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from lucca_sync.simulator.world.classification import Category, Qualification
from lucca_sync.simulator.world.edit import Refused
from lucca_sync.simulator.world.newcomers import street
from lucca_sync.simulator.world.organisation import Department, Establishment, LegalEntity
from lucca_sync.simulator.world.row import Record
from lucca_sync.simulator.world.taxonomies import Label, Taxonomy
from lucca_sync.simulator.world.terms import Arrangement, Template

if TYPE_CHECKING:
    from lucca_sync.simulator.world.edit import Edit

ItemT = TypeVar("ItemT")
_INDUSTRIES = ("6201Z", "6202A", "6209Z", "7022Z", "8559A")
_AUDIENCES = ("employee", "student", "external", "elected", "appointee", "associate", "volunteer", "other")


def _another(edit: "Edit", items: Sequence[ItemT], than: ItemT) -> ItemT:
    if not [item for item in items if item != than]:
        raise Refused("there is nothing else to choose")
    return edit.invention.another(items, than)


def _legal_entity(edit: "Edit", record: Record) -> None:
    if isinstance(record, LegalEntity):
        record.industry_code = _another(edit, _INDUSTRIES, record.industry_code or "")


def _establishment(edit: "Edit", record: Record) -> None:
    if isinstance(record, Establishment):
        record.street = street(edit)
        record.postal_code = f"{edit.invention.between(10_000, 95_999)}"


def _department(edit: "Edit", record: Record) -> None:
    if isinstance(record, Department):
        record.description = f"Depuis la note {edit.invention.between(1, 9999)}"


def _qualification(edit: "Edit", record: Record) -> None:
    if isinstance(record, Qualification):
        record.rank = _another(edit, range(1, 7), record.rank)


def _category(edit: "Edit", record: Record) -> None:
    if isinstance(record, Category):
        places = [(row.id,) for row in edit.records.establishments if not row.archived]
        record.establishments = _another(edit, [None, *places], record.establishments)


def _template(edit: "Edit", record: Record) -> None:
    if isinstance(record, Template):
        record.audience = _another(edit, _AUDIENCES, record.audience)


def _arrangement(edit: "Edit", record: Record) -> None:
    if isinstance(record, Arrangement):
        calendars = [row.id for row in edit.records.calendars]
        record.calendar = _another(edit, calendars, record.calendar)


def _taxonomy(edit: "Edit", record: Record) -> None:
    if isinstance(record, Taxonomy):
        record.sort_labels_by = _another(edit, ("id", "name"), record.sort_labels_by)


def _label(edit: "Edit", record: Record) -> None:
    if isinstance(record, Label):
        record.remote_id = f"L-{edit.invention.between(1, 99_999)}"


AMENDMENTS: Mapping[str, Callable[["Edit", Record], None]] = {
    "legal-entities": _legal_entity,
    "business-establishments": _establishment,
    "departments": _department,
    "job-qualifications": _qualification,
    "occupation-categories": _category,
    "employment-templates": _template,
    "working-time-arrangements": _arrangement,
    "taxonomies": _taxonomy,
    "taxonomy-labels": _label,
}
"""Resource to what changes one of its entries."""
