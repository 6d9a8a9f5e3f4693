"""How routes and their targets stand, and a person's hand on them: hold one back, let it go on.

Works on the store itself, beside a running daemon (which looks every second) and without one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lucca_sync.app.stores import opened_desk, reading_store
from lucca_sync.egress.holding import (
    PAUSED,
    TARGETS,
    Hold,
    Pause,
    encoded,
    holds,
    paused_key,
    pauses,
    target_key,
)
from lucca_sync.journal.protocol import LaneStatus
from lucca_sync.model.delivery import OPEN_STATES, Lane

_NOTHING = LaneStatus({}, None)


@dataclass(frozen=True, slots=True)
class LaneNow:
    """A lane with its deliveries; `configured` is False for one that the settings no longer name."""

    lane: Lane
    status: LaneStatus
    pause: Pause | None
    hold: Hold | None
    configured: bool

    @property
    def waiting(self) -> int:
        """How many deliveries are open."""
        return sum(self.status.counts.get(state, 0) for state in OPEN_STATES)


async def lanes_now(store: Path, configured: Collection[Lane]) -> Sequence[LaneNow]:
    """Return every lane that the settings name, or that still has something open or dead."""
    async with reading_store(store) as reader:
        standing = await reader.lanes()
        paused = pauses(await reader.notes(PAUSED))
        held = holds(await reader.notes(TARGETS))
    found = [
        LaneNow(
            lane,
            standing.get(lane, _NOTHING),
            paused.get(lane.route),
            held.get(lane.connector),
            lane in configured,
        )
        for lane in sorted({*configured, *standing})
    ]
    return [one for one in found if one.configured or any(one.status.counts.values())]


async def pause(store: Path, routes: Sequence[str], reason: str, at: datetime) -> None:
    """Have nothing travel along routes until they are resumed."""
    async with opened_desk(store) as desk:
        for route in routes:
            await desk.write_note(paused_key(route), encoded(Pause(at, reason)))


async def resume(store: Path, routes: Sequence[str], connectors: Sequence[str]) -> None:
    """Let paused routes go on, and targets be tried again whatever they said or did."""
    async with opened_desk(store) as desk:
        for key in (*map(paused_key, routes), *map(target_key, connectors)):
            await desk.drop_note(key)


def paused_among(lanes: Sequence[LaneNow]) -> Mapping[str, Pause]:
    """Return the routes that are paused."""
    return {one.lane.route: one.pause for one in lanes if one.pause is not None}


def held_among(lanes: Sequence[LaneNow]) -> Mapping[str, Hold]:
    """Return the targets that are left alone."""
    return {one.lane.connector: one.hold for one in lanes if one.hold is not None}
