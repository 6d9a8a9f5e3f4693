"""The tenant's resources on the wire: token, version, resource, page, ETag, in the order of a real one."""

from datetime import date

from aiohttp import web

from lucca_sync.simulator.answers.catalogue import CATALOGUE, UNLISTED, Resource
from lucca_sync.simulator.answers.pages import Address, Page, Pages, Tamper
from lucca_sync.simulator.answers.problems import Problem, bad_parameters, not_found
from lucca_sync.simulator.answers.query import INCLUDES, Parameters, QueryReader
from lucca_sync.simulator.server.faults import Fault
from lucca_sync.simulator.server.gate import API_VERSION, Asked, Gate
from lucca_sync.simulator.server.paper import Paper
from lucca_sync.simulator.server.parameters import Bender
from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world.actions import Delete
from lucca_sync.simulator.world.edit import Refused

PREFIX = "/lucca-api/"
_LOOKS = 20


class Tenant:
    """Answers everything under `/lucca-api/` that is a resource of the catalogue."""

    def __init__(self, pages: Pages, paper: Paper, gate: Gate) -> None:
        self._pages = pages
        self._paper = paper
        self._gate = gate
        self._bender = Bender(gate.mischief, gate.stats)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        name, _, public_id = request.path.removeprefix(PREFIX).partition("/")

        async def answered(faults: list[Fault]) -> web.Response:
            return self._response(request, name, public_id, faults)

        asked = Asked(name, is_list=not public_id, counted_as=_counted_as(request.method, name, public_id))
        return await self._gate.let_through(request, asked, answered)

    def _response(self, request: web.Request, name: str, public_id: str, faults: list[Fault]) -> web.Response:
        scopes = self._gate.scopes(request)
        check_version(request)
        resource = self._resource(request, name, scopes)
        page = self._page(request, resource, public_id, faults)
        return self._paper.response(request, page, is_list=not public_id)

    def _resource(self, request: web.Request, name: str, scopes: frozenset[str]) -> Resource:
        is_list = request.path.removeprefix(PREFIX) == name
        resource = CATALOGUE.get(name) or (None if is_list else UNLISTED.get(name))
        if resource is None:
            raise not_found(request.path)
        if resource.opt_in and not self._gate.options.leaves_v5:
            raise Problem(
                self._gate.options.leaves_v5_refusal, f"{name} are not switched on for this tenant."
            )
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, "This resource can only be read here.", headers={"Allow": "GET, HEAD"})
        require(resource, scopes, self._gate)
        return resource

    def _page(self, request: web.Request, resource: Resource, public_id: str, faults: list[Fault]) -> Page:
        base = f"{request.scheme}://{request.host}"
        at = Address(base, request.path, f"{base}{request.path_qs}")
        parameters: Parameters = list(request.query.items())
        if not public_id:
            parameters = self._bender.bend(parameters)
            if "page" in request.query:
                self._shrink(resource)
            query = QueryReader(resource, parameters, strict=self._gate.is_strict).read()
            return self._pages.list(query, at, self._tamper(faults))
        words = {word for name, value in parameters if name == "include" for word in value.split(",")}
        if not words <= INCLUDES:
            raise bad_parameters({"include": ["The value is not valid."]})
        return self._pages.single(resource, public_id, frozenset(words), at)

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

    def _tamper(self, faults: list[Fault]) -> Tamper | None:
        for fault in faults:
            if fault.kind == "malformed-record":
                self._gate.stats.meet(fault.name)
                odd: Json = {"type": "unknown", "familyName": "no id"} if fault.malformed == "no-id" else "?"
                return lambda items: [*items[: len(items) // 2], odd, *items[len(items) // 2 :]]
        return None


def require(resource: Resource, scopes: frozenset[str], gate: Gate, *, writing: bool = False) -> None:
    """Raise a 403 unless a token is good for a resource."""
    enough = {scope for scope in resource.scopes if not writing or scope.endswith(".readwrite")}
    refused = resource.name in gate.mischief.standing.refuse_scopes
    if refused:
        gate.stats.meet("refused-scope")
    if refused or not enough & scopes:
        raise Problem(403, f"The access token lacks the scope {min(enough)}.")


def check_version(request: web.Request) -> None:
    """Raise a 400 unless there is a version not after the date asked for."""
    asked = request.headers.get("Api-Version")
    if asked is None:
        raise Problem(400, "The header Api-Version is required.", errors={"Api-Version": ["It is missing."]})
    try:
        known = date.fromisoformat(asked) >= date.fromisoformat(API_VERSION)
    except ValueError:
        known = False
    if not known:
        raise Problem(400, "No such version.", errors={"Api-Version": ["There is no version as early."]})


def _counted_as(method: str, name: str, public_id: str) -> str:
    known = name if name in CATALOGUE or name in UNLISTED else "…"
    return f"{method} {PREFIX}{known}/{{id}}" if public_id else f"{method} {PREFIX}{known}"
