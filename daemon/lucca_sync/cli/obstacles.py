"""What keeps a lane from flowing, in words, for programs, and with what a person can do about it."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import anyio

from lucca_sync.app.obstacles import Maintenance, Obstacle, Windows, obstacles_now
from lucca_sync.cli.entries import instant_text
from lucca_sync.cli.output import Cell, Screen
from lucca_sync.egress.holding import Pause
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import rfc3339
from lucca_sync.settings.load import read_maintenance


def windows_in(config: Path) -> Windows:
    """Return the maintenance windows as the settings have them now; none where there are no settings."""
    return Windows(read_maintenance(config, os.environ), SystemClock().now())


def held_back(config: Path, store: Path, lanes: Iterable[Lane]) -> Mapping[Lane, Obstacle]:
    """Return those of some lanes along which nothing goes now, with what keeps it from going."""
    return anyio.run(obstacles_now, store, windows_in(config)).among(lanes)


def obstacle_text(obstacle: Obstacle, now: datetime) -> str:
    """Say in a few words what keeps a lane from flowing."""
    if isinstance(obstacle, Pause):
        return "route paused"
    if isinstance(obstacle, Maintenance):
        return f"maintenance until {instant_text(obstacle.until)}"
    if obstacle.state == "disabled":
        return "target gone"
    if obstacle.until is None or obstacle.until <= now:
        return "target failing, being tried again"
    return f"target failing, tried again {instant_text(obstacle.until)}"


def obstacle_key(obstacle: Obstacle | None) -> str | None:
    """Return the same for programs."""
    if obstacle is None:
        return None
    if isinstance(obstacle, Pause):
        return "paused"
    return "maintenance" if isinstance(obstacle, Maintenance) else obstacle.state


def held_back_as_list(lanes: Mapping[Lane, Obstacle]) -> list[dict[str, object]]:
    """Return lanes along which nothing goes now, for programs."""
    return [
        {
            "route": lane.route,
            "connector": lane.connector,
            "obstacle": obstacle_key(obstacle),
            "until": _until(obstacle),
        }
        for lane, obstacle in lanes.items()
    ]


def _until(obstacle: Obstacle) -> str | None:
    """Return when it ends by itself; None where a person ends it."""
    if isinstance(obstacle, Pause) or obstacle.until is None:
        return None
    by_itself = isinstance(obstacle, Maintenance) or obstacle.state == "open"
    return rfc3339(obstacle.until) if by_itself else None


def tell_what_waits(lanes: Mapping[Lane, Obstacle], out: Screen) -> None:
    """Say along which lanes nothing is sent at once, whatever is queued there, and what would change that."""
    now = SystemClock().now()
    for lane, obstacle in lanes.items():
        command = _way_out(lane, obstacle)
        out.line(
            f"{'→'.join(lane)} waits all the same: {obstacle_text(obstacle, now)}",
            "; " if command else "",
            Cell(command, "cyan"),
        )


def _way_out(lane: Lane, obstacle: Obstacle) -> str:
    if isinstance(obstacle, Maintenance):
        return ""
    which = lane.route if isinstance(obstacle, Pause) else f"--target {lane.connector}"
    return f"lucca-sync routes resume {which}"
