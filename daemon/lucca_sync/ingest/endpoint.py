"""Watches over our webhook endpoint at Lucca: whether it is switched on, and back on after a suspension.

Lucca suspends an endpoint that answers badly, and says nothing: hints simply stop. Knows no addresses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from lucca_sync.ingest.attention import Listening
from lucca_sync.kit.clock import Clock
from lucca_sync.lucca.endpoints import ACTIVE, SUSPENDED, Endpoint, Endpoints
from lucca_sync.lucca.errors import Refused, ScopeMissing
from lucca_sync.obs.metrics import Metrics

HOURLY: Final = 3600.0
SOON: Final = 300.0
UNKNOWN: Final = "unknown"
_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_ADVICE: Final = {
    UNKNOWN: "grant the scope webhook-endpoints.readwrite to the application in Lucca, and a suspension is "
    "noticed and undone; without it only the time of the last webhook tells",
    "missing": "run `lucca-sync hints register`: no endpoint at Lucca leads here",
    "several": "take all but one away in Lucca: several endpoints named lucca-sync lead to this tenant",
    "inactive": "somebody switched the endpoint off in Lucca; there it can be switched on again",
    "suspended": "the endpoint answered badly for a while: it is switched on again, and the hole refilled",
}


@dataclass(slots=True)
class EndpointWatch:
    """Looks after the endpoint of one tenant. `repair` fills the hole that a suspension left."""

    tenant: str
    endpoints: Endpoints
    metrics: Metrics
    clock: Clock
    listening: Listening
    repair: Callable[[], None]
    _said: str = ACTIVE

    async def look(self) -> bool:
        """See how the endpoint stands; switch it on again when Lucca suspended it."""
        began = self.clock.now()
        state, endpoint = await self._state()
        self._say(state)
        if state == SUSPENDED and endpoint is not None:
            self._show(active=False)
            await self.endpoints.activate(endpoint.id)
            state, _ = await self._state()
            self._say(state)
        self._show(active=state == ACTIVE)
        if state == ACTIVE:
            self.listening.works("hint", began)
        return True

    def rest(self) -> float:
        """Return the seconds until the next look: soon where somebody may be about to mend it."""
        return HOURLY if self._said in {ACTIVE, UNKNOWN} else SOON

    async def _state(self) -> tuple[str, Endpoint | None]:
        try:
            ours = await self.endpoints.ours(self.tenant)
        except (ScopeMissing, Refused):
            return UNKNOWN, None
        if len(ours) != 1:
            return ("several" if ours else "missing"), None
        return ours[0].status, ours[0]

    def _show(self, *, active: bool) -> None:
        self.metrics.hints_active.labels(self.tenant).set(int(active))
        if not active:
            self.listening.fails("hint")

    def _say(self, state: str) -> None:
        """Say how it stands when that is news; refill the hole of a suspension, whoever ended it."""
        said, self._said = self._said, state
        if state == said:
            return
        if state == ACTIVE and said == SUSPENDED:
            self.repair()
        if state == ACTIVE:
            _LOG.info("hints_active", tenant=self.tenant, after=said)
        else:
            _LOG.warning("hints_not_active", tenant=self.tenant, state=state, advice=_ADVICE.get(state, ""))
