"""A tenant in memory, so cheap that days of a hundred thousand employees can be simulated.

Each resource has one record for each employee, with the employee's number as its id; bodies are made when
they are asked for. Every request takes its turn from the governor and counts against a limit of fifty a
minute, and a refusal is treated as the real client treats it.
"""

import asyncio
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import anyio
import xxhash

from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.budget import Budget, Purpose
from lucca_sync.lucca.errors import Refused
from lucca_sync.lucca.feed import EVENTS
from lucca_sync.lucca.paging import MAX_LIMIT, first_url, followed
from lucca_sync.lucca.throttle import pause_after
from lucca_sync.model.catalogue import CATALOGUE, Resource
from tests.lucca.neighbours import SharedLimit

ORIGIN: Final = "https://bench.ilucca.net"
EIGHT: Final = (
    "employees",
    "employee-personal-records",
    "employments",
    "job-positions",
    "probationary-periods",
    "employee-attributes",
    "leaves-v5",
    "leave-requests-v5",
)
"""Resources with as many records as there are employees, or more."""
ANSWER: Final = 0.02
"""Seconds that an answer takes."""
_UNCHANGED: Final = datetime(2026, 1, 1, tzinfo=UTC)
_KNOWN: Final = frozenset({"limit", "sort", "include", "page", "status"})


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes | None
    etag: str | None


@dataclass(slots=True)
class Edit:
    """What became of a record: how often it was edited, and when last."""

    times: int = 0
    at: datetime = _UNCHANGED


@dataclass(slots=True)
class Collected:
    """One collection: the numbers of its records in order, what was edited, the tags of pages asked for."""

    resource: Resource
    living: list[int]
    edits: dict[int, Edit] = field(default_factory=dict[int, Edit])
    tags: dict[str, tuple[int, int, str]] = field(default_factory=dict[str, tuple[int, int, str]])

    def item(self, number: int) -> bytes:
        """Write one record: already in canonical form, so that what is known of it need not be computed."""
        edit = self.edits.get(number)
        return _item(number, edit.times if edit else 0, edit.at if edit else _UNCHANGED)

    def edited(self, number: int, at: datetime) -> None:
        edit = self.edits.setdefault(number, Edit())
        edit.times, edit.at = edit.times + 1, at
        self._untag(number)

    def deleted(self, number: int) -> None:
        del self.living[bisect_left(self.living, number)]
        self._untag(number)
        for url in [url for url in self.tags if "page=" in url]:
            del self.tags[url]  # pages behind it have moved

    def among(self, wanted: Iterable[int]) -> list[int]:
        places = ((bisect_left(self.living, number), number) for number in wanted)
        return [number for at, number in places if at < len(self.living) and self.living[at] == number]

    def _untag(self, number: int) -> None:
        for url in [url for url, (low, high, _) in self.tags.items() if low <= number <= high]:
            del self.tags[url]


@dataclass(slots=True)
class Told:
    """One event of Lucca's list."""

    id: str
    body: bytes


