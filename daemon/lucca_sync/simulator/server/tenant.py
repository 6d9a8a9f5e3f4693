"""The tenant's resources on the wire: token, version, resource, page, ETag, in the order of a real one."""

import gzip
from datetime import date
from http import HTTPStatus
from itertools import count

from aiohttp import web

from lucca_sync.simulator.answers.catalogue import CATALOGUE, Resource
from lucca_sync.simulator.answers.pages import FAST, Address, Page, Pages, Tamper
from lucca_sync.simulator.answers.problems import Problem, bad_parameters, not_found
from lucca_sync.simulator.answers.query import INCLUDES, Parameters, QueryReader
from lucca_sync.simulator.answers.tokens import PageTokens
from lucca_sync.simulator.server.faults import Fault
from lucca_sync.simulator.server.gate import API_VERSION, Asked, Gate
from lucca_sync.simulator.server.parameters import Bender
from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world.actions import Delete
from lucca_sync.simulator.world.edit import Refused
from lucca_sync.simulator.world.row import PORTRAIT_TOKEN

PREFIX = "/lucca-api/"
JSON = "application/json; charset=utf-8"
_COVERED_BY = {
    "professions": "job-qualifications",
    "taxonomy-labels": "taxonomies",
    "leave-accounts": "leaves",
    "webhook-delivery-attempts": "webhook-deliveries",
}
_LOOKS = 20


