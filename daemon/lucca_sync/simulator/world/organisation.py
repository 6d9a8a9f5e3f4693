"""Legal entities, business establishments and departments: the company as it is drawn on paper."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import moment_text
from lucca_sync.simulator.world.row import (
    Record,
    Row,
    Stamped,
    link,
    reference,
    reference_or_none,
)

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records


class LegalEntity(Stamped):
    """A company in the sense of the law; what v4 calls a legal unit."""

    resource: ClassVar[str] = "legal-entities"
    kind: ClassVar[str] = "legal-entity"

    name: str
    remote_id: str | None
    country: str
    currency: str
    tax_format: str
    tax_number: str
    industry_code: str | None
    archived: bool = False
    archived_at: int | None = None

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "legalName": self.name,
            "remoteId": self.remote_id,
            "isArchived": self.archived,
            "countryCode": self.country,
            "currencyCode": self.currency,
            "taxIdentificationNumber": {"format": self.tax_format, "value": self.tax_number},
            "industryCode": self._industry(),
            "lastArchivedAt": None if self.archived_at is None else moment_text(self.archived_at),
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }

    def _industry(self) -> Json:
        if self.industry_code is None:
            return None
        return {"format": "franceAPE" if self.country == "FRA" else "other", "value": self.industry_code}


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
    headquarters: bool = False
    industry_code: str = "6201Z"

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "name": self.name,
            "remoteId": self.remote_id,
            "isArchived": self.archived,
            "legalEntity": reference("legal-entity", self.legal_entity, base),
            "isHeadquarters": self.headquarters,
            "taxIdentificationNumber": {"format": "franceSIRET", "value": self.tax_number},
            "industryCode": {"format": "franceAPE", "value": self.industry_code},
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

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Return its legal entity."""
        return records.existing(records.legal_entities.get(self.legal_entity))


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
