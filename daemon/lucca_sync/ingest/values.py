"""The values by which a resource's records can be asked for in a list, as far as they are in the snapshot."""

from typing import Final

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.source import Watched
from lucca_sync.journal.protocol import Journal, ResourceName
from lucca_sync.model.catalogue import Path
from lucca_sync.model.pointer import text_at

_AT_ONCE: Final = 500
_ID: Final[Path] = ("id",)


async def values_of(journal: Journal, watched: Watched) -> list[str]:
    """Return what pages of a fixed address must ask for: ids in order, or whom the records belong to.

    Employees who have no record yet are asked for too: theirs would show on no page otherwise.
    """
    path = _path_of(watched)
    if path == _ID:
        return [*await journal.ids(watched.name)]
    found: dict[str, None] = {}
    if path == watched.resource.employee:
        found = dict.fromkeys(await journal.ids(_employees(watched)))
    after: str | None = None
    while batch := await journal.scan(watched.name, after, _AT_ONCE):
        values = [text_at(decode_content(known.content or b"{}"), path) for known in batch]
        found.update(dict.fromkeys(value for value in values if value is not None))
        after = batch[-1].id
    return list(found)


async def population_of(journal: Journal, watched: Watched) -> tuple[int, int]:
    """Count the records, and the employees where those matter: when it differs, pages may have to."""
    records = (await journal.state(watched.name)).records
    if _path_of(watched) == _ID:
        return records, 0
    return records, (await journal.state(_employees(watched))).records


def _path_of(watched: Watched) -> Path:
    return watched.resource.lists[watched.resource.stable or ""]


def _employees(watched: Watched) -> ResourceName:
    return ResourceName(watched.name.tenant, "employees")
