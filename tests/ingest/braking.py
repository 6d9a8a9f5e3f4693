"""Scenes for the brake: many employees on large pages, changed all at once, and what a person decides."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from lucca_sync.ingest.held import Decision, Held, Verdict
from lucca_sync.ingest.source import Watched
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.values import Json
from tests.ingest.tenant import FakeTenant
from tests.ingest.watching import NAME, START, Scene, staff

LATER: Final = "2026-02-02T00:00:00Z"
EARLIER: Final = "2025-06-01T00:00:00Z"


def of(resource: str) -> Watched:
    """Watch another resource of the same tenant."""
    return Watched(ResourceName(NAME.tenant, resource), CATALOGUE[resource], "https://acme", every=60.0)


async def crowd(
    count: int = 200, *, page: int = 20, journal: MemoryJournal | None = None, watched: Watched | None = None
) -> Scene:
    """Return a scene of so many employees whose baseline is done."""
    tenant = staff(count)
    tenant.page_size = page
    scene = Scene(tenant, journal, watched)
    await scene.look()
    return scene


def change(tenant: FakeTenant, ids: Iterable[object], **fields: Json) -> None:
    """Change records as a person would: their clocks move."""
    for record_id in list(ids):
        tenant.put(str(record_id), **{"lastUpdatedAt": LATER, **fields})


async def restarted(scene: Scene) -> Scene:
    """Return the same with a new daemon."""
    assert isinstance(scene.journal, MemoryJournal)
    return Scene(scene.tenant, scene.journal, replace(scene.watched))


async def decided(scene: Scene, verdict: Verdict) -> bool:
    """Decide about what is held."""
    held = held_of(scene)
    return await scene.post.brake.decide(
        Decision(verdict=verdict, since=held.since, at=START + timedelta(hours=1))
    )


def held_of(scene: Scene) -> Held:
    """Return what is held; fail when nothing is."""
    held = scene.post.brake.held
    assert held is not None, "nothing is held"
    return held


async def kinds(scene: Scene) -> dict[str, int]:
    """Return how many events of each kind there are."""
    events = await scene.events()
    return {
        kind: sum(event.kind == kind for event in events) for kind in sorted({event.kind for event in events})
    }