@dataclass(slots=True)
class Company:
    """The whole tenant, as `ingest.source.Source`. `numbered`: its pages can be addressed by number."""

    employees: int
    budget: Budget
    clock: Clock
    limit: SharedLimit = field(default_factory=SharedLimit)
    numbered: bool = False
    feed: bool = False
    answer: float = ANSWER
    sent: Counter[Purpose] = field(default_factory=Counter[Purpose])
    refused: int = 0
    events: list[Told] = field(default_factory=list[Told])
    collections: dict[str, Collected] = field(init=False)

    def __post_init__(self) -> None:
        self.collections = {
            CATALOGUE[name].path: Collected(CATALOGUE[name], list(range(1, self.employees + 1)))
            for name in EIGHT
        }

    def of(self, name: str) -> Collected:
        return self.collections[CATALOGUE[name].path]

    # --- what people do ---------------------------------------------------------------------------------

    def edit(self, name: str, number: int) -> bytes | None:
        """Change a record; return the event that Lucca makes of it, if there is a topic for it."""
        collected = self.of(name)
        collected.edited(number, self.clock.now())
        topic = collected.resource.topic
        return None if topic is None else self._tell(f"{topic}.updated", number)

    def delete(self, name: str, number: int) -> None:
        self.of(name).deleted(number)

    def _tell(self, topic: str, number: int) -> bytes:
        name = f"e{len(self.events)}"
        subject = f'"id":"{number}","employee":{{"id":"{number}"}},"employment":{{"id":"{number}"}}'
        at = _stamp(self.clock.now())
        body = f'{{"id":"{name}","topic":"{topic}","occurredAt":"{at}","data":{{{subject}}}}}'.encode()
        self.events.append(Told(name, body))
        return body

    # --- what it is asked -------------------------------------------------------------------------------

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        return first_url(resource, filters, MAX_LIMIT)

    def follow(self, href: str, asked: str) -> str:
        return followed(href, ORIGIN, asked)

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        await self._turn(purpose)
        await asyncio.sleep(self.answer / 2)
        found = self._events(url, etag) if resource.path == EVENTS.path else self._page(url, etag)
        await asyncio.sleep(self.answer / 2)
        return found

    async def record(self, resource: Resource, record_id: str, purpose: Purpose) -> Answer | None:
        await self._turn(purpose)
        await asyncio.sleep(self.answer / 2)
        collected = self.collections[resource.path]
        found = [collected.item(number) for number in collected.among([int(record_id)])]
        await asyncio.sleep(self.answer / 2)
        return Answer(found[0], None) if found else None

    async def _turn(self, purpose: Purpose) -> None:
        """Wait until the request may be sent, and until the tenant's limit lets it through."""
        while True:
            await self.budget.take(purpose)
            sent = anyio.current_time()
            wait = self.limit.admit()
            if wait is None:
                self.sent[purpose] += 1
                return
            self.refused += 1
            await asyncio.sleep(self.answer)
            now, since = self.clock.now(), timedelta(seconds=anyio.current_time() - sent)
            self.budget.refused(sent, now + pause_after(str(math.ceil(wait)), now, since))
            await self.budget.save()

    def _page(self, url: str, etag: str | None) -> Answer:
        parts = urlsplit(url)
        collected = self.collections[parts.path]
        known = collected.tags.get(url)
        if known is not None and known[2] == etag:
            return Answer(None, etag)
        query = dict(parse_qsl(parts.query))
        if int(query.get("limit", MAX_LIMIT)) > MAX_LIMIT:
            raise Refused(400, "the limit is too large", parts.path)
        numbers, following = self._shown(collected, query)
        body = _body([collected.item(number) for number in numbers], following, parts.path, query)
        if "totalCount" in query.get("include", ""):
            body = b'{"totalCount":%d,%s' % (len(collected.living), body[1:])
        tag = f'W/"{xxhash.xxh3_64_hexdigest(body)}"'
        if numbers:
            collected.tags[url] = min(numbers), max(numbers), tag
        return Answer(None if tag == etag else body, tag)

    def _shown(self, collected: Collected, query: Mapping[str, str]) -> tuple[Sequence[int], int | None]:
        """Return the numbers on a page, and after which the next one begins."""
        living, limit = collected.living, int(query.get("limit", MAX_LIMIT))
        by = [name for name in query if name not in _KNOWN]
        if set(by) - collected.resource.lists.keys():
            raise Refused(400, "no such filter", collected.resource.path)
        if by:
            return collected.among(int(number) for number in query[by[0]].split(",")), None
        if query.get("sort", "").startswith("-"):
            return living[: -limit - 1 : -1], None
        start = self._start(living, query.get("page", ""), limit)
        shown = living[start : start + limit]
        return shown, shown[-1] if shown and start + limit < len(living) else None

    def _start(self, living: Sequence[int], page: str, limit: int) -> int:
        if not page:
            return 0
        if page.startswith("!after."):
            return bisect_right(living, int(page.removeprefix("!after.")))
        if not self.numbered:
            raise Refused(400, "no such page", "page")
        return (int(page) - 1) * limit

    def _events(self, url: str, etag: str | None) -> Answer:
        if not self.feed:
            raise Refused(404, "no such list", url)
        query = dict(parse_qsl(urlsplit(url).query))
        until = int(query["page"].removeprefix("!before.")) if "page" in query else len(self.events)
        if "status" in query:
            until = 0  # nothing ever failed
        tag = f'W/"{until}"'
        if tag == etag:
            return Answer(None, tag)
        first = max(0, until - MAX_LIMIT)
        link = f'{{"href":"{ORIGIN}{EVENTS.path}?page=!before.{first}"}}'.encode() if first else b"null"
        listed = b",".join(event.body for event in reversed(self.events[first:until]))
        return Answer(b'{"items":[%s],"links":{"next":%s}}' % (listed, link), tag)


def record_of(number: int) -> tuple[bytes, bytes]:
    """Return the canonical bytes of an unchanged record, and those without its clock."""
    whole = _item(number, 0, _UNCHANGED)
    return whole, whole.replace(b',"lastUpdatedAt":"%s"' % _stamp(_UNCHANGED).encode(), b"")


def _item(number: int, edits: int, at: datetime) -> bytes:
    ref = f'{{"id":"{number}"}}'
    return (
        f'{{"edits":{edits},"employee":{ref},"employment":{ref},"id":"{number}",'
        f'"lastUpdatedAt":"{_stamp(at)}"}}'.encode()
    )


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _body(items: Collection[bytes], following: int | None, path: str, query: Mapping[str, str]) -> bytes:
    listed = b",".join(items)
    if "links" not in query.get("include", ""):
        return b'{"items":[%s]}' % listed
    if following is None:
        return b'{"items":[%s],"links":{"next":null}}' % listed
    href = f"{ORIGIN}{path}?limit={query.get('limit', MAX_LIMIT)}&page=!after.{following}"
    sort = f"&sort={query['sort']}" if "sort" in query else ""
    return b'{"items":[%s],"links":{"next":{"href":"%s"}}}' % (listed, (href + sort).encode())
