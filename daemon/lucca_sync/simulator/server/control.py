"""The control API: tell the world to change, the tenant to misbehave, and read the truth."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec
from aiohttp import web

from lucca_sync.simulator.answers.conditions import read_number
from lucca_sync.simulator.server.guide import guide
from lucca_sync.simulator.world.actions import AnyAction
from lucca_sync.simulator.world.edit import NotThere, Refused
from lucca_sync.simulator.world.ledger import LedgerEntry

if TYPE_CHECKING:
    from lucca_sync.simulator.simulator import Simulator


class Grants(msgspec.Struct, forbid_unknown_fields=True):
    """What an admin of the tenant changes about the client application."""

    grant: list[str] = []
    revoke: list[str] = []
    establishments: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    sections: list[str] | msgspec.UnsetType | None = msgspec.UNSET


ValueT = TypeVar("ValueT")
Handler = Callable[[web.Request], Awaitable[web.Response]]
_MAX_STEPS = 10_000


class Steps(msgspec.Struct, forbid_unknown_fields=True):
    """How many things are to happen now."""

    count: int = 1


class Rate(msgspec.Struct, forbid_unknown_fields=True):
    """How many things are to happen a minute by themselves."""

    per_minute: float


class Control:
    """Answers everything under `/control/`; it asks for no token and counts nothing."""

    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get("/control", self.guide),
            web.get("/control/", self.guide),
            web.get("/control/ledger", _told(self.ledger)),
            web.get("/control/records/{resource:(?:v3/)?[^/]+}/{id}", _told(self.record)),
            web.post("/control/changes", _told(self.change)),
            web.post("/control/steps", _told(self.steps)),
            web.get("/control/life", _told(self.life)),
            web.put("/control/life", _told(self.set_life)),
            web.get("/control/misbehaviours", _told(self.misbehaviours)),
            web.put("/control/misbehaviours", _told(self.misbehave)),
            web.post("/control/misbehaviours", _told(self.misbehave_as)),
            web.delete("/control/misbehaviours", _told(self.behave)),
            web.get("/control/grants", _told(self.grants)),
            web.put("/control/grants", _told(self.set_grants)),
            web.delete("/control/tokens", _told(self.revoke_tokens)),
            web.get("/control/stats", _told(self.stats)),
        ]

    async def guide(self, request: web.Request) -> web.Response:
        """Explain the control API."""
        return web.Response(text=guide(f"{request.scheme}://{request.host}"))

    async def ledger(self, request: web.Request) -> web.Response:
        """Return what has changed since an entry."""
        after = read_number(request.query.get("after", "0"))
        if after is None:
            raise Refused("after is the number of a ledger entry")
        self._simulator.world.catch_up()
        return self._entries(self._simulator.world.ledger.after(after))

    async def record(self, request: web.Request) -> web.Response:
        """Return what the API would show of a record now."""
        resource, public_id = request.match_info["resource"], request.match_info["id"]
        view = self._simulator.record(resource, public_id)
        if view is None:
            raise NotThere(f"there is no {public_id} in {resource}")
        return _json(view)

    async def change(self, request: web.Request) -> web.Response:
        """Let one action happen."""
        action: AnyAction = msgspec.json.decode(await request.read(), type=AnyAction)
        return self._entries(self._simulator.perform(action))

    async def steps(self, request: web.Request) -> web.Response:
        """Let some things happen as life would have it."""
        steps = await _read(request, Steps)
        if not 0 < steps.count <= _MAX_STEPS:
            raise Refused(f"count is a number from 1 to {_MAX_STEPS}")
        return self._entries([entry for _ in range(steps.count) for entry in self._simulator.step()])

    async def life(self, request: web.Request) -> web.Response:
        """Return how fast the world lives."""
        del request
        return _json({"per_minute": self._simulator.alive_per_minute})

    async def set_life(self, request: web.Request) -> web.Response:
        """Let the world live faster, slower or not at all."""
        rate = await _read(request, Rate)
        if rate.per_minute < 0:
            raise Refused("per_minute is 0 or more")
        self._simulator.alive_per_minute = rate.per_minute
        return await self.life(request)

    async def misbehaviours(self, request: web.Request) -> web.Response:
        """Return what is wrong at the moment."""
        del request
        return _json(self._simulator.misbehaviours)

    async def misbehave(self, request: web.Request) -> web.Response:
        """Replace the misbehaviours that the request names."""
        self._simulator.misbehave(**await _read(request, dict[str, object]))
        return await self.misbehaviours(request)

    async def misbehave_as(self, request: web.Request) -> web.Response:
        """Let named misbehaviours come on top of the present ones."""
        self._simulator.misbehave_as(*await _read(request, list[str]))
        return await self.misbehaviours(request)

    async def behave(self, request: web.Request) -> web.Response:
        """Switch all misbehaviours off."""
        self._simulator.behave()
        return await self.misbehaviours(request)

    async def grants(self, request: web.Request) -> web.Response:
        """Return what the client application may see at the moment."""
        del request
        present = self._simulator.misbehaviours
        return _json(
            {
                "scopes": sorted(self._simulator.granted),
                "establishments": present.establishments,
                "sections": present.sections,
            }
        )

    async def set_grants(self, request: web.Request) -> web.Response:
        """Grant and revoke, at once and for the tokens of the present as well."""
        wanted = await _read(request, Grants)
        places = {"establishments": wanted.establishments, "sections": wanted.sections}
        self._simulator.grant(*wanted.grant)
        self._simulator.revoke(*wanted.revoke)
        named = {name: value for name, value in places.items() if value is not msgspec.UNSET}
        if named:
            self._simulator.misbehave(**named)
        return await self.grants(request)

    async def revoke_tokens(self, request: web.Request) -> web.Response:
        """Make every access token worthless."""
        del request
        self._simulator.revoke_tokens()
        return _json({"revoked": True})

    async def stats(self, request: web.Request) -> web.Response:
        """Return what was asked and answered so far, and how much there is."""
        del request
        return _json({**self._simulator.stats.view(), "records": self._simulator.counts()})

    def _entries(self, entries: list[LedgerEntry]) -> web.Response:
        return _json({"entries": entries, "last": len(self._simulator.world.ledger)})


def _told(handler: Handler) -> Handler:
    """Answer 400 or 404 in words when a command makes no sense."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except NotThere as error:
            return _json({"error": str(error)}, status=404)
        except (Refused, msgspec.DecodeError) as error:
            return _json({"error": str(error)}, status=400)

    return answer


def _json(content: object, status: int = 200) -> web.Response:
    body = msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
    return web.Response(body=body, status=status, content_type="application/json")


async def _read(request: web.Request, kind: type[ValueT]) -> ValueT:
    return msgspec.json.decode(await request.read() or b"{}", type=kind)
