"""New entries in the lists that a company chooses from: made up, and ready to be added."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lucca_sync.simulator.world import names
from lucca_sync.simulator.world.attributes import Definition
from lucca_sync.simulator.world.classification import Category, Profession, Qualification
from lucca_sync.simulator.world.definitions import SECTIONS
from lucca_sync.simulator.world.organisation import Department, Establishment, LegalEntity
from lucca_sync.simulator.world.row import Record
from lucca_sync.simulator.world.taxonomies import Label, Taxonomy
from lucca_sync.simulator.world.terms import Arrangement, Calendar, Template

if TYPE_CHECKING:
    from lucca_sync.simulator.world.edit import Edit

Maker = Callable[["Edit", str], Record]


def word(edit: "Edit") -> str:
    """Make up a name that is unlikely to be taken."""
    return f"{edit.invention.one_of(names.WORDS)} {edit.invention.between(2, 9999)}"


def _legal_entity(edit: "Edit", name: str) -> Record:
    table = edit.records.legal_entities
    row = LegalEntity(
        id=table.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        name=f"{name} SAS",
        remote_id=None,
        country="FRA",
        currency="EUR",
        tax_format="franceSIREN",
        tax_number=f"8888{table.next_id:05}",
        industry_code="6201Z",
    )
    return table.add(row)


def _establishment(edit: "Edit", name: str) -> Record:
    table = edit.records.establishments
    row = Establishment(
        id=table.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        name=name,
        remote_id=None,
        legal_entity=next(iter(edit.records.legal_entities)).id,
        tax_number=f"8888888880{table.next_id:04}",
        street=street(edit),
        postal_code="69003",
        locality="Lyon",
        country="FRA",
        zone="Europe/Paris",
    )
    return table.add(row)


def street(edit: "Edit") -> str:
    """Make up the first line of an address."""
    return f"{edit.invention.between(1, 99)} {edit.invention.one_of(names.STREETS)}"


def _department(edit: "Edit", name: str) -> Record:
    table = edit.records.departments
    parent = edit.invention.one_of([row for row in table if not row.archived] or [None])
    above = None if parent is None else parent.id
    row = Department(
        id=table.next_id,
        name=name,
        remote_id=None,
        parent=above,
        level=1 if parent is None else parent.level + 1,
        manager=None,
        sort_order=sum(1 for other in table if other.parent == above),
    )
    return table.add(row)


def _profession(edit: "Edit", name: str) -> Record:
    table = edit.records.professions
    return table.add(Profession(id=table.next_id, title=name))


def _qualification(edit: "Edit", name: str) -> Record:
    table = edit.records.qualifications
    professions = [row.id for row in edit.records.professions if not row.archived] or [1]
    row = Qualification(
        id=table.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        title=name,
        profession=edit.invention.one_of(professions),
        rank=edit.invention.between(1, 5),
    )
    return table.add(row)


def _category(edit: "Edit", name: str) -> Record:
    table = edit.records.categories
    somewhere = (1,) if edit.records.establishments.get(1) and edit.invention.chance(0.5) else None
    return table.add(Category(id=table.next_id, title=name, establishments=somewhere))


def _template(edit: "Edit", name: str) -> Record:
    table = edit.records.templates
    audience = edit.invention.one_of(("employee", "student", "external", "other"))
    row = Template(
        id=table.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        title=name,
        term=edit.invention.one_of(("permanent", "fixed")),
        audience=audience,
    )
    return table.add(row)


def _calendar(edit: "Edit", name: str) -> Record:
    table = edit.records.calendars
    return table.add(Calendar(id=table.next_id, name=name))


def _arrangement(edit: "Edit", name: str) -> Record:
    table = edit.records.arrangements
    calendar = edit.invention.one_of([row.id for row in edit.records.calendars] or [1])
    return table.add(Arrangement(id=table.next_id, name=name, calendar=calendar))


def _taxonomy(edit: "Edit", name: str) -> Record:
    table = edit.records.taxonomies
    row = Taxonomy(id=table.next_id, created_at=edit.now, updated_at=edit.now, name=name)
    return table.add(row)


def _label(edit: "Edit", name: str) -> Record:
    table = edit.records.labels
    taxonomies = [row.id for row in edit.records.taxonomies] or [1]
    row = Label(
        id=table.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        taxonomy=edit.invention.one_of(taxonomies),
        name=name,
    )
    return table.add(row)


def _definition(edit: "Edit", name: str) -> Record:
    table = edit.records.definitions
    row = Definition(
        id=table.next_id,
        created_at=edit.now,
        updated_at=edit.now,
        key=f"e_custom{table.next_id}",
        name=name,
        schema=edit.invention.one_of(("short-text", "boolean", "int32", "decimal", "legacy-date")),
        section=edit.invention.one_of(sorted(SECTIONS)),
    )
    return table.add(row)


MAKERS: Mapping[str, Maker] = {
    "legal-entities": _legal_entity,
    "business-establishments": _establishment,
    "departments": _department,
    "professions": _profession,
    "job-qualifications": _qualification,
    "occupation-categories": _category,
    "employment-templates": _template,
    "public-holidays-calendars": _calendar,
    "working-time-arrangements": _arrangement,
    "taxonomies": _taxonomy,
    "taxonomy-labels": _label,
    "employee-attribute-definitions": _definition,
}
"""Resource to what makes a new entry of it."""
