"""How routes and their targets stand, and a person's hand on them: hold one back, let it go on.

Works on the store itself, beside a running daemon (which looks every second) and without one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lucca_sync.app.obstacles import Windows, obstacles_in
from lucca_sync.app.stores import opened_desk, reading_store
from lucca_sync.egress.holding import Hold, Pause, encoded, paused_key, target_key
from lucca_sync.journal.protocol import LaneStatus
from lucca_sync.model.delivery import OPEN_STATES, Lane

_NOTHING = LaneStatus({}, None)


@dataclass(frozen=True, slots=True)
class LaneNow:
    """A lane with its deliveries; `configured` is False for one that the settings no longer name.

    `maintenance` is when the target's present window ends, None outside of one.
    """

    lane: Lane
    status: LaneStatus
    pause: Pause | None
    hold: Hold | None
    configured: bool
    maintenance: datetime | None = None

    @property
    def waiting(self) -> int:
        """How many deliveries are open."""
        return sum(self.status.counts.get(state, 0) for state in OPEN_STATES)


async def lanes_now(store: Path, configured: Collection[Lane], windows: Windows) -> Sequence[LaneNow]:
    """Return every lane that the settings name, that still has something open or dead, or is paused."""
    async with reading_store(store) as reader:
        lanes = await reader.lanes()
        obstacles = await obstacles_in(reader, windows)
    found = [
        LaneNow(
            lane,
            lanes.get(lane, _NOTHING),
            obstacles.paused.get(lane.route),
            obstacles.held.get(lane.connector),
            lane in configured,
            windows.until(lane.connector),
        )
        for lane in sorted({*configured, *lanes})
    ]
    return [one for one in found if one.configured or one.pause or any(one.status.counts.values())]


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
