"""Derives business events once more, from what a store says was seen, with nobody who disturbs.

Begins with a copy of the store as it was before anything was told, and lets the changes come one by one.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lucca_sync.app.stores import opened_journal
from lucca_sync.model.event import Event
from lucca_sync.registry import load_all
from tests.business.company import Company
from tests.crash.oracle import Announced

_LAST_LOOKS = 5
"""What waits to be known as somebody's is placed by the look after the one that shows whose it is."""


def announced(events: Iterable[Event]) -> Mapping[str, Announced]:
    """Return what business events say, by their ids."""
    return {
        event.id: Announced(
            f"{event.business.name} of {event.business.of}",
            event.record_id,
            event.business.on or "",
            tuple(event.business.because),
        )
        for event in events
        if event.business is not None
    }


async def rederived(before: Path, seen: Sequence[Event], settings: Path) -> Sequence[Event]:
    """Return the business events that follow from changes, given the store as it was before them.

    That is left as it is, so that what was found can be looked into.
    """
    wanted = load_all(settings, {}).loaded.settings
    tenant = wanted.tenants["acme"]
    async with opened_journal(Path(shutil.copy(before, before.with_suffix(".derived")))) as journal:
        company = Company(
            journal,
            watched=list(tenant.resources),
            rules=wanted.business.rules,
            notices=wanted.business.notices,
            zone=tenant.zone,
        )
        deriver = replace(company.deriver(), window=wanted.business.window)
        for event in seen:
            company.clock.at = event.recorded
            await deriver.look()
            if event.record is None:
                await company.remove(event.resource, event.record_id)
            else:
                await company.put(event.resource, {**event.record, "id": event.record_id})
        for _ in range(_LAST_LOOKS):
            company.clock.at += wanted.business.window
            await deriver.look(hurry=True)
        return await company.events()
