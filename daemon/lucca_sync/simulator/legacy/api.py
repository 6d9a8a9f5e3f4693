"""The legacy API on the wire: its key, its envelope, its errors, and what has been shut down."""

import gzip
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web

from lucca_sync.simulator.answers.lens import Lens
from lucca_sync.simulator.answers.problems import Problem, not_found
from lucca_sync.simulator.legacy.conditions import naive_text
from lucca_sync.simulator.legacy.fields import pick, read_fields
from lucca_sync.simulator.legacy.listing import Listing
from lucca_sync.simulator.legacy.lists import LEAVES, REQUESTS, USERS
from lucca_sync.simulator.server.faults import Fault
from lucca_sync.simulator.server.gate import Asked, Gate
from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import milliseconds
from lucca_sync.simulator.world.legacy import LegacyUser
from lucca_sync.simulator.world.row import Record

PREFIX = "/api/"
_JSON = "application/json; charset=utf-8"
_FAST = 1
_LISTINGS: Mapping[str, Listing[Any]] = {
    listing.resource.lower(): listing for listing in (USERS, LEAVES, REQUESTS)
}
_GONE = {"v3/departments": 410, "leaves": 404}
"""What has been shut down: the departments of v3, the absences of v2."""


class LegacyApi:
    """Answers everything under `/api/`."""

    def __init__(self, lens: Lens, gate: Gate) -> None:
        self._lens = lens
        self._gate = gate
        self._options = gate.options
        self._records = gate.world.records

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        name, public_id = _split(request.path)
        listing = _LISTINGS.get(name.lower())

        async def answered(faults: list[Fault]) -> web.Response:
            return self._response(request, listing, name, public_id, faults)

        resource = name if listing is None else listing.resource
        counted_as = f"{request.method} {PREFIX}{'…' if listing is None else resource}"
        asked = Asked(
            resource,
            is_list=not public_id,
            counted_as=f"{counted_as}/{{id}}" if public_id else counted_as,
        )
        return await self._gate.let_through(request, asked, answered, _refusal)

    def _response(
        self,
        request: web.Request,
        listing: Listing[Any] | None,
        name: str,
        public_id: str,
        faults: list[Fault],
    ) -> web.Response:
        self._admit(request)
        if listing is None:
            raise _absent(name, request.path)
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, "This can only be read here.", headers={"Allow": "GET, HEAD"})
        if listing.resource in self._gate.mischief.standing.refuse_scopes:
            self._gate.stats.meet("refused-scope")
            raise Problem(403, "The role of this key does not allow it.")
        base = f"{request.scheme}://{request.host}"
        if public_id:
            data = self._single(request, listing, public_id, base)
        else:
            data = self._list(request, listing, base, faults)
        return self._sent(request, data)

    def _admit(self, request: web.Request) -> None:
        """Raise a 401 unless the key is there: `lucca application={key}`, in whatever case."""
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        name, _, key = rest.strip().partition("=")
        if (scheme.lower(), name.lower(), key) != ("lucca", "application", self._options.api_key):
            raise Problem(401, "The API key is missing or unknown.")

    def _single(self, request: web.Request, listing: Listing[Any], public_id: str, base: str) -> View:
        record = self._records.find(listing.resource, public_id)
        if record is None or not self._lens.answers(record):
            raise not_found(request.path)
        view = self._dressed(self._lens.view(record, base), record)
        text = request.query.get("fields")
        if text is None:
            return view
        return pick(view, read_fields(text), listing.expand(record, self._records, base))

    def _list(self, request: web.Request, listing: Listing[Any], base: str, faults: list[Fault]) -> View:
        zone = self._options.users_zone if listing is USERS else "UTC"
        asked = listing.read(list(request.query.items()), zone)
        rows, count = listing.page(self._records, asked, self._lens.lists)
        items: list[Json] = []
        for row in rows:
            view = self._dressed(self._lens.listed_view(row, base), row)
            items.append(pick(view, asked.fields, listing.expand(row, self._records, base)))
        data: View = {"items": self._tampered(items, faults)}
        return {**data, "count": count} if asked.counts else data

    def _dressed(self, view: View, record: Record) -> View:
        """Show a record as this tenant does: its spelling, its clock."""
        if isinstance(record, LegacyUser) and self._options.users_zone != "UTC":
            return {**view, "modifiedAt": _moved(view["modifiedAt"], self._options.users_zone)}
        if self._options.half_day_name not in view and "isAm" in view:
            return {(self._options.half_day_name if name == "isAm" else name): view[name] for name in view}
        return view

    def _tampered(self, items: list[Json], faults: list[Fault]) -> list[Json]:
        for fault in faults:
            if fault.kind == "malformed-record":
                self._gate.stats.meet(fault.name)
                odd: Json = {"name": "no id"} if fault.malformed == "no-id" else "?"
                return [*items[: len(items) // 2], odd, *items[len(items) // 2 :]]
        return items

    def _sent(self, request: web.Request, data: View) -> web.Response:
        now = naive_text(milliseconds(self._gate.shown_now()), self._options.users_zone)
        header: View = {"generated": now, "principal": "api key", "processId": 1}
        body = msgspec.json.encode({"header": header, "data": data, "metadata": None})
        headers = {"Content-Type": _JSON}
        if self._options.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, _FAST, mtime=0)
        return web.Response(body=body, headers=headers)


def _moved(shown: Json, zone: str) -> Json:
    """Put an instant in UTC, which doesn't say so, onto another clock; leave what is none."""
    try:
        instant = datetime.fromisoformat(f"{shown}Z")
    except ValueError:
        return shown
    return naive_text(milliseconds(instant), zone)


def _split(path: str) -> tuple[str, str]:
    """Return the resource, with its generation, and the id, if one is asked for."""
    parts = path.removeprefix(PREFIX).split("/")
    depth = 2 if parts[0].lower() == "v3" else 1
    return "/".join(parts[:depth]), "/".join(parts[depth:])


def _absent(name: str, path: str) -> Problem:
    status = _GONE.get(name.lower())
    return not_found(path) if status is None else Problem(status, f"{name} was shut down.")


def _refusal(problem: Problem, path: str) -> web.Response:
    """Write a problem as the legacy API does."""
    del path
    body = msgspec.json.encode({"Status": problem.status, "Message": problem.detail})
    headers = {**problem.headers, "Content-Type": _JSON}
    return web.Response(status=problem.status, body=body, headers=headers)
