"""The tenant's front door, the same for every API of it: who is let in, what goes wrong, and who counts.

It knows nothing of what is answered behind it, nor which API a request is for.
"""

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from itertools import count
from typing import Literal

import anyio
from aiohttp import web

from lucca_sync.simulator.answers.conditions import read_number
from lucca_sync.simulator.answers.lens import EVERY
from lucca_sync.simulator.answers.problems import Problem
from lucca_sync.simulator.options import RetryAfterFormat, SimulatorOptions
from lucca_sync.simulator.server.faults import Fault, Misbehaviours, Mischief
from lucca_sync.simulator.server.limit import Others, RequestLimit, retry_after
from lucca_sync.simulator.server.stats import Stats
from lucca_sync.simulator.server.tokens import AccessTokens
from lucca_sync.simulator.world.world import World

API_VERSION = "2024-11-01"
_PROBLEM = "application/problem+json; charset=utf-8"
_FAST = 1
_FORMS: tuple[Literal["seconds", "date", "none"], ...] = ("seconds", "date", "none")
_DEFAULT_LIMIT = 25


@dataclass(frozen=True)
class Asked:
    """What a request is about, as misbehaviours and statistics name it."""

    resource: str
    is_list: bool
    counted_as: str


Answer = Callable[[list[Fault]], Awaitable[web.Response]]
Refusal = Callable[[Problem, str], web.Response]


def problem_response(problem: Problem, path: str) -> web.Response:
    """Write a problem as the current API does."""
    headers = {**problem.headers, "Content-Type": _PROBLEM, "Api-Version": API_VERSION}
    return web.Response(status=problem.status, body=problem.body(path), headers=headers)


