"""The tenant's API about webhooks: endpoints, deliveries, attempts and events on the wire."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeVar

import msgspec
from aiohttp import web
from msgspec import UNSET, Struct, UnsetType

from lucca_sync.simulator.answers.pages import Address, Page
from lucca_sync.simulator.answers.problems import Problem, bad_parameters, not_found
from lucca_sync.simulator.answers.query import INCLUDES, QueryReader
from lucca_sync.simulator.answers.tokens import PageTokens
from lucca_sync.simulator.server.faults import Fault
from lucca_sync.simulator.server.gate import API_VERSION, Asked, Gate
from lucca_sync.simulator.server.paper import JSON, Paper, matches
from lucca_sync.simulator.server.parameters import Bender
from lucca_sync.simulator.server.tenant import PREFIX, check_version, require
from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.webhooks.listing import LISTS, Listed, Listing, Shelf
from lucca_sync.simulator.webhooks.mail import Delivery, Endpoint, EndpointStatus, Event
from lucca_sync.simulator.webhooks.office import Office
from lucca_sync.simulator.webhooks.postman import Postman

ROUTE = f"{PREFIX}{{name:{'|'.join(LISTS)}}}{{tail:(/.*)?}}"
_WRITABLE: Mapping[str, Mapping[Literal["list", "record"], frozenset[str]]] = {
    "webhook-endpoints": {"list": frozenset({"POST"}), "record": frozenset({"PATCH", "DELETE"})},
    "webhook-deliveries": {"list": frozenset({"POST"})},
}
FieldsT = TypeVar("FieldsT", bound=Struct)
_READING = frozenset({"GET", "HEAD"})


class Named(Struct):
    """A reference in a request."""

    id: str


class EndpointFields(Struct, rename="camel"):
    """What a client may say about an endpoint."""

    name: str | UnsetType = UNSET
    webhook_url: str | UnsetType = UNSET
    api_version: str | UnsetType = UNSET
    topics: list[str] | UnsetType = UNSET
    business_establishments: list[Named] | UnsetType | None = UNSET
    status: EndpointStatus | UnsetType = UNSET


class DeliveryFields(Struct, rename="camel"):
    """What a client may ask to be delivered: an event, or without one a test."""

    webhook_endpoint: Named
    event: Named | None = None


class PushApi:
    """Answers for the four resources that webhooks have."""

    def __init__(
        self, gate: Gate, office: Office, postman: Postman, cursors: PageTokens, paper: Paper
    ) -> None:
        self._gate = gate
        self._office = office
        self._postman = postman
        self._cursors = cursors
        self._paper = paper
        self._bender = Bender(gate.mischief, gate.stats)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        name, public_id = request.match_info["name"], request.match_info["tail"].removeprefix("/")

        async def answered(faults: list[Fault]) -> web.Response:
            del faults
            return await self._response(request, name, public_id)

        counted = f"{request.method} {PREFIX}{name}{'/{id}' if public_id else ''}"
        asked = Asked(name, is_list=not public_id and request.method in _READING, counted_as=counted)
        return await self._gate.let_through(request, asked, answered)

    async def _response(self, request: web.Request, name: str, public_id: str) -> web.Response:
        scopes = self._gate.scopes(request)
        check_version(request)
        place: Literal["list", "record"] = "record" if public_id else "list"
        writable = _WRITABLE.get(name, {}).get(place, frozenset[str]())
        if request.method not in _READING | writable:
            allowed = ", ".join(sorted(_READING | writable))
            raise Problem(405, "This cannot be done here.", headers={"Allow": allowed})
        require(LISTS[name], scopes, self._gate, writing=request.method in writable)
        if request.method in writable:
            return await self._written(request, name, public_id)
        base = f"{request.scheme}://{request.host}"
        at = Address(base, request.path, f"{base}{request.path_qs}")
        page = self._single(request, name, public_id, base) if public_id else self._list(request, name, at)
        return self._paper.response(request, page, is_list=not public_id)

    def _list(self, request: web.Request, name: str, at: Address) -> Page:
        parameters = self._bender.bend(list(request.query.items()))
        query = QueryReader(LISTS[name], parameters, strict=self._gate.is_strict).read()
        return Listing(self._shelf(name), query, self._cursors, at).page()

    def _single(self, request: web.Request, name: str, public_id: str, base: str) -> Page:
        words = {word for word in request.query.get("include", "").split(",") if word}
        if not words <= INCLUDES:
            raise bad_parameters({"include": ["The value is not valid."]})
        thing = self._find(name, public_id)
        view = thing.view(base)
        return Page.of({**view, "links": thing.links(base)} if "links" in words else view)

    def _find(self, name: str, public_id: str) -> Listed:
        number = int(public_id) if public_id.isascii() and public_id.isdigit() else 0
        thing = self._shelf(name).kept.get(number)
        if thing is None:
            raise not_found(f"{name}/{public_id}")
        return thing

    def _shelf(self, name: str) -> Shelf:
        office = self._office
        match name:
            case "events":
                order = self._gate.options.events_order
                return Shelf(office.events, lambda thing: {"status": office.status_of(thing.id)}, order)
            case "webhook-endpoints":
                return Shelf(office.endpoints, _facets)
            case "webhook-deliveries":
                return Shelf(office.deliveries, _facets)
            case _:
                return Shelf(office.attempts, _facets)

    async def _written(self, request: web.Request, name: str, public_id: str) -> web.Response:
        base = f"{request.scheme}://{request.host}"
        if name == "webhook-deliveries":
            return _created(self._posted_delivery(await _read(request, DeliveryFields)).view(base))
        if not public_id:
            endpoint = await self._created_endpoint(await _read(request, EndpointFields))
            # The only answer that ever shows the secret.
            return _created({**endpoint.view(base), "secret": endpoint.secret})
        endpoint = self._endpoint(public_id)
        self._check_held(request, endpoint, base)
        if request.method == "DELETE":
            del self._office.endpoints[endpoint.id]
            return web.Response(status=204, headers={"Api-Version": API_VERSION})
        await self._change(endpoint, await _read(request, EndpointFields))
        return self._paper.response(request, Page.of(endpoint.view(base)), is_list=False)

    def _endpoint(self, public_id: str) -> Endpoint:
        endpoint = self._find("webhook-endpoints", public_id)
        if not isinstance(endpoint, Endpoint):
            raise not_found(f"webhook-endpoints/{public_id}")
        return endpoint

    def _check_held(self, request: web.Request, endpoint: Endpoint, base: str) -> None:
        """Refuse to write over what somebody else has written since."""
        expected = request.headers.get("If-Match")
        if expected is not None and not matches(expected, self._paper.etag(Page.of(endpoint.view(base)))):
            raise Problem(412, "The endpoint was changed by somebody else.")

    def _posted_delivery(self, fields: DeliveryFields) -> Delivery:
        endpoint = self._referred("webhookEndpoint", "webhook-endpoints", fields.webhook_endpoint.id)
        if not isinstance(endpoint, Endpoint):
            raise _invalid("webhookEndpoint", "there is no such endpoint")
        if fields.event is None:
            return self._office.ping(endpoint)
        event = self._referred("event", "events", fields.event.id)
        if not isinstance(event, Event):
            raise _invalid("event", "there is no such event")
        return self._office.queue(event, endpoint, by_hand=True)

    def _referred(self, field: str, name: str, public_id: str) -> Listed:
        try:
            return self._find(name, public_id)
        except Problem:
            raise _invalid(field, "there is nothing with this id") from None

    async def _created_endpoint(self, fields: EndpointFields) -> Endpoint:
        missing = {
            name: ["It is required."]
            for name, value in (
                ("name", fields.name),
                ("webhookUrl", fields.webhook_url),
                ("apiVersion", fields.api_version),
                ("topics", fields.topics),
            )
            if value is UNSET
        }
        if missing:
            raise bad_parameters(missing)
        now = self._office.now()
        endpoint = Endpoint(0, "", "", API_VERSION, [], None, "inactive", self._office.secret(), now, now)
        await self._change(endpoint, fields)
        endpoint.id = self._office.number("endpoint")
        self._office.endpoints[endpoint.id] = endpoint
        return endpoint

    async def _change(self, endpoint: Endpoint, fields: EndpointFields) -> None:
        self._check(fields)
        address = endpoint.address if fields.webhook_url is UNSET else fields.webhook_url
        status = endpoint.status if fields.status is UNSET else fields.status
        is_new = endpoint.status != "active" or address != endpoint.address
        if status == "active" and is_new and not await self._postman.activates(address):
            raise _invalid("webhookUrl", "the address did not repeat the word that it was asked to")
        _assign(endpoint, fields)
        self._office.change_status(endpoint, status)

    def _check(self, fields: EndpointFields) -> None:
        if fields.name is not UNSET and not fields.name:
            raise _invalid("name", "it is empty")
        if fields.webhook_url is not UNSET and not self._postman.allows(fields.webhook_url):
            raise _invalid("webhookUrl", "an address of this machine, or of a host that was allowed")
        if fields.api_version is not UNSET and not _is_version(fields.api_version):
            raise _invalid("apiVersion", "there is no version as early")
        if fields.topics is not UNSET and not fields.topics:
            raise _invalid("topics", "there are none")
        places = fields.business_establishments
        if places is not UNSET and places is not None:
            find = self._gate.world.records.find
            if not places or any(find("business-establishments", place.id) is None for place in places):
                raise _invalid("businessEstablishments", "null for all, or some that exist")


def _facets(thing: Listed) -> View:
    return thing.facets()


def _assign(endpoint: Endpoint, fields: EndpointFields) -> None:
    if fields.name is not UNSET:
        endpoint.name = fields.name
    if fields.webhook_url is not UNSET:
        endpoint.address = fields.webhook_url
    if fields.api_version is not UNSET:
        endpoint.api_version = fields.api_version
    if fields.topics is not UNSET:
        endpoint.topics = fields.topics
    if fields.business_establishments is not UNSET:
        places = fields.business_establishments
        endpoint.establishments = None if places is None else [place.id for place in places]


def _is_version(text: str) -> bool:
    try:
        return date.fromisoformat(text) >= date.fromisoformat(API_VERSION)
    except ValueError:
        return False


async def _read(request: web.Request, kind: type[FieldsT]) -> FieldsT:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.DecodeError as error:
        raise bad_parameters({"body": [f"It cannot be understood: {error}."]}) from None


def _created(view: View) -> web.Response:
    headers = {"Api-Version": API_VERSION, "Content-Type": JSON}
    return web.Response(status=201, body=msgspec.json.encode(view), headers=headers)


def _invalid(name: str, why: str) -> Problem:
    return bad_parameters({name: [f"The value is not valid: {why}."]})
