"""What people's work is called: professions, job qualifications and occupation categories."""

from typing import TYPE_CHECKING, ClassVar

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import moment_text
from lucca_sync.simulator.world.row import Row, Stamped, reference

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records


class Profession(Row):
    """A trade, above its qualifications; it carries no timestamps."""

    resource: ClassVar[str] = "professions"
    kind: ClassVar[str] = "profession"

    title: str
    archived: bool = False

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "title": self.title,
            "isArchived": self.archived,
            "t9n": {"title": {"fr-FR": self.title}},
        }


class Qualification(Stamped):
    """A degree of a profession: the lower its rank, the more junior."""

    resource: ClassVar[str] = "job-qualifications"
    kind: ClassVar[str] = "job-qualification"

    title: str
    profession: int
    rank: int
    remote_id: str | None = None
    """Known to filters alone: its own view does not show it."""

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "title": self.title,
            "profession": reference(Profession.kind, self.profession, base),
            "rank": self.rank,
            "t9n": {"title": {"fr-FR": self.title}},
            "createdAt": moment_text(self.created_at),
            "lastUpdatedAt": moment_text(self.updated_at),
        }


class Category(Row):
    """An occupation category, of some establishments or of all; it carries no timestamps."""

    resource: ClassVar[str] = "occupation-categories"
    kind: ClassVar[str] = "occupation-category"

    title: str
    establishments: tuple[int, ...] | None = None
    remote_id: str | None = None
    """Known to filters alone: its own view does not show it."""

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it."""
        del records
        return {
            **reference(self.kind, self.id, base),
            "title": self.title,
            "businessEstablishments": self._establishments(base),
            "t9n": {"title": {"fr-FR": self.title}},
        }

    def _establishments(self, base: str) -> Json:
        if self.establishments is None:
            return None
        return [reference("business-establishment", number, base) for number in self.establishments]
