"""Business establishments and departments, and the things that are only referred to."""

from typing import TYPE_CHECKING, ClassVar

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import moment_text
from lucca_sync.simulator.world.row import Row, SortValue, Stamped, link, reference, reference_or_none

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records

TEMPLATES: dict[int, View] = {
    1: {"id": "1", "type": "employment-template", "title": "CDI", "term": "permanent"},
    2: {"id": "2", "type": "employment-template", "title": "CDD", "term": "fixed"},
    3: {"id": "3", "type": "employment-template", "title": "Alternance", "term": "fixed"},
}
QUALIFICATIONS: dict[int, View] = {
    number: {"id": str(number), "type": "job-qualification", "title": title, "remoteId": f"Q{number:02}"}
    for number, title in enumerate(
        ("Assistant", "Technicien", "Ingénieur", "Ingénieure confirmée", "Responsable", "Directrice"), 1
    )
}
OCCUPATION_CATEGORIES: dict[int, View] = {
    number: {"id": str(number), "type": "occupation-category", "title": title, "remoteId": remote}
    for number, (title, remote) in enumerate(
        (("Cadre", "37"), ("Technicien", "47"), ("Employé", "54"), ("Ouvrier", "62")), 1
    )
}


class Establishment(Stamped):
    """A workplace; its time zone says when a day begins for the people in it."""

    resource: ClassVar[str] = "business-establishments"
    kind: ClassVar[str] = "business-establishment"

    name: str
    remote_id: str | None
    legal_entity: int
    tax_number: str
    street: str
    postal_code: str
    locality: str
    country: str
    zone: str | None
    archived_at: int | None = None
    archived: bool = False

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "name": self.name,
            "remoteId": self.remote_id,
            "isArchived": self.archived,
            "legalEntity": reference("legal-entity", self.legal_entity, base),
            "isHeadquarters": self.id == 1,
            "taxIdentificationNumber": {"format": "franceSIRET", "value": self.tax_number},
            "industryCode": {"format": "franceAPE", "value": "6201Z"},
            "address": self._address(),
            "timezoneId": self.zone,
            "lastArchivedAt": None if self.archived_at is None else moment_text(self.archived_at),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def _address(self) -> Json:
        return {
            "addressLines": [self.street],
            "postalCode": self.postal_code,
            "locality": self.locality,
            "administrativeArea": None,
            "countryCode": self.country,
        }

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Establishments are always in the order of their ids."""
        del records
        raise KeyError(key)


class Department(Row):
    """A node in the tree of departments; it carries no timestamps."""

    resource: ClassVar[str] = "departments"
    kind: ClassVar[str] = "department"

    name: str
    remote_id: str | None
    parent: int | None
    level: int
    manager: int | None
    sort_order: int
    description: str | None = None
    archived: bool = False

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "remoteId": self.remote_id,
            "isArchived": self.archived,
            "name": self.name,
            "description": self.description,
            "parent": reference_or_none(self.kind, self.parent, base),
            "level": self.level,
            "manager": reference_or_none("employee", self.manager, base),
            "sortOrder": self.sort_order,
            "owningApplication": None,
        }

    def links(self, base: str) -> View:
        """Return where its people are listed."""
        path = f"employees?applicableJobPosition.department.id={self.id}&status=active"
        return {"activeEmployees": link(base, path)}

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Departments are always in the order of their ids."""
        del records
        raise KeyError(key)