class Tenant:
    """Answers everything under `/lucca-api/` that is a resource of the catalogue."""

    def __init__(self, pages: Pages, cursors: PageTokens, gate: Gate) -> None:
        self._pages = pages
        self._cursors = cursors
        self._gate = gate
        self._options = gate.options
        self._bender = Bender(gate.mischief, gate.stats)
        self._portrait_calls = count(1)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        name, _, public_id = request.path.removeprefix(PREFIX).partition("/")

        async def answered(faults: list[Fault]) -> web.Response:
            return self._response(request, name, public_id, faults)

        asked = Asked(name, is_list=not public_id, counted_as=_counted_as(request.method, name, public_id))
        return await self._gate.let_through(request, asked, answered)

    def _response(self, request: web.Request, name: str, public_id: str, faults: list[Fault]) -> web.Response:
        scopes = self._gate.scopes(request)
        version = version_of(request)
        resource = self._resource(request, name, scopes)
        page = self._page(request, resource, public_id, faults)
        response = self._page_response(request, page, is_list=not public_id)
        response.headers["Api-Version"] = version
        return response

    def _resource(self, request: web.Request, name: str, scopes: frozenset[str]) -> Resource:
        resource = CATALOGUE.get(name)
        if resource is None:
            raise not_found(request.path)
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, "This resource can only be read here.", headers={"Allow": "GET, HEAD"})
        require(name, scopes, self._gate)
        return resource

    def _page(self, request: web.Request, resource: Resource, public_id: str, faults: list[Fault]) -> Page:
        base = f"{request.scheme}://{request.host}"
        at = Address(base, request.path, f"{base}{request.path_qs}")
        parameters: Parameters = list(request.query.items())
        if not public_id:
            parameters = self._bender.bend(parameters)
            if "page" in request.query:
                self._shrink(resource)
            query = QueryReader(resource, parameters, strict=self._is_strict).read()
            return self._pages.list(query, at, self._tamper(faults))
        words = {word for name, value in parameters if name == "include" for word in value.split(",")}
        if not words <= INCLUDES:
            raise bad_parameters({"include": ["The value is not valid."]})
        return self._pages.single(resource, public_id, frozenset(words), at)

    @property
    def _is_strict(self) -> bool:
        present = self._gate.mischief.standing.unknown_parameters
        return self._options.strict_parameters if present is None else present == "refused"

    def _shrink(self, resource: Resource) -> None:
        """Let a record go while somebody turns the pages, if that is what happens here."""
        mischief, world = self._gate.mischief, self._gate.world
        if not mischief.strikes(mischief.standing.shrinking):
            return
        for _ in range(_LOOKS):
            row = world.records.row(resource.name, mischief.one_of(world.records.next_id(resource.name)))
            if row is not None:
                try:
                    world.perform(Delete(resource=resource.name, id=row.public_id))
                except Refused:
                    continue  # somebody's last position cannot go: look for another record
                self._gate.stats.meet("shrinking")
                return

    def _page_response(self, request: web.Request, page: Page, *, is_list: bool) -> web.Response:
        portrait_token = f"eyJ{next(self._portrait_calls):012x}" if page.has_portraits else ""
        etag = self._etag(page, portrait_token)
        headers = {"ETag": etag} if self._options.etags else {}
        if self._options.etags and self._is_held(request, etag, is_list=is_list):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        headers["Content-Type"] = JSON
        body = self._body(page, portrait_token)
        if self._options.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = page.packed if body is None else gzip.compress(body, FAST, mtime=0)
        return web.Response(body=page.body() if body is None else body, headers=headers)

    def _is_held(self, request: web.Request, etag: str, *, is_list: bool) -> bool:
        if not matches(request.headers.get("If-None-Match"), etag):
            return False
        if is_list and self._gate.mischief.standing.ignore_if_none_match:
            self._gate.stats.meet("ignored-if-none-match")
            return False
        return True

    def _body(self, page: Page, portrait_token: str) -> bytes | None:
        """Return what the page becomes in this one answer, None if it goes out as it was kept."""
        if not page.has_portraits and self._options.stable_cursors:
            return None
        body = page.body().replace(PORTRAIT_TOKEN.encode(), portrait_token.encode())
        return self._cursors.finished(body)

    def _etag(self, page: Page, portrait_token: str) -> str:
        if self._options.etags_follow_portraits and portrait_token:
            return f'W/"{page.digest}-{portrait_token}"'
        return f'W/"{page.digest}"'

    def _tamper(self, faults: list[Fault]) -> Tamper | None:
        for fault in faults:
            if fault.kind == "malformed-record":
                self._gate.stats.meet(fault.name)
                odd: Json = {"type": "unknown", "familyName": "no id"} if fault.malformed == "no-id" else "?"
                return lambda items: [*items[: len(items) // 2], odd, *items[len(items) // 2 :]]
        return None


def require(name: str, scopes: frozenset[str], gate: Gate, *, writing: bool = False) -> None:
    """Raise a 403 unless a token is good for a resource."""
    scope = _COVERED_BY.get(name, name)
    enough = {f"{scope}.readwrite"} if writing else {f"{scope}.readonly", f"{scope}.readwrite"}
    refused = name in gate.mischief.standing.refuse_scopes
    if refused:
        gate.stats.meet("refused-scope")
    if refused or not enough & scopes:
        raise Problem(403, f"The access token lacks the scope {min(enough)}.")


def version_of(request: web.Request) -> str:
    """Return the version that serves a request: the newest one not after the date asked for."""
    asked = request.headers.get("Api-Version")
    if asked is None:
        raise Problem(400, "The header Api-Version is required.", errors={"Api-Version": ["It is missing."]})
    try:
        known = date.fromisoformat(asked) >= date.fromisoformat(API_VERSION)
    except ValueError:
        known = False
    if not known:
        raise Problem(400, "No such version.", errors={"Api-Version": ["There is no version as early."]})
    return API_VERSION


def matches(header: str | None, etag: str) -> bool:
    """Say whether the client holds this representation; the weak mark may be left out."""
    if header is None:
        return False
    held = {item.strip().removeprefix("W/") for item in header.split(",")}
    return "*" in held or etag.removeprefix("W/") in held


def _counted_as(method: str, name: str, public_id: str) -> str:
    known = name if name in CATALOGUE else "…"
    return f"{method} {PREFIX}{known}/{{id}}" if public_id else f"{method} {PREFIX}{known}"
