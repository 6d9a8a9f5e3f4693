"""What a company has before its first employee: legal entities, establishments, and lists to choose from."""

from lucca_sync.simulator.world import names
from lucca_sync.simulator.world.classification import Category, Profession, Qualification
from lucca_sync.simulator.world.days import moment_of_day
from lucca_sync.simulator.world.definitions import add_definitions
from lucca_sync.simulator.world.organisation import Establishment, LegalEntity
from lucca_sync.simulator.world.records import Records
from lucca_sync.simulator.world.taxonomies import Label, Taxonomy
from lucca_sync.simulator.world.terms import Arrangement, Calendar, Template

_QUALIFICATIONS_OF_A_PROFESSION = 2


def found(records: Records, day: int) -> None:
    """Write everything that does not depend on people, all in the same instant."""
    made = moment_of_day(day)
    _add_legal_entities(records, made)
    _add_establishments(records, made)
    _add_classification(records, made)
    _add_terms(records, made)
    _add_taxonomies(records, made)
    add_definitions(records, day)


def _add_legal_entities(records: Records, made: int) -> None:
    for number, (name, country, currency, form, tax, industry) in enumerate(names.LEGAL_ENTITIES, 1):
        row = LegalEntity(
            id=number,
            created_at=made,
            updated_at=made,
            name=name,
            remote_id=f"SOC-{number}",
            country=country,
            currency=currency,
            tax_format=form,
            tax_number=tax,
            industry_code=industry,
        )
        records.legal_entities.add(row)


def _add_establishments(records: Records, made: int) -> None:
    for number, (name, street, postal, town, country, zone) in enumerate(names.ESTABLISHMENTS, 1):
        row = Establishment(
            id=number,
            created_at=made,
            updated_at=made,
            name=name,
            remote_id=f"ETAB-{number}",
            legal_entity=1 if country == "FRA" else number,
            tax_number=f"8888888880{number:04}",
            street=street,
            postal_code=postal,
            locality=town,
            country=country,
            zone=zone,
            headquarters=number == 1,
        )
        records.establishments.add(row)


def _add_classification(records: Records, made: int) -> None:
    for number, title in enumerate(names.PROFESSIONS, 1):
        records.professions.add(Profession(id=number, title=title))
    for number, title in enumerate(names.QUALIFICATIONS, 1):
        row = Qualification(
            id=number,
            created_at=made,
            updated_at=made,
            title=title,
            profession=1 + (number - 1) // _QUALIFICATIONS_OF_A_PROFESSION,
            rank=1 + (number - 1) % _QUALIFICATIONS_OF_A_PROFESSION,
            remote_id=f"Q{number:02}",
        )
        records.qualifications.add(row)
    for number, (title, remote_id) in enumerate(names.CATEGORIES, 1):
        somewhere = (1, 2) if number == len(names.CATEGORIES) else None
        records.categories.add(
            Category(id=number, title=title, establishments=somewhere, remote_id=remote_id)
        )


def _add_terms(records: Records, made: int) -> None:
    for number, (title, term, audience) in enumerate(names.TEMPLATES, 1):
        row = Template(
            id=number,
            created_at=made,
            updated_at=made,
            title=title,
            term=term,
            audience=audience,
            legal_entities=(1, 2, 3) if audience == "student" else (),
        )
        records.templates.add(row)
    for number, name in enumerate(names.CALENDARS, 1):
        records.calendars.add(Calendar(id=number, name=name))
    for number, name in enumerate(names.ARRANGEMENTS, 1):
        calendar = 3 if number == len(names.ARRANGEMENTS) else 1
        records.arrangements.add(Arrangement(id=number, name=name, calendar=calendar))


def _add_taxonomies(records: Records, made: int) -> None:
    for number, (name, labels) in enumerate(names.TAXONOMIES, 1):
        order = "name" if number == 1 else "id"
        taxonomy = Taxonomy(id=number, created_at=made, updated_at=made, name=name, sort_labels_by=order)
        records.taxonomies.add(taxonomy)
        for label in labels:
            archived = label == names.ABANDONED
            row = Label(
                id=records.labels.next_id,
                created_at=made,
                updated_at=made,
                taxonomy=number,
                name=label,
                remote_id=None if archived else f"L{records.labels.next_id}",
                archived=archived,
                archived_at=made if archived else None,
            )
            records.labels.add(row)
