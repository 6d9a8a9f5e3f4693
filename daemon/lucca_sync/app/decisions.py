"""What people decide about held changes: left in the journal by the command, taken up by the daemon.

Knows the notes and the brakes; how a decision is carried out is the brake's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import anyio
import structlog

from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.held import (
    DECIDED,
    decision_key,
    decode_decision,
    resources_in,
)
from lucca_sync.ingest.watcher import Watcher
from lucca_sync.journal.protocol import Journal, ResourceName, StoreError

_PAUSE: Final = 2.0
"""Seconds between two looks for decisions."""
_LOG: Final = structlog.get_logger("lucca_sync.app")


@dataclass(slots=True)
class Decisions:
    """Takes decisions about one tenant out of the journal; hands each to the brake that it is about.

    What is decided about a tenant that nobody watches waits until somebody does.
    """

    journal: Journal
    tenant: str
    watches: Sequence[Watcher]
    gate: StoreGate

    async def begin(self) -> None:
        """Take up what was held, and what was decided, while the daemon was away."""
        for watch in self.watches:
            await watch.post.brake.load()
        await self.look()

    async def run(self) -> None:
        """Look for decisions, for ever."""
        step = self.begin
        while True:
            try:
                await step()
                step = self.look
            except StoreError as error:
                self.gate.report(error)
            await anyio.sleep(_PAUSE)

    async def look(self) -> None:
        """Take up every decision that waits."""
        notes = await self.journal.notes(f"{DECIDED}{self.tenant}/")
        for name, note in resources_in(notes, DECIDED).items():
            watch = self._watches.get(name)
            decision = decode_decision(note)
            if watch is None or decision is None:
                _LOG.warning("brake_decision_without_resource", **name._asdict())
            elif await watch.post.brake.decide(decision):
                watch.look_anew()
                held = watch.post.brake.held
                if held is not None and held.counts.get("created"):
                    watch.survey_now()
            if await self.journal.note(decision_key(name)) == note:  # else somebody has decided otherwise
                await self.journal.drop_note(decision_key(name))

    @property
    def _watches(self) -> Mapping[ResourceName, Watcher]:
        return {watch.post.watched.name: watch for watch in self.watches}
