"""The token endpoint: form-encoded client credentials in, a bearer token out."""

from datetime import timedelta

import anyio
import msgspec
from aiohttp import web

from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.server.faults import TOKEN, Fault
from lucca_sync.simulator.server.gate import Gate, spoil, without_end
from lucca_sync.simulator.server.limit import retry_after
from lucca_sync.simulator.server.tokens import LIFETIME, TokenRefused

_FORM = "application/x-www-form-urlencoded"


class Identity:
    """Answers `/connect/token`."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._options: SimulatorOptions = gate.options

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Issue a token, or say why not in OAuth's words."""
        faults = self._gate.mischief.deal(TOKEN, is_list=False)
        for fault in faults:
            if fault.kind in ("delay", "status"):
                self._gate.stats.meet(f"token-{fault.name}")
            if fault.kind == "delay":
                await anyio.sleep(fault.seconds)
        failing = next((fault for fault in faults if fault.kind == "status"), None)
        response = await self._issued(request) if failing is None else self._failed(failing)
        for fault in faults:
            if fault.kind in ("truncate", "invalid-json"):
                self._gate.stats.meet(f"token-{fault.name}")
                spoil(response, fault)
        if all(fault.kind != "reset" for fault in faults):
            return response
        self._gate.stats.meet("token-reset")
        return await without_end(request, response)

    def _failed(self, fault: Fault) -> web.Response:
        now = self._gate.shown_now()
        delay = fault.retry_after
        headers = {} if delay is None else {"Retry-After": retry_after(delay, now, fault.retry_after_as)}
        return web.Response(status=fault.status, text="told to fail", headers=headers)

    async def _issued(self, request: web.Request) -> web.Response:
        try:
            token = self._gate.tokens.issue(await self._form(request), self._lifetime)
        except TokenRefused as refused:
            body = msgspec.json.encode({"error": refused.error})
            return web.Response(status=refused.status, body=body, content_type="application/json")
        self._gate.stats.tokens += 1
        # A faster world's half-hour is shorter for those outside it.
        promised = max(1, int(LIFETIME.total_seconds() / self._options.speed))
        body = msgspec.json.encode({"access_token": token, "token_type": "Bearer", "expires_in": promised})
        return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})

    @property
    def _lifetime(self) -> timedelta:
        shorter = self._gate.mischief.standing.token_lifetime
        if shorter is None:
            return LIFETIME
        self._gate.stats.meet("token-lifetime")
        return timedelta(seconds=shorter)

    async def _form(self, request: web.Request) -> dict[str, str]:
        refusal = self._gate.mischief.standing.refuse_credentials
        if refusal is not None:
            self._gate.stats.meet("refused-credentials")
            raise TokenRefused("invalid_client", refusal)
        if request.content_type != _FORM:
            raise TokenRefused("invalid_request")
        posted = await request.post()
        return {name: value for name, value in posted.items() if isinstance(value, str)}
