"""What keeps a whole lane from flowing now: its route paused, its target left alone, gone or maintained.

Puts together what the store notes and what the settings say of the week; knows no words for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

from lucca_sync.app.stores import reading_store
from lucca_sync.egress.holding import PAUSED, TARGETS, Hold, Pause, holds, pauses
from lucca_sync.journal.protocol import JournalReader
from lucca_sync.kit.windows import Weekly, standing
from lucca_sync.model.delivery import Lane


class Windows(NamedTuple):
    """When targets are under maintenance, by connector, and what time it is."""

    weekly: Mapping[str, Sequence[Weekly]]
    now: datetime

    def until(self, connector: str) -> datetime | None:
        """Return when the present window ends; None outside of one."""
        week = standing(self.weekly.get(connector, ()), self.now)
        return week.until if week.inside else None


class Maintenance(NamedTuple):
    """A target's maintenance window, and when it ends."""

    until: datetime


Obstacle: TypeAlias = Pause | Hold | Maintenance


@dataclass(frozen=True, slots=True)
class Obstacles:
    """All that holds lanes back: pauses by route, holds by connector, and what time of the week it is."""

    paused: Mapping[str, Pause]
    held: Mapping[str, Hold]
    windows: Windows

    def of(self, lane: Lane) -> Obstacle | None:
        """Return what keeps a lane from flowing, the weightiest first; None when nothing does."""
        pause, hold = self.paused.get(lane.route), self.held.get(lane.connector)
        if pause is not None:
            return pause
        if hold is not None and hold.state == "disabled":
            return hold
        until = self.windows.until(lane.connector)
        return hold if until is None else Maintenance(until)

    def among(self, lanes: Iterable[Lane]) -> Mapping[Lane, Obstacle]:
        """Return those of some lanes along which nothing goes now, with what keeps it from going."""
        found = {lane: self.of(lane) for lane in sorted(set(lanes))}
        return {lane: obstacle for lane, obstacle in found.items() if obstacle is not None}


async def obstacles_in(reader: JournalReader, windows: Windows) -> Obstacles:
    """Return what holds lanes back, as an open store notes it."""
    return Obstacles(pauses(await reader.notes(PAUSED)), holds(await reader.notes(TARGETS)), windows)


async def obstacles_now(store: Path, windows: Windows) -> Obstacles:
    """Return what holds lanes back, as a store notes it; also while a daemon runs on it."""
    async with reading_store(store) as reader:
        return await obstacles_in(reader, windows)
