"""Builds what derives a tenant's business events, and keeps it going."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import anyio
import structlog

from lucca_sync.app.eyes import Task
from lucca_sync.ingest.business.book import book_of
from lucca_sync.ingest.business.cursor import ASIDE, PREFIX, folded_until
from lucca_sync.ingest.business.deriver import Deriver, Told
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.state import States
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import JournalReader, StoreError
from lucca_sync.model.business import names_of
from lucca_sync.model.event import Event
from lucca_sync.obs.metrics import Metrics
from lucca_sync.settings.business import Business
from lucca_sync.settings.model import Tenant

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_LONGEST_REST: Final = 15.0
_SHORTEST_REST: Final = 0.05
_AFTER_A_FAULT: Final = 60.0


class TenantBusiness:
    """What derives one tenant's business events."""

    def __init__(
        self, name: str, tenant: Tenant, business: Business, lookout: Lookout, gate: StoreGate
    ) -> None:
        self._name = name
        self._lookout = lookout
        self._gate = gate
        self._since: datetime | None = None
        self._well = True
        self._window = business.window.total_seconds()
        self._deriver = Deriver(
            states=States(lookout.journal, name, tenant.url, lookout.route),
            book=book_of(business.rules, tenant.resources, business.notices),
            places=Places(tenant.zone),
            clock=lookout.clock,
            window=business.window,
            told=Told(self._told, self._behind, self._set_aside),
            snapshots=[one for one, how in tenant.resources.items() if how.baseline == "snapshot"],
        )

    def tasks(self) -> Iterator[Task]:
        """What runs for as long as the daemon does."""
        yield f"business:{self._name}", self.run

    async def run(self) -> None:
        """Derive for ever; what goes wrong here stops nothing else, and shows as a growing lag.

        However much is kept: what is not folded can't be removed, and a pause of looking would never end.
        """
        while True:
            await self._gate.writable()
            well = await self._look(hurry=False) is not None
            await anyio.sleep(self._rest() if well else _AFTER_A_FAULT)

    def _rest(self) -> float:
        """Return the seconds until the first window closes; half a window where none is open.

        What is journaled meanwhile has to wait for its own window anyway.
        """
        idle = min(self._window / 2, _LONGEST_REST)
        left = self._window - self._lag()
        return max(min(idle, left) if left > 0 else idle, _SHORTEST_REST)

    async def once(self) -> bool:
        """Derive from all that is journaled, waiting for nothing more; tell whether it went well for all."""
        self._well = True
        while await self._look(hurry=True):
            await anyio.lowlevel.checkpoint()
        return self._well

    async def _look(self, *, hurry: bool) -> bool | None:
        """Take one look, which tells whether something still waits; None when it broke down."""
        try:
            return await self._deriver.look(hurry=hurry)
        except StoreError as error:
            self._well = False
            self._gate.report(error)
            return False
        except Exception as error:  # noqa: BLE001 - a fault of ours here must not stop what looks and delivers
            self._well = False
            _LOG.error("business_broke_down", tenant=self._name, exc_info=error)
            self._behind(self._since or self._lookout.clock.now())
            return None

    def _behind(self, since: datetime | None) -> None:
        """Show how old the oldest change is that was not folded; while nothing works, it grows."""
        self._since = since
        self._lookout.metrics.business_lag.labels(self._name).set(self._lag())

    def _set_aside(self, people: int) -> None:
        self._well = self._well and not people
        self._lookout.metrics.business_set_aside.labels(self._name).set(people)

    def _lag(self) -> float:
        return (self._lookout.clock.now() - self._since).total_seconds() if self._since else 0.0

    def _told(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.business is not None:
                self._lookout.metrics.business_events.labels(self._name, event.business.name).inc()
        if events:
            self._lookout.rouse()


async def unread_by_business(journal: JournalReader, tenants: Sequence[str]) -> datetime | None:
    """Return from when on events have yet to be folded for one of these tenants; None when none does."""
    notes = {**await journal.notes(PREFIX), **await journal.notes(ASIDE)}
    return folded_until(notes, tenants)


def initialise_business(metrics: Metrics, tenant: str, business: Business) -> None:
    """Create every time series about a tenant's business events."""
    metrics.initialise_business(tenant, names_of(business.rules))
