"""What every record has in common: a number, a public id, a view, links and order."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Protocol

from msgspec import Struct

from lucca_sync.simulator.shapes import Json, View

if TYPE_CHECKING:
    from lucca_sync.simulator.world.records import Records

PORTRAIT_TOKEN = "~portrait-token~"  # noqa: S105 - a placeholder, replaced in each answer

SortValue = str | int | float | None
_ODD_PLURALS = {
    "legal-entity": "legal-entities",
    "occupation-category": "occupation-categories",
    "taxonomy": "taxonomies",
}


class Record(Protocol):
    """A record as the answers see it."""

    resource: ClassVar[str]
    kind: ClassVar[str]

    @property
    def id(self) -> int:
        """The number inside its resource."""
        ...

    @property
    def public_id(self) -> str:
        """The id that the API shows."""
        ...

    def view(self, records: "Records", base: str) -> View:
        """Return what the API shows of it today, without links."""
        ...

    def links(self, base: str) -> View:
        """Return its links; a portrait's token is the placeholder."""
        ...

    def embeds(self, records: "Records") -> Iterable["Record"]:
        """Return the records that `include=embedded` adds."""
        ...

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Return what the record is ordered by under one sort key."""
        ...


class Row(Struct, gc=False):
    """A numbered record; `gc=False` because rows hold numbers of each other, never each other."""

    id: int

    @property
    def public_id(self) -> str:
        """The id that the API shows."""
        return str(self.id)

    def links(self, base: str) -> View:
        """Most records have no links worth simulating."""
        del base
        return {}

    def embeds(self, records: "Records") -> Iterable[Record]:
        """Most records embed nothing."""
        del records
        return ()

    def sort_value(self, key: str, records: "Records") -> SortValue:
        """Most records are always in the order of their ids."""
        del records
        raise KeyError(key)


class Stamped(Row, gc=False):
    """A record that shows when it was made and last touched, in milliseconds since 1970."""

    created_at: int
    updated_at: int


def resource_of(kind: str) -> str:
    """Return the resource that records of this kind are listed under."""
    return _ODD_PLURALS.get(kind) or f"{kind}s"


def reference(kind: str, public_id: int | str, base: str) -> View:
    """Return `{id, type, url}` of a record of this kind."""
    url = f"{base}/lucca-api/{resource_of(kind)}/{public_id}"
    return {"id": str(public_id), "type": kind, "url": url}


def reference_or_none(kind: str, public_id: int | None, base: str) -> Json:
    """Return a reference, or null for nothing."""
    return None if public_id is None else reference(kind, public_id, base)


def link(base: str, path: str) -> View:
    """Return `{href}` of a path of this tenant."""
    return {"href": f"{base}/lucca-api/{path}"}
