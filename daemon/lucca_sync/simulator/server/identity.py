"""The token endpoint: form-encoded client credentials in, a bearer token out."""

import msgspec
from aiohttp import web

from lucca_sync.simulator.server.faults import TOKEN, Mischief
from lucca_sync.simulator.server.stats import Stats
from lucca_sync.simulator.server.tokens import LIFETIME, AccessTokens, TokenRefused

_FORM = "application/x-www-form-urlencoded"


class Identity:
    """Answers `/connect/token`."""

    def __init__(self, tokens: AccessTokens, mischief: Mischief, stats: Stats) -> None:
        self._tokens = tokens
        self._mischief = mischief
        self._stats = stats

    async def answer(self, request: web.Request) -> web.Response:
        """Issue a token, or say why not in OAuth's words."""
        for fault in self._mischief.deal(TOKEN, is_list=False):
            if fault.kind == "status":
                return web.Response(status=fault.status, text="told to fail")
        try:
            token = self._tokens.issue(await self._form(request))
        except TokenRefused as refused:
            body = msgspec.json.encode({"error": refused.error})
            return web.Response(status=refused.status, body=body, content_type="application/json")
        self._stats.tokens += 1
        body = msgspec.json.encode(
            {"access_token": token, "token_type": "Bearer", "expires_in": int(LIFETIME.total_seconds())}
        )
        return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})

    async def _form(self, request: web.Request) -> dict[str, str]:
        refusal = self._mischief.present.refuse_credentials
        if refusal is not None:
            raise TokenRefused("invalid_client", refusal)
        if request.content_type != _FORM:
            raise TokenRefused("invalid_request")
        posted = await request.post()
        return {name: value for name, value in posted.items() if isinstance(value, str)}
