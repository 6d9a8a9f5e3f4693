"""The addresses of pages, as canonical paths with sorted queries. Pure: sends nothing, reads no body.

Facts are from Lucca's /documentation/using-api/paging and the samples of its reference, whose `next` links
come without the `include` that the first page was asked with.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias
from urllib.parse import quote, unquote_to_bytes, urlsplit

from lucca_sync.lucca import legacy
from lucca_sync.lucca.access import origin
from lucca_sync.lucca.errors import ForeignLink
from lucca_sync.model.catalogue import Resource

ROOT: Final = "/lucca-api/"
MAX_LIMIT: Final = 100
LEAST_LIMIT: Final = 10
"""Smaller pages than this are not worth their requests."""
NO_FILTERS: Final[Mapping[str, str]] = MappingProxyType({})

_EXTRAS: Final = frozenset({b"totalCount", b"embedded"})

_Query: TypeAlias = list[tuple[bytes, bytes]]


def first_url(resource: Resource, filters: Mapping[str, str] = NO_FILTERS, limit: int = MAX_LIMIT) -> str:
    """Return the address of a collection's first page: `filters` win, and links are always included."""
    sort = {} if resource.sort is None else {"sort": resource.sort}
    asked = {"limit": str(limit), **sort, **filters}
    query = [(name.encode(), value.encode()) for name, value in asked.items()]
    return _spelled(resource.path, _with_links(query))


def listed_url(resource: Resource, by: str, values: Iterable[str]) -> str:
    """Return the address of the records that a list filter names, at most a hundred: it never changes.

    Without links: there is no next page, and the signed ones in them would change body and ETag.
    """
    sort = {} if resource.sort is None else {"sort": resource.sort}
    listed = list(values)
    asked = {"limit": str(len(listed)), **sort, by: ",".join(listed)}
    return _spelled(resource.path, [(name.encode(), value.encode()) for name, value in asked.items()])


def listed_values(url: str, resource: Resource, by: str) -> tuple[str, ...]:
    """Return the values that such an address asks for; none if it is another kind of address."""
    values = next((value for name, value in _parsed(urlsplit(url).query) if name == by.encode()), b"")
    listed = tuple(values.decode().split(",")) if values else ()
    return listed if url == listed_url(resource, by, listed) else ()


def record_url(resource: Resource, record_id: str) -> str:
    """Return the address of one record, as a path."""
    return f"{resource.path}/{quote(record_id, safe='')}"


def followed(href: str, tenant: str, asked: str | None = None) -> str:
    """Return where a link leads, as path and query, whatever it has lost put back.

    `tenant` is the tenant's origin, `asked` the path and query of the page that held the link, if known: its
    parameters are put back too. Raises ForeignLink for an address outside the tenant's API.
    """
    path, query = _own(href, tenant)
    _put_back(query, _parsed(urlsplit(asked).query) if asked else [])
    _put_back(query, [(b"limit", str(MAX_LIMIT).encode())])
    return _spelled(path, _with_links(query))


def is_followed(url: str) -> bool:
    """Tell whether a page's address came from a link, not from `first_url`."""
    return any(name == b"page" for name, _ in _parsed(urlsplit(url).query))


def limit_of(url: str) -> int:
    """Return how many records an address asks for at most."""
    return _limit(_parsed(urlsplit(url).query)) or MAX_LIMIT


def simpler(url: str) -> str | None:
    """Return the address of the same page in a form that costs the server less, None if there is none.

    First without the total and embedded objects, then with half as many records, as /documentation/limits
    advises after a 408. Of a page that only counts (`limit=0`) nothing can be left out; one that doesn't ask
    where it goes on can't be cut: the rest would look deleted.
    """
    if url.startswith(legacy.ROOT):
        return legacy.simpler(url)
    parts = urlsplit(url)
    query = _parsed(parts.query)
    limit = _limit(query)
    if limit == 0:
        return None
    lighter = _without_extras(query)
    if lighter == query:
        if limit is None or limit <= LEAST_LIMIT or not _goes_on(query):
            return None
        halved = str(max(LEAST_LIMIT, limit // 2)).encode()
        lighter = [(name, halved if name == b"limit" else value) for name, value in query]
    return _spelled(unquote_to_bytes(parts.path), lighter)


def _goes_on(query: _Query) -> bool:
    return any(name == b"include" and b"links" in value.split(b",") for name, value in query)


def _limit(query: _Query) -> int | None:
    return next((int(value) for name, value in query if name == b"limit" and value.isdigit()), None)


def _without_extras(query: _Query) -> _Query:
    """Leave out what the server must work for beyond the records themselves."""
    lighter: _Query = []
    for name, value in query:
        if name != b"include":
            lighter.append((name, value))
            continue
        words = value.split(b",")
        kept = [word for word in words if word not in _EXTRAS]
        if kept:
            lighter.append((name, b",".join(kept)))
    return lighter


def _own(href: str, tenant: str) -> tuple[bytes, _Query]:
    try:
        parts = urlsplit(href)
        foreign = bool(parts.scheme or parts.netloc) and origin(href) != tenant
    except ValueError:
        raise ForeignLink(f"a next link of {tenant} is no address: nothing was sent") from None
    path = unquote_to_bytes(parts.path)
    if foreign:
        raise ForeignLink(f"a next link of {tenant} leads to {parts.netloc[:100]!r}: nothing was sent there")
    if not path.startswith(ROOT.encode()) or b".." in path.split(b"/"):
        raise ForeignLink(f"a next link of {tenant} leads outside its {ROOT}: nothing was sent")
    return path, _parsed(parts.query)


def _parsed(query: str) -> _Query:
    # A plus sign stays one: sort keys and page tokens may carry it bare; no parameter of ours has a space.
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pairs]


def _put_back(query: _Query, asked: _Query) -> None:
    present = {name for name, _ in query} | {b"page"}
    query.extend(pair for pair in asked if pair[0] not in present)


def _with_links(query: _Query) -> _Query:
    included = [word for name, value in query if name == b"include" for word in value.split(b",") if word]
    if b"links" not in included:
        included.append(b"links")
    return [*(pair for pair in query if pair[0] != b"include"), (b"include", b",".join(included))]


def _spelled(path: str | bytes, query: Iterable[tuple[bytes, bytes]]) -> str:
    pairs = sorted(query, key=lambda pair: pair[0])
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='!,:')}" for name, value in pairs)
    return f"{quote(path, safe='/')}?{text}"