@dataclass(frozen=True)
class Gate:
    """Lets requests through to whatever answers them."""

    world: World
    options: SimulatorOptions
    limit: RequestLimit
    tokens: AccessTokens
    mischief: Mischief
    stats: Stats
    bent: set[str]
    """The distortions of records that the present request has met."""
    turns: "count[int]"
    """Numbers the requests of a storm, so that mixed forms of `Retry-After` take turns."""

    async def let_through(
        self, request: web.Request, asked: Asked, answer: Answer, refusal: Refusal = problem_response
    ) -> web.StreamResponse:
        """Answer a request, or refuse it, as the limit and the misbehaviours of the moment want it."""
        faults = self.mischief.deal(asked.resource, is_list=asked.is_list)
        for fault in faults:
            if fault.kind == "delay":
                self.stats.meet(fault.name)
                await anyio.sleep(fault.seconds)
        self.world.catch_up()
        self.bent.clear()
        try:
            self._admit(request, asked, faults)
            response = await answer(faults)
        except Problem as problem:
            response = refusal(problem, request.path)
        self.stats.met.update(self.bent)
        self._announce(response, asked.resource)
        self.stats.count(asked.counted_as, response.status, self.world.now())
        return await self._sent(request, response, faults)

    def scopes(self, request: web.Request) -> frozenset[str]:
        """Return what the bearer of a token may do, or raise a 401."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        scopes = self.tokens.scopes_of(token) if scheme == "Bearer" else None
        if scopes is None:
            raise Problem(401, "The access token is missing, unknown or has expired.")
        return scopes

    @property
    def is_strict(self) -> bool:
        """Whether parameters that nobody knows are refused."""
        present = self.mischief.standing.unknown_parameters
        return self.options.strict_parameters if present is None else present == "refused"

    def shown_now(self) -> datetime:
        """Return what time it is by the tenant's own clock, which may be off."""
        return self.world.now() + timedelta(seconds=self.mischief.standing.clock_skew)

    def _admit(self, request: web.Request, asked: Asked, faults: list[Fault]) -> None:
        standing = self.mischief.standing
        self._weather(standing)
        self._count_in(standing)
        if asked.is_list:
            self._weigh(request, standing)
        for fault in faults:
            if fault.kind == "status":
                self.stats.meet(fault.name)
                raise self._forced(fault, request)

    def _weather(self, standing: Misbehaviours) -> None:
        """Refuse everything while a storm lasts."""
        storm = standing.storm
        if storm is None:
            return
        left = storm.lasts - self.world.now().timestamp() % storm.every
        if left <= 0:
            return
        form = storm.retry_after
        if form == "mixed":
            form = _FORMS[next(self.turns) % len(_FORMS)]
        self.stats.meet(f"storm-{form}")
        raise self._too_many(left, None if form == "none" else form)

    def _count_in(self, standing: Misbehaviours) -> None:
        others = Others(standing.others_per_minute, bursty=standing.others == "bursty")
        wait = self.limit.admit(others)
        if wait is None:
            return
        if others.per_minute:
            self.stats.meet("others")
        raise self._too_many(wait, self.options.retry_after)

    def _too_many(self, seconds: float, form: RetryAfterFormat | None) -> Problem:
        # The world's seconds may be faster than those of the client who is to wait.
        wait = seconds / self.options.speed
        headers = {} if form is None else {"Retry-After": retry_after(wait, self.shown_now(), form)}
        return Problem(429, "Too many requests in the last minute.", headers=headers)

    def _weigh(self, request: web.Request, standing: Misbehaviours) -> None:
        heavy = standing.heavy
        if heavy is None:
            return
        words = set(request.query.get("include", "").split(","))
        size = read_number(request.query.get("limit", "")) or _DEFAULT_LIMIT
        too_much = bool(words & heavy.includes) or (heavy.above is not None and size > heavy.above)
        if too_much and self.mischief.strikes(heavy.rate):
            self.stats.meet("heavy")
            raise Problem(408, "The request takes too long: ask for less.")

    def _forced(self, fault: Fault, request: web.Request) -> Problem:
        headers: dict[str, str] = {}
        if fault.retry_after is not None:
            headers["Retry-After"] = retry_after(fault.retry_after, self.shown_now(), fault.retry_after_as)
        return Problem(fault.status, f"{request.path} fails because it was told to.", headers=headers)

    def _announce(self, response: web.Response, resource: str) -> None:
        """Put the tenant's own time, and the sunset of what will go, on an answer."""
        standing = self.mischief.standing
        response.headers["Date"] = format_datetime(self.shown_now(), usegmt=True)
        if standing.clock_skew:
            self.stats.meet("clock-skew")
        sunset = standing.deprecated.get(resource, standing.deprecated.get(EVERY))
        if sunset is not None:
            self.stats.meet("deprecated")
            response.headers["Deprecation"] = self.world.now().date().isoformat()
            response.headers["Sunset"] = f"{sunset}T00:00:00Z"

    async def _sent(
        self, request: web.Request, response: web.Response, faults: list[Fault]
    ) -> web.StreamResponse:
        """Send an answer; a good one is spoilt, or half sent before the connection drops, if told so."""
        if response.status != HTTPStatus.OK or not isinstance(response.body, bytes):
            return response
        for fault in faults:
            if fault.kind in ("truncate", "invalid-json"):
                self.stats.meet(fault.name)
                spoil(response, fault)
        if all(fault.kind != "reset" for fault in faults):
            return response
        self.stats.meet("reset")
        return await without_end(request, response)


def spoil(response: web.Response, fault: Fault) -> None:
    """Cut a document off or replace it by something else, packed or not."""
    body = response.body
    if not isinstance(body, bytes):
        return
    packed = response.headers.get("Content-Encoding") == "gzip"
    plain = gzip.decompress(body) if packed else body
    spoilt = plain[: len(plain) // 2]
    if fault.kind == "invalid-json":
        spoilt = b"<html><body>Bad gateway</body></html>"
    response.body = gzip.compress(spoilt, _FAST, mtime=0) if packed else spoilt


async def without_end(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Send half of an answer and drop the connection."""
    body = response.body
    stream = web.StreamResponse(headers=response.headers)
    if isinstance(body, bytes):
        stream.content_length = len(body)
        await stream.prepare(request)
        await stream.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return stream
