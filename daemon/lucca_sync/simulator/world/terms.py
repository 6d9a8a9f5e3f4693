"""What contracts and positions are agreed on: templates, working time arrangements, holiday calendars."""

from typing import TYPE_CHECKING, ClassVar

from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.days import moment_text
from lucca_sync.simulator.world.row import Row, Stamped, reference

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records


class Template(Stamped):
    """A kind of employment, offered by some legal entities or, with none named, by all."""

    resource: ClassVar[str] = "employment-templates"
    kind: ClassVar[str] = "employment-template"

    title: str
    term: str
    audience: str = "employee"
    legal_entities: tuple[int, ...] = ()

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "title": self.title,
            "legalEntities": [reference("legal-entity", number, base) for number in self.legal_entities],
            "term": self.term,
            "audience": self.audience,
            "t9n": {"title": {"fr-FR": self.title}},
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }


class Calendar(Row):
    """A calendar of public holidays; all that it shows is its name."""

    resource: ClassVar[str] = "public-holidays-calendars"
    kind: ClassVar[str] = "public-holidays-calendar"

    name: str

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {**reference(self.kind, self.id, base), "name": self.name}


class Arrangement(Row):
    """How much and when people work; it carries no timestamps."""

    resource: ClassVar[str] = "working-time-arrangements"
    kind: ClassVar[str] = "working-time-arrangement"

    name: str
    calendar: int
    archived: bool = False

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "name": self.name,
            "publicHolidaysCalendar": reference(Calendar.kind, self.calendar, base),
            "isArchived": self.archived,
        }
