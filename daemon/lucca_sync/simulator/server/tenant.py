"""The tenant's API on the wire: limit, token, version, resource, page, ETag, in the order of a real one."""

import gzip
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from itertools import count

import anyio
from aiohttp import web

from lucca_sync.simulator.answers.catalogue import CATALOGUE, Resource
from lucca_sync.simulator.answers.pages import FAST, Address, Page, Pages, Tamper
from lucca_sync.simulator.answers.problems import Problem, bad_parameters, not_found
from lucca_sync.simulator.answers.query import INCLUDES, QueryReader
from lucca_sync.simulator.answers.tokens import PageTokens
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.server.faults import Fault, Mischief
from lucca_sync.simulator.server.limit import RequestLimit, retry_after
from lucca_sync.simulator.server.stats import Stats
from lucca_sync.simulator.server.tokens import AccessTokens
from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world.row import PORTRAIT_TOKEN
from lucca_sync.simulator.world.world import World

API_VERSION = "2024-11-01"
_PREFIX = "/lucca-api/"
_JSON = "application/json; charset=utf-8"
_PROBLEM = "application/problem+json; charset=utf-8"


@dataclass(frozen=True)
class Gate:
    """Who is let in, what goes wrong on the way, and who counts."""

    limit: RequestLimit
    tokens: AccessTokens
    mischief: Mischief
    stats: Stats


class Tenant:
    """Answers everything under `/lucca-api/`."""

    def __init__(
        self, world: World, pages: Pages, cursors: PageTokens, gate: Gate, options: SimulatorOptions
    ) -> None:
        self._world = world
        self._pages = pages
        self._cursors = cursors
        self._gate = gate
        self._options = options
        self._portrait_calls = count(1)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        name, _, public_id = request.path.removeprefix(_PREFIX).partition("/")
        faults = self._gate.mischief.deal(name, is_list=not public_id)
        for fault in faults:
            if fault.kind == "delay":
                await anyio.sleep(fault.seconds)
        self._world.catch_up()
        try:
            response = self._response(request, name, public_id, faults)
        except Problem as problem:
            response = _problem_response(problem, request.path)
        self._gate.stats.count(
            _counted_as(request.method, name, public_id), response.status, self._world.now()
        )
        return await _sent(request, response, faults)

    def _response(self, request: web.Request, name: str, public_id: str, faults: list[Fault]) -> web.Response:
        self._admit(request, faults)
        scopes = self._scopes(request)
        version = _version(request)
        resource = self._resource(request, name, scopes)
        page = self._page(request, resource, public_id, faults)
        response = self._page_response(request, page, faults)
        response.headers["Api-Version"] = version
        return response

    def _admit(self, request: web.Request, faults: list[Fault]) -> None:
        wait = self._gate.limit.admit()
        if wait is not None:
            header = retry_after(wait, self._world.now(), self._options.retry_after)
            raise Problem(429, "Too many requests in the last minute.", headers={"Retry-After": header})
        for fault in faults:
            if fault.kind == "status":
                raise self._forced(fault, request)

    def _forced(self, fault: Fault, request: web.Request) -> Problem:
        headers: dict[str, str] = {}
        if fault.retry_after is not None:
            now = self._world.now()
            headers["Retry-After"] = retry_after(fault.retry_after, now, fault.retry_after_as)
        return Problem(fault.status, f"{request.path} fails because it was told to.", headers=headers)

    def _scopes(self, request: web.Request) -> frozenset[str]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        scopes = self._gate.tokens.scopes_of(token) if scheme == "Bearer" else None
        if scopes is None:
            raise Problem(401, "The access token is missing, unknown or has expired.")
        return scopes

    def _resource(self, request: web.Request, name: str, scopes: frozenset[str]) -> Resource:
        resource = CATALOGUE.get(name)
        if resource is None:
            raise not_found(request.path)
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, "This resource can only be read here.", headers={"Allow": "GET, HEAD"})
        allowed = {f"{name}.readonly", f"{name}.readwrite"} & scopes
        if not allowed or name in self._gate.mischief.present.refuse_scopes:
            raise Problem(403, f"The access token lacks the scope {name}.readonly.")
        return resource

    def _page(self, request: web.Request, resource: Resource, public_id: str, faults: list[Fault]) -> Page:
        base = f"{request.scheme}://{request.host}"
        at = Address(base, request.path, f"{base}{request.path_qs}")
        parameters = list(request.query.items())
        if not public_id:
            strict = self._options.strict_parameters
            query = QueryReader(resource, parameters, strict=strict).read()
            return self._pages.list(query, at, _tamper(faults))
        words = {word for name, value in parameters if name == "include" for word in value.split(",")}
        if not words <= INCLUDES:
            raise bad_parameters({"include": ["The value is not valid."]})
        return self._pages.single(resource, public_id, frozenset(words), at)

    def _page_response(self, request: web.Request, page: Page, faults: list[Fault]) -> web.Response:
        portrait_token = f"eyJ{next(self._portrait_calls):012x}" if page.has_portraits else ""
        etag = self._etag(page, portrait_token)
        headers = {"ETag": etag} if self._options.etags else {}
        if self._options.etags and _matches(request.headers.get("If-None-Match"), etag):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        headers["Content-Type"] = _JSON
        body = self._body(page, portrait_token, faults)
        if self._options.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = page.packed if body is None else gzip.compress(body, FAST, mtime=0)
        return web.Response(body=page.body() if body is None else body, headers=headers)

    def _body(self, page: Page, portrait_token: str, faults: list[Fault]) -> bytes | None:
        """Return what the page becomes in this one answer, None if it goes out as it was kept."""
        if not faults and not page.has_portraits and self._options.stable_cursors:
            return None
        body = page.body().replace(PORTRAIT_TOKEN.encode(), portrait_token.encode())
        return _spoilt(self._cursors.finished(body), faults)

    def _etag(self, page: Page, portrait_token: str) -> str:
        if self._options.etags_follow_portraits and portrait_token:
            return f'W/"{page.digest}-{portrait_token}"'
        return f'W/"{page.digest}"'


