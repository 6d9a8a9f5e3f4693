"""The addresses of pages, as canonical paths with sorted queries. Pure: sends nothing, reads no body.

Facts are from Lucca's /documentation/using-api/paging and the samples of its reference, whose `next` links
come without the `include` that the first page was asked with.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias
from urllib.parse import quote, unquote_to_bytes, urlsplit

from lucca_sync.lucca.access import origin
from lucca_sync.lucca.errors import ForeignLink
from lucca_sync.model.catalogue import Resource

ROOT: Final = "/lucca-api/"
MAX_LIMIT: Final = 100
NO_FILTERS: Final[Mapping[str, str]] = MappingProxyType({})

_Query: TypeAlias = list[tuple[bytes, bytes]]


def first_url(resource: Resource, filters: Mapping[str, str] = NO_FILTERS, limit: int = MAX_LIMIT) -> str:
    """Return the address of a collection's first page: `filters` win, and links are always included."""
    sort = {} if resource.sort is None else {"sort": resource.sort}
    asked = {"limit": str(limit), **sort, **filters}
    query = [(name.encode(), value.encode()) for name, value in asked.items()]
    return _spelled(ROOT + resource.name, _with_links(query))


def record_url(resource: Resource, record_id: str) -> str:
    """Return the address of one record, as a path."""
    return f"{ROOT}{resource.name}/{quote(record_id, safe='')}"


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
