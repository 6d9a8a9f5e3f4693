"""The attribute definitions of the company, and the values that make sense under each."""

from collections.abc import Callable, Mapping

from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world import names
from lucca_sync.simulator.world.attributes import Definition
from lucca_sync.simulator.world.days import day_text, moment_of_day
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.table import Table

SENIORITY = "employee.seniorityDate"
SHIRT = "e_tShirtSize"
ALLOWANCE = "e_transportAllowance"
LANGUAGES = "e_languages"

_DEFINITIONS = (
    # id, name, schema, target, several values?
    (SENIORITY, "Date d'ancienneté", "legacy-date", "employee", False),
    ("employee.personalEmail", "E-mail personnel", "email", "employee", False),
    ("jobPosition.remoteDays", "Jours de télétravail", "int32", "job-position", False),
    (SHIRT, "Taille de T-shirt", "short-text", "employee", False),
    (ALLOWANCE, "Prime de transport", "decimal", "employment", False),
    ("e_vegetarian", "Végétarien", "boolean", "employee", False),
    (LANGUAGES, "Langues parlées", "short-text", "employee", True),
    ("e_badgeReturnedOn", "Badge rendu le", "legacy-date", "employee", False),
)


def _legacy_date(invention: Invention, day: int) -> str:
    return f"{day_text(day - invention.between(0, 900))}T00:00:00"


_VALUES: Mapping[str, Callable[[Invention, int], Json]] = {
    "legacy-date": _legacy_date,
    "email": lambda invention, _: f"perso{invention.between(1, 99_999)}@example.org",
    "int32": lambda invention, _: invention.between(0, 5),
    "decimal": lambda invention, _: invention.between(10, 400) * 0.25,
    "boolean": lambda invention, _: invention.chance(0.5),
}


def add_definitions(table: Table[Definition], day: int) -> None:
    """Fill the table with the company's definitions."""
    made = moment_of_day(day)
    for key, name, schema, target, multiple in _DEFINITIONS:
        row = Definition(
            id=table.next_id,
            created_at=made,
            updated_at=made,
            key=key,
            name=name,
            schema=schema,
            target=target,
            multiple=multiple,
        )
        table.add(row)


def value_under(definition: Definition, invention: Invention, day: int) -> Json:
    """Make up a value that fits a definition, around a day."""
    if definition.key == SHIRT:
        return invention.one_of(names.SHIRT_SIZES)
    if definition.key == LANGUAGES:
        return invention.one_of(names.LANGUAGES)
    make = _VALUES.get(definition.schema)
    return f"texte {invention.between(1, 9999)}" if make is None else make(invention, day)