def _version(request: web.Request) -> str:
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


def _matches(header: str | None, etag: str) -> bool:
    """Say whether the client holds this representation; the weak mark may be left out."""
    if header is None:
        return False
    held = {item.strip().removeprefix("W/") for item in header.split(",")}
    return "*" in held or etag.removeprefix("W/") in held


def _tamper(faults: list[Fault]) -> Tamper | None:
    for fault in faults:
        if fault.kind == "malformed-record":
            odd: Json = {"type": "unknown", "familyName": "no id"} if fault.malformed == "no-id" else "?"
            return lambda items: [*items[: len(items) // 2], odd, *items[len(items) // 2 :]]
    return None


def _problem_response(problem: Problem, path: str) -> web.Response:
    headers = {**problem.headers, "Content-Type": _PROBLEM, "Api-Version": API_VERSION}
    return web.Response(status=problem.status, body=problem.body(path), headers=headers)


def _counted_as(method: str, name: str, public_id: str) -> str:
    known = name if name in CATALOGUE else "…"
    return f"{method} {_PREFIX}{known}/{{id}}" if public_id else f"{method} {_PREFIX}{known}"


def _spoilt(body: bytes, faults: list[Fault]) -> bytes:
    """Cut a document off or replace it by something else, if it is to be spoilt so."""
    for fault in faults:
        if fault.kind == "truncate":
            return body[: len(body) // 2]
        if fault.kind == "invalid-json":
            return b"<html><body>Bad gateway</body></html>"
    return body


async def _sent(request: web.Request, response: web.Response, faults: list[Fault]) -> web.StreamResponse:
    """Send half of a good answer and drop the connection, if that is what was asked for."""
    body = response.body
    resets = any(fault.kind == "reset" for fault in faults)
    if not resets or response.status != HTTPStatus.OK or not isinstance(body, bytes):
        return response
    stream = web.StreamResponse(headers=response.headers)
    stream.content_length = len(body)
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return stream
