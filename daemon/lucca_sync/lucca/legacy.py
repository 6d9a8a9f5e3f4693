"""The addresses of the legacy API (v3), which has a query language of its own. Pure: sends nothing.

Facts are from Lucca's /api-reference/legacy/api-generations: only id, name and url come unless `fields` asks
for more, pages are `paging={offset},{limit}`, and rows move between pages while people write.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from lucca_sync.model.catalogue import Resource

ROOT: Final = "/api/v3/"
OVERLAP: Final = 10
"""Rows that two pages have in common: so many may vanish before them, and none is skipped."""
LEAST_LIMIT: Final = 10
"""Smaller pages than this are not worth their requests."""

_OF_V5: Final = frozenset({"include", "limit"})
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def first_url(resource: Resource, filters: Mapping[str, str] = _NONE, limit: int | None = None) -> str:
    """Return the address of a collection's first page.

    `filters` win. What the v5 API calls `include=totalCount` becomes the field that counts, its `limit` the
    length of the page, at least one.
    """
    counted = "totalCount" in filters.get("include", "")
    length = max(1, int(filters["limit"])) if "limit" in filters else limit or resource.page
    query = {
        **({"orderBy": resource.sort} if resource.sort else {}),
        "paging": f"0,{length}",
        **resource.asks,
        "fields": f"{resource.fields},collection.count" if counted else resource.fields,
        **{name: value for name, value in filters.items() if name not in _OF_V5},
    }
    return _spelled(resource.path, query.items())


def next_url(url: str, rows: int) -> str | None:
    """Return the address of the page after one that showed so many rows; None when it was the last."""
    offset, limit = _paging(url)
    if limit == 0 or rows < limit:
        return None
    return _paged(url, offset + rows - min(OVERLAP, limit // 2), limit)


def record_url(resource: Resource, record_id: str) -> str:
    """Return the address of one record, with the fields that lists are asked for."""
    return _spelled(f"{resource.path}/{quote(record_id, safe='')}", [("fields", resource.fields)])


def simpler(url: str) -> str | None:
    """Return the address of the same page with half as many rows, None when it is small already."""
    offset, limit = _paging(url)
    return None if limit <= LEAST_LIMIT else _paged(url, offset, max(LEAST_LIMIT, limit // 2))


def _paging(url: str) -> tuple[int, int]:
    offset, _, limit = dict(_query(url)).get("paging", "0,0").partition(",")
    return int(offset), int(limit)


def _paged(url: str, offset: int, limit: int) -> str:
    kept = [pair for pair in _query(url) if pair[0] != "paging"]
    return _spelled(urlsplit(url).path, [*kept, ("paging", f"{offset},{limit}")])


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _spelled(path: str, query: Iterable[tuple[str, str]]) -> str:
    pairs = (f"{name}={quote(value, safe=',:')}" for name, value in sorted(query))
    return f"{path}?{'&'.join(pairs)}"
