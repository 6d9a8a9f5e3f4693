"""The attribute definitions of the company, and the values that make sense under each."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world import names
from lucca_sync.simulator.world.attributes import Definition
from lucca_sync.simulator.world.days import day_text, moment_of_day
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.schemas import COMPOSITE, Part

SENIORITY = "employee.seniorityDate"
SHIRT = "e_tShirtSize"
ALLOWANCE = "e_transportAllowance"
LANGUAGES = "e_languages"
CHILDREN = "e_children"
SECTIONS = frozenset({"contact", "contract", "equipment", "family", "training"})
"""The sections of the HR file: invented, as every company has its own."""

_CHILD: tuple[Part, ...] = (
    ("givenName", "Prénom", "short-text"),
    ("birthDate", "Date de naissance", "legacy-date"),
    ("dependent", "À charge", "boolean"),
)


class _Plan(NamedTuple):
    """A definition as it is first made."""

    key: str
    name: str
    schema: str
    section: str
    target: str = "employee"
    multiple: bool = False
    share: float = 0.0
    """How many people have a value from the second reading of the dossiers; 0 for the first ones."""
    taxonomy: int | None = None
    parts: tuple[Part, ...] = ()
    sorting: tuple[str, str | None] = ("ascending", None)
    archived: bool = False


_PLANS = (
    _Plan(SENIORITY, "Date d'ancienneté", "legacy-date", "contract"),
    _Plan("employee.personalEmail", "E-mail personnel", "email", "contact"),
    _Plan("jobPosition.remoteDays", "Jours de télétravail", "int32", "contract", "job-position"),
    _Plan(SHIRT, "Taille de T-shirt", "short-text", "equipment"),
    _Plan(ALLOWANCE, "Prime de transport", "decimal", "contract", "employment"),
    _Plan("e_vegetarian", "Végétarien", "boolean", "contact"),
    _Plan(LANGUAGES, "Langues parlées", "short-text", "training", multiple=True),
    _Plan("e_badgeReturnedOn", "Badge rendu le", "legacy-date", "equipment"),
    _Plan("e_about", "Présentation", "long-text", "training", share=0.03),
    _Plan("e_emergencyPhone", "Téléphone d'urgence", "phone-number", "contact", share=0.08),
    _Plan("e_profilePage", "Page de profil", "url", "contact", share=0.05),
    _Plan("e_diploma", "Diplôme", "file-reference", "training", share=0.04),
    _Plan("e_mentor", "Mentor", "employee-reference", "training", share=0.06),
    _Plan("e_site", "Site de rattachement", "taxonomy-label-reference", "contract", share=0.08, taxonomy=1),
    _Plan(
        *("e_certificates", "Habilitations", "taxonomy-label-reference", "training"),
        multiple=True,
        share=0.06,
        taxonomy=2,
        sorting=("descending", "id"),
    ),
    _Plan(
        *(CHILDREN, "Enfants", COMPOSITE, "family"),
        multiple=True,
        share=0.1,
        parts=_CHILD,
        sorting=("descending", "birthDate"),
    ),
    _Plan("e_formerBadge", "Ancien badge", "short-text", "equipment", share=0.02, archived=True),
)
FIRST = sum(not plan.share for plan in _PLANS)
"""How many of the definitions the first reading of the dossiers fills."""
SHARES: Mapping[str, float] = {plan.key: plan.share for plan in _PLANS if plan.share}


def add_definitions(records: Records, day: int) -> None:
    """Give the company its definitions; their taxonomies come before them."""
    made = moment_of_day(day)
    for plan in _PLANS:
        row = Definition(
            id=records.definitions.next_id,
            created_at=made,
            updated_at=made,
            key=plan.key,
            name=plan.name,
            schema=plan.schema,
            target=plan.target,
            section=plan.section,
            multiple=plan.multiple,
            sorting=plan.sorting[0],
            sorting_property=plan.sorting[1],
            parts=plan.parts,
            taxonomy=plan.taxonomy,
            archived=plan.archived,
            archived_at=made if plan.archived else None,
        )
        records.definitions.add(row)


_VALUES: Mapping[str, Callable[[Invention, int], Json]] = {
    "legacy-date": lambda invention, day: _legacy_date(day - invention.between(0, 900)),
    "email": lambda invention, _: f"perso{invention.between(1, 99_999)}@example.org",
    "int32": lambda invention, _: invention.between(0, 5),
    "decimal": lambda invention, _: invention.between(10, 400) * 0.25,
    "boolean": lambda invention, _: invention.chance(0.5),
    "long-text": lambda invention, _: " ".join(invention.one_of(names.SENTENCES) for _ in range(3)),
    "phone-number": lambda invention, _: invention.phone(),
    "url": lambda invention, _: f"https://people.example.org/{invention.between(1, 99_999)}",
    "file-reference": lambda invention, _: invention.between(1, 99_999),
}


def value_under(records: Records, definition: Definition, invention: Invention, day: int) -> Json:
    """Make up a value that fits a definition, around a day."""
    if definition.key == SHIRT:
        return invention.one_of(names.SHIRT_SIZES)
    if definition.key == LANGUAGES:
        return invention.one_of(names.LANGUAGES)
    match definition.schema:
        case "employee-reference":
            return _somebody(records, invention)
        case "taxonomy-label-reference":
            return _label(records, definition, invention)
        case "composite":
            return {part: _part(inner, part, invention, day) for part, _, inner in definition.parts}
        case schema:
            make = _VALUES.get(schema)
            return f"texte {invention.between(1, 9999)}" if make is None else make(invention, day)


def _legacy_date(day: int) -> str:
    return f"{day_text(day)}T00:00:00"


def _part(schema: str, name: str, invention: Invention, day: int) -> Json:
    if name == "givenName":
        return invention.given_name()
    make = _VALUES.get(schema)
    return f"texte {invention.between(1, 9999)}" if make is None else make(invention, day)


def _somebody(records: Records, invention: Invention) -> int | None:
    """Draw a person who exists; nobody, should the number drawn be that of somebody who is gone."""
    row = records.employees.get(invention.between(1, records.employees.next_id - 1))
    return None if row is None else row.id


def _label(records: Records, definition: Definition, invention: Invention) -> int | None:
    labels = [row.id for row in records.labels if row.taxonomy == definition.taxonomy and not row.archived]
    return invention.one_of(labels) if labels else None
