"""Writes answers: envelopes of lists, single records, their ETags; keeps what has not changed."""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import quote, urlencode

import msgspec

from lucca_sync.simulator.answers.catalogue import Resource
from lucca_sync.simulator.answers.lens import Lens
from lucca_sync.simulator.answers.problems import not_found
from lucca_sync.simulator.answers.query import Query
from lucca_sync.simulator.answers.selection import Found, Selection, Selector
from lucca_sync.simulator.answers.tokens import BACKWARD, FORWARD, PageTokens
from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.row import PORTRAIT_TOKEN, Record
from lucca_sync.simulator.world.world import World

Tamper = Callable[[list[Json]], list[Json]]
_MARK = PORTRAIT_TOKEN.encode()
FAST = 1
_KEPT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Page:
    """A body but for its portrait tokens and nonces, and a digest of it.

    It is kept compressed: so a hundred thousand people's pages fit, and most go out as they are.
    """

    packed: bytes
    digest: str
    has_portraits: bool

    @classmethod
    def of(cls, document: View) -> "Page":
        """Encode a document."""
        body = msgspec.json.encode(document)
        digest = blake2b(body, digest_size=9).hexdigest()
        return cls(gzip.compress(body, FAST, mtime=0), digest, _MARK in body)

    def body(self) -> bytes:
        """Return the body as it is before compression."""
        return gzip.decompress(self.packed)


@dataclass(frozen=True)
class Address:
    """What was asked for: the tenant's address, the path, and both with the query string."""

    base: str
    path: str
    full: str


class Pages:
    """Answers lists and single records."""

    def __init__(self, world: World, lens: Lens, tokens: PageTokens) -> None:
        self._world = world
        self._lens = lens
        self._tokens = tokens
        self._selector = Selector(world, lens)
        self._kept: OrderedDict[str, tuple[tuple[int, int], Page]] = OrderedDict()
        self._kept_bytes = 0

    def list(self, query: Query, at: Address, tamper: Tamper | None = None) -> Page:
        """Return a page of a list; a tampered one is made for this answer alone."""
        self._lens.turn()
        if tamper is not None:
            return Page.of(self._envelope(query, at, tamper))
        version = self._version(query.resource, plain=query.is_plain)
        return self._keep(at.full, version, lambda: self._envelope(query, at, lambda items: items))

    def single(self, resource: Resource, public_id: str, includes: frozenset[str], at: Address) -> Page:
        """Return a record by its id, or raise a 404."""
        record = self._world.records.find(resource.name, public_id)
        if record is None or not self._lens.answers(record):
            raise not_found(f"{resource.name}/{public_id}")
        self._lens.turn()
        version = self._version(resource, plain="embedded" not in includes)
        return self._keep(at.full, version, lambda: self._document(record, includes, at.base))

    def _version(self, resource: Resource, *, plain: bool) -> tuple[int, int]:
        versions = self._world.versions
        alone = plain and not self._lens.looks_elsewhere
        return (versions[resource.name] if alone else versions.total(), self._lens.version)

    def _keep(self, address: str, version: tuple[int, int], make: Callable[[], View]) -> Page:
        if self._lens.is_restless:
            return Page.of(make())
        kept = self._kept.pop(address, None)
        if kept is not None and kept[0] == version:
            self._kept[address] = kept
            return kept[1]
        self._kept_bytes -= len(kept[1].packed) if kept is not None else 0
        page = Page.of(make())
        self._kept[address] = (version, page)
        self._kept_bytes += len(page.packed)
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.packed)
        return page

    def _document(self, record: Record, includes: frozenset[str], base: str) -> View:
        document = dict(self._lens.written(record, self._lens.view(record, base)))
        if "links" in includes:
            document["links"] = self._world.records.links(record, base) or None
        if "embedded" in includes:
            document["embedded"] = self._embedded([record], base)
        return document

    def _envelope(self, query: Query, at: Address, tamper: Tamper) -> View:
        start = self._tokens.read(query.page, query.sorts, query.limit)
        selection = self._selector.select(query, start, at.base)
        items = tamper([self._item(found, query.includes, at.base) for found in selection.found])
        document: View = {"type": query.resource.name, "url": at.full, "items": items}
        if "totalCount" in query.includes:
            document["totalCount"] = self._selector.count(query, at.base)
        if "links" in query.includes:
            document["links"] = self._links(query, selection, at)
        if "embedded" in query.includes:
            document["embedded"] = self._embedded((found.record for found in selection.found), at.base)
        return document

    def _item(self, found: Found, includes: frozenset[str], base: str) -> View:
        view = self._lens.written(found.record, found.view)
        if "links" not in includes:
            return view
        return {**view, "links": self._world.records.links(found.record, base) or None}

    def _embedded(self, records: Iterable[Record], base: str) -> View:
        groups: dict[str, View] = {}
        for record in records:
            for other in record.embeds(self._world.records):
                view = self._lens.embedded_view(other, base) if self._lens.answers(other) else None
                if view is not None:
                    shown = self._world.records.shown_id(other)
                    groups.setdefault(other.kind, {})[shown] = self._lens.written(other, view)
        return dict[str, Json](groups)

    def _links(self, query: Query, selection: Selection, at: Address) -> View:
        links: View = {"prev": None, "next": None}
        if selection.preceding is not None:
            token = self._tokens.write(BACKWARD, query.sorts, selection.preceding)
            links["prev"] = {"href": _href(query, at, token)}
        if selection.following is not None:
            token = self._tokens.write(FORWARD, query.sorts, selection.following)
            links["next"] = {"href": _href(query, at, token)}
        return links


def _href(query: Query, at: Address, token: str) -> str:
    """Return the address of another page; like the documented samples it loses `include`."""
    kept = [(name, value) for name, value in query.parameters if name not in ("include", "page")]
    text = urlencode([*kept, ("page", token)], quote_via=quote, safe="!.,:~")
    return f"{at.base}{at.path}?{text}"
