"""Raw events that wait until all that belongs together has arrived: one window for each person. Pure.

What belongs together is told by when it was recorded, not by when it is read: after a crash, or behind a
backlog, the same events fall into the same groups. Only their places are kept here, never their contents.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple


class Spot(NamedTuple):
    """Where a raw event stands in the journal, and when it was recorded."""

    position: int
    recorded: datetime


class Group(NamedTuple):
    """Events of one person that belong together, in journal order."""

    person: str
    spots: Sequence[Spot]


@dataclass(slots=True)
class Windows:
    """What was read and not folded yet, by person, in journal order."""

    span: timedelta
    _waiting: dict[str, list[Spot]] = field(default_factory=dict[str, list[Spot]])
    _recorded: datetime | None = None

    def add(self, person: str, position: int, recorded: datetime) -> None:
        """Take an event in."""
        if self._recorded is None or recorded != self._recorded:
            self._recorded = recorded  # those of one transaction share theirs: there may be very many
        self._waiting.setdefault(person, []).append(Spot(position, self._recorded))

    def __contains__(self, person: object) -> bool:
        return person in self._waiting

    def __len__(self) -> int:
        """Return how many people's events wait."""
        return len(self._waiting)

    def first_of(self, person: str) -> Spot | None:
        """Return a person's event that stands first in the journal."""
        return min(self._waiting.get(person, ()), default=None)

    def oldest(self) -> int | None:
        """Return the position of the event that stands first in the journal."""
        return min((spot.position for spots in self._waiting.values() for spot in spots), default=None)

    def earliest(self) -> datetime | None:
        """Return when the first of those that wait was recorded."""
        return min((spot.recorded for spots in self._waiting.values() for spot in spots), default=None)

    def any_closed(self, until: datetime) -> bool:
        """Tell whether any window has ended by `until`."""
        return any(self._is_closed(spots, until) for spots in self._waiting.values())

    def closed(self, until: datetime) -> Sequence[Group]:
        """Return each person's first group whose window ended by `until`, in journal order of the persons.

        What was recorded beyond the next window comes from before the clock was set back: it waits no longer.
        """
        found = [
            (spots[0].position, who) for who, spots in self._waiting.items() if self._is_closed(spots, until)
        ]
        return [self._first_group(who) for _, who in sorted(found)]

    def _is_closed(self, spots: Sequence[Spot], until: datetime) -> bool:
        return abs(until - spots[0].recorded) >= self.span

    def _first_group(self, person: str) -> Group:
        spots = self._waiting[person]
        end = spots[0].recorded + self.span
        size = next((at for at, spot in enumerate(spots) if at and spot.recorded >= end), len(spots))
        return Group(person, spots[:size])

    def drop(self, group: Group) -> None:
        """Forget a group that was folded."""
        left = self._waiting[group.person][len(group.spots) :]
        if left:
            self._waiting[group.person] = left
        else:
            del self._waiting[group.person]

    def forget(self, person: str) -> None:
        """Forget all that waits of a person."""
        self._waiting.pop(person, None)

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
