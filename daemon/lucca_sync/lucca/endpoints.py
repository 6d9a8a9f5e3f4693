"""The webhook endpoints that a tenant has at Lucca: find ours, make it, bring it back, ping it, take it away.

Facts are from /api-reference/latest/webhooks. The secret is in the answer to the creation and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.client import API_VERSION, Answer
from lucca_sync.lucca.errors import Refused, Unreadable
from lucca_sync.lucca.wire import Method, Reply, Writing
from lucca_sync.model.catalogue import Resource
from lucca_sync.model.values import JsonObject

ENDPOINTS: Final = Resource(
    "webhook-endpoints", "webhook-endpoint", "webhook-endpoints.readwrite", clock=None
)
DELIVERIES: Final = Resource(
    "webhook-deliveries", "webhook-delivery", "webhook-deliveries.readwrite", clock=None
)
OUR_NAME: Final = "lucca-sync"
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
_GONE: Final = frozenset({404, 410})
_T = TypeVar("_T")


class Endpoint(msgspec.Struct, frozen=True):
    """One endpoint as Lucca shows it: never with its secret."""

    id: str
    webhookUrl: str = ""  # noqa: N815 - Lucca's name
    name: str | None = None
    status: str = ""
    topics: list[str] | None = None

    def leads_to(self, tenant: str) -> bool:
        """Tell whether this is where a daemon takes in the hints of a tenant of that name."""
        return self.name == OUR_NAME and urlsplit(self.webhookUrl).path.endswith(f"/hints/{tenant}")


class Delivery(msgspec.Struct, frozen=True):
    """How the delivery of one event stands at Lucca."""

    id: str = ""
    status: str = ""
    attemptsCount: int = 0  # noqa: N815 - Lucca's name


class _Created(msgspec.Struct):
    id: str
    secret: str


class _Endpoints(msgspec.Struct):
    items: list[Endpoint]


class _Deliveries(msgspec.Struct):
    items: list[Delivery]


@dataclass(frozen=True, slots=True)
class Created:
    """A new endpoint with its secret, which nobody can ask for again."""

    id: str
    secret: str = field(repr=False)


class Line(Protocol):
    """What is needed of the client of a tenant."""

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        """Ask for one page."""
        ...

    async def write(self, path: str, writing: Writing, *, resource: Resource, purpose: Purpose) -> Reply:
        """Change something."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of one tenant. Every method may raise what `lucca.errors` lists."""

    line: Line
    purpose: Purpose = "probe"

    async def all(self) -> Sequence[Endpoint]:
        """Return the endpoints that the tenant has, those of others included: the first hundred."""
        return (await self._listed(ENDPOINTS, "", _Endpoints)).items

    async def ours(self, tenant: str) -> Sequence[Endpoint]:
        """Return those that lead to the daemon's door for a tenant of that name."""
        return [endpoint for endpoint in await self.all() if endpoint.leads_to(tenant)]

    async def deliveries(self, status: str) -> Sequence[Delivery]:
        """Return the first hundred deliveries with a status."""
        return (await self._listed(DELIVERIES, f"status={quote(status)}&", _Deliveries)).items

    async def create(self, url: str, topics: Sequence[str]) -> Created:
        """Make an endpoint: not yet active, so that its secret is known here before anything is sent."""
        body: JsonObject = {
            "name": OUR_NAME,
            "webhookUrl": url,
            "apiVersion": API_VERSION,
            "topics": list(topics),
            "businessEstablishments": None,
            "status": "inactive",
        }
        reply = await self._write(ENDPOINTS, "", "POST", body)
        made = _decoded(reply.body, _Created, ENDPOINTS.path)
        return Created(made.id, made.secret)

    async def activate(self, endpoint: str) -> None:
        """Switch an endpoint on: Lucca challenges its address first."""
        await self._write(ENDPOINTS, endpoint, "PATCH", {"status": ACTIVE})

    async def ping(self, endpoint: str) -> str:
        """Have Lucca send a ping there; return the id of its delivery."""
        reply = await self._write(DELIVERIES, "", "POST", {"webhookEndpoint": {"id": endpoint}})
        return _decoded(reply.body, Delivery, DELIVERIES.path).id

    async def delivery(self, delivery: str) -> Delivery:
        """Return how one delivery stands."""
        path = f"{DELIVERIES.path}/{quote(delivery, safe='')}"
        answer = await self.line.page(path, resource=DELIVERIES, etag=None, purpose=self.purpose)
        return _decoded(answer.body or b"", Delivery, DELIVERIES.path)

    async def delete(self, endpoint: str) -> None:
        """Take an endpoint away; fine if it is gone already."""
        try:
            await self._write(ENDPOINTS, endpoint, "DELETE", None)
        except Refused as refusal:
            if refusal.status not in _GONE:
                raise

    async def _listed(self, resource: Resource, query: str, kind: type[_T]) -> _T:
        url = f"{resource.path}?{query}limit=100"
        answer = await self.line.page(url, resource=resource, etag=None, purpose=self.purpose)
        return _decoded(answer.body or b"", kind, resource.path)

    async def _write(self, resource: Resource, one: str, method: Method, body: JsonObject | None) -> Reply:
        path = f"{resource.path}/{quote(one, safe='')}" if one else resource.path
        writing = Writing(method, None if body is None else msgspec.json.encode(body))
        return await self.line.write(path, writing, resource=resource, purpose=self.purpose)


def _decoded(body: bytes, kind: type[_T], where: str) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable(f"{where}: the answer is not what the documentation shows") from None
