"""What webhooks are made of: events, endpoints, deliveries and attempts, and how the API shows each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import milliseconds, moment_text
from lucca_sync.simulator.world.row import link, reference

API_VERSION = "2024-11-01"
EndpointStatus = Literal["active", "suspended", "inactive"]
DeliveryStatus = Literal["delivered", "undelivered", "failed"]
_RESOURCES = {
    "event": "events",
    "webhook-endpoint": "webhook-endpoints",
    "webhook-delivery": "webhook-deliveries",
    "webhook-delivery-attempt": "webhook-delivery-attempts",
}


class Event(Struct, frozen=True):
    """One change, as webhooks and `/events` tell it."""

    id: int
    topic: str
    at: datetime
    """When it was made: by the world's clock."""
    occurred_at: str
    """When it is said to have been made: by the tenant's clock, which may be off."""
    establishment: str | None
    data: bytes
    """The record right after the change, without the tenant's address."""
    previous: bytes | None = None

    def view(self, base: str) -> View:
        """Return it as the API shows it."""
        view: View = {
            **_identity("event", self.id, base),
            "apiVersion": API_VERSION,
            "topic": self.topic,
            "occurredAt": self.occurred_at,
            "source": base,
            "businessEstablishment": _reference_or_none("business-establishment", self.establishment, base),
            "data": _addressed(self.data, base),
        }
        if self.previous is not None:
            view["previousAttributes"] = _addressed(self.previous, base)
        return view

    def body(self, base: str) -> bytes:
        """Return it as a webhook carries it."""
        return msgspec.json.encode({**self.view(base), "links": self.links(base)})

    def links(self, base: str) -> View:
        """Return where to have it delivered again."""
        return {"retry": link(base, "webhook-deliveries")}

    def facets(self) -> View:
        """Return what lists can be filtered by."""
        return {}


class Endpoint(Struct):
    """An address that wants to hear of topics."""

    id: int
    name: str
    address: str
    api_version: str
    topics: list[str]
    establishments: list[str] | None
    status: EndpointStatus
    secret: str
    created_at: datetime
    updated_at: datetime
    failures: int = 0
    """Attempts that failed in a row."""

    def wants(self, event: Event) -> bool:
        """Say whether an event is for this address."""
        place = self.establishments is None or event.establishment in (None, *self.establishments)
        return place and event.topic in self.topics

    def view(self, base: str) -> View:
        """Return it as the API shows it: never with its secret."""
        return {
            **_identity("webhook-endpoint", self.id, base),
            "name": self.name,
            "apiVersion": self.api_version,
            "webhookUrl": self.address,
            "topics": list[Json](self.topics),
            "businessEstablishments": None
            if self.establishments is None
            else [reference("business-establishment", public_id, base) for public_id in self.establishments],
            "status": self.status,
            "createdAt": moment_text(milliseconds(self.created_at)),
            "lastUpdatedAt": moment_text(milliseconds(self.updated_at)),
        }

    def links(self, base: str) -> View | None:
        """It has none."""
        del base
        return None

    def facets(self) -> View:
        """Return what lists can be filtered by."""
        return {"status": self.status, "application": {"id": "1"}}


class Delivery(Struct):
    """An event on its way to an endpoint, or there, or given up."""

    id: int
    event: int
    endpoint: int
    status: DeliveryStatus = "undelivered"
    attempts: int = 0
    due: datetime | None = None
    by_hand: bool = False
    """Whether somebody asked for it, so that it is tried whatever the endpoint's status."""

    def view(self, base: str) -> View:
        """Return it as the API shows it."""
        view: View = {
            **_identity("webhook-delivery", self.id, base),
            "attemptsCount": self.attempts,
            "status": self.status,
            "event": _identity("event", self.event, base),
            "webhookEndpoint": _identity("webhook-endpoint", self.endpoint, base),
        }
        if self.due is not None:
            view["nextAttemptAt"] = moment_text(milliseconds(self.due))
        return view

    def links(self, base: str) -> View | None:
        """Return where its attempts are listed."""
        return {"attempts": link(base, f"webhook-delivery-attempts?webhookDelivery.id={self.id}")}

    def facets(self) -> View:
        """Return what lists can be filtered by."""
        return {"status": self.status}


class Attempt(Struct, frozen=True):
    """One try to deliver."""

    id: int
    delivery: int
    signature: str
    at: datetime
    succeeded: bool
    status: int | None = None
    """What the endpoint answered; None when it answered nothing in time."""
    error: str = ""

    def view(self, base: str) -> View:
        """Return it as the API shows it."""
        view: View = {
            **_identity("webhook-delivery-attempt", self.id, base),
            "signature": self.signature,
            "webhookDelivery": _identity("webhook-delivery", self.delivery, base),
            "isSuccessful": self.succeeded,
            "createdAt": moment_text(milliseconds(self.at)),
        }
        if self.status is not None:
            view["responseStatusCode"] = self.status
        if self.error:
            view["errorResponseBody"] = self.error
        return view

    def links(self, base: str) -> View | None:
        """It has none."""
        del base
        return None

    def facets(self) -> View:
        """Return what lists can be filtered by."""
        return {"webhookDelivery": {"id": str(self.delivery)}}


def without_address(view: Mapping[str, Json]) -> bytes:
    """Keep a view that was made without the tenant's address."""
    return msgspec.json.encode(view)


def _addressed(kept: bytes, base: str) -> View:
    """Put the tenant's address before the addresses in a view that was kept without."""
    return msgspec.json.decode(kept.replace(b'"/lucca-api/', f'"{base}/lucca-api/'.encode()), type=View)


def _identity(kind: str, number: int, base: str) -> View:
    return {"id": str(number), "type": kind, "url": f"{base}/lucca-api/{_RESOURCES[kind]}/{number}"}


def _reference_or_none(kind: str, public_id: str | None, base: str) -> Json:
    return None if public_id is None else reference(kind, public_id, base)
