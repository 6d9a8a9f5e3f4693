"""A tenant in memory, asked through the same protocol as Lucca: pages, ETags, and trouble on order."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import msgspec

from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import SourceError, TooHeavy
from lucca_sync.model.catalogue import Resource
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import Json, JsonObject


@dataclass(frozen=True)
class Answer:
    body: bytes | None
    etag: str | None


@dataclass
class FakeTenant:
    """Holds one resource. `hidden` records are missing from lists only, `ghosts` are only in lists."""

    records: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    page_size: int = 3
    etags: bool = True
    tags_of_items_alone: bool = False
    hidden: set[str] = field(default_factory=set[str])
    ghosts: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    bodies: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict[str, Callable[[bytes], bytes]])
    trouble: dict[str, list[SourceError]] = field(default_factory=dict[str, list[SourceError]])
    asked: list[str] = field(default_factory=list[str])
    not_modified: int = 0
    honours: Callable[[Collection[str]], Collection[str] | None] = lambda asked: asked
    """Of the ids that a list is asked for, those that it minds; None: it minds no filter."""
    heaviest: int = 100
    """More ids in a list than this are too much work."""
    issued: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    foreign_tags: int = 0
    """How many requests carried a tag that another address had given."""

    def put(self, record_id: str, **fields: Json) -> None:
        """Add or change a record; its clock moves unless given."""
        former = self.records.get(record_id, {"id": record_id, "lastUpdatedAt": "2026-01-01T00:00:00Z"})
        self.records[record_id] = {**former, **fields}

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        return "/first" + ("?count" if "include" in filters else "")

    def follow(self, href: str, asked: str) -> str:
        return href

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        self.asked.append(url)
        self._raise(url)
        listed = [record for key, record in self.records.items() if key not in self.hidden]
        listed += self.ghosts.values()
        start, size = 0, self.page_size
        if url.startswith("/from/"):
            start = int(url.removeprefix("/from/"))
        elif not url.startswith("/first"):
            listed, size = self._named(url, resource, listed), 100
        following = start + size
        link = {"href": f"/from/{following}"} if following < len(listed) else None
        envelope = {"items": listed[start:following], "links": {"next": link}, "totalCount": len(listed)}
        body = msgspec.json.encode(envelope)
        if url in self.bodies:
            body = self.bodies[url](body)
        tagged = msgspec.json.encode(envelope["items"]) if self.tags_of_items_alone else body
        tag = f'W/"{sha256(tagged).hexdigest()}"' if self.etags else None
        self.foreign_tags += etag is not None and url not in self.issued.get(etag, ())
        if tag is not None:
            self.issued.setdefault(tag, set()).add(url)
        if tag is not None and tag == etag:
            self.not_modified += 1
            return Answer(None, tag)
        return Answer(body, tag)

    def _named(self, url: str, resource: Resource, listed: list[JsonObject]) -> list[JsonObject]:
        by = resource.stable or ""
        asked = dict(parse_qsl(urlsplit(url).query))[by].split(",")
        if len(asked) > self.heaviest:
            raise TooHeavy("too much was asked for at once")
        minded = self.honours(asked)
        path = resource.lists[by]
        return [record for record in listed if minded is None or text_at(record, path) in minded]

    async def record(self, resource: Resource, record_id: str, purpose: Purpose) -> Answer | None:
        self.asked.append(f"/{record_id}")
        self._raise(f"/{record_id}")
        record = self.records.get(record_id)
        return None if record is None else Answer(msgspec.json.encode(record), None)

    def _raise(self, url: str) -> None:
        if self.trouble.get(url):
            raise self.trouble[url].pop(0)
