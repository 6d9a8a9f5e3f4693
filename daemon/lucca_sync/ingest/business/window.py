"""Raw events that wait until all that belongs together has arrived: one window for each person. Pure.

What belongs together is told by when it was recorded, not by when it is read: after a crash, or behind a
backlog, the same events fall into the same groups. So whatever may become known late as a person's has a
window beside the person's own. Only places are kept here, never contents.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple


class Spot(NamedTuple):
    """Where a raw event stands in the journal, and when it was recorded."""

    position: int
    recorded: datetime


class Group(NamedTuple):
    """Events of one person that belong together, in journal order, and the window that they waited in."""

    person: str
    spots: Sequence[Spot]
    beside: str = ""


@dataclass(slots=True)
class Windows:
    """What was read and not folded yet, by person, in journal order."""

    span: timedelta
    _waiting: dict[str, list[Spot]] = field(default_factory=dict[str, list[Spot]])
    _beside: dict[str, dict[str, list[Spot]]] = field(default_factory=dict[str, dict[str, list[Spot]]])
    """What waits apart from a person's own events, by the name of its window; few people have such."""
    _people: set[str] = field(default_factory=set[str])
    _recorded: datetime | None = None

    def add(self, person: str, position: int, recorded: datetime, beside: str = "") -> None:
        """Take an event in, where a window `beside` the person's own is named into that one."""
        if self._recorded is None or recorded != self._recorded:
            self._recorded = recorded  # those of one transaction share theirs: there may be very many
        windows, name = (self._beside.setdefault(person, {}), beside) if beside else (self._waiting, person)
        windows.setdefault(name, []).append(Spot(position, self._recorded))
        self._people.add(person)

    def __contains__(self, person: object) -> bool:
        return person in self._people

    def __len__(self) -> int:
        """Return how many people's events wait."""
        return len(self._people)

    def first_of(self, person: str) -> Spot | None:
        """Return a person's event that stands first in the journal."""
        return min((spot for _, spots in self._of(person) for spot in spots), default=None)

    def oldest(self) -> int | None:
        """Return the position of the event that stands first in the journal."""
        return min((spot.position for spot in self._all()), default=None)

    def earliest(self) -> datetime | None:
        """Return when the first of those that wait was recorded."""
        return min((spot.recorded for spot in self._all()), default=None)

    def any_closed(self, until: datetime) -> bool:
        """Tell whether any window has ended by `until`."""
        return any(self._first_closed(who, until) is not None for who in self._people)

    def closed(self, until: datetime) -> Sequence[Group]:
        """Return each person's first group whose window ended by `until`, in journal order of the persons.

        What was recorded beyond the next window comes from before the clock was set back: it waits no longer.
        """
        found = [group for who in self._people if (group := self._first_closed(who, until)) is not None]
        return sorted(found, key=_place)

    def _first_closed(self, person: str, until: datetime) -> Group | None:
        closed = [
            Group(person, spots, beside)
            for beside, spots in self._of(person)
            if abs(until - spots[0].recorded) >= self.span
        ]
        return self._cut(min(closed, key=_place)) if closed else None

    def _cut(self, group: Group) -> Group:
        spots = group.spots
        end = spots[0].recorded + self.span
        size = next((at for at, spot in enumerate(spots) if at and spot.recorded >= end), len(spots))
        return group._replace(spots=spots[:size])

    def drop(self, group: Group) -> None:
        """Forget a group that was folded."""
        beside = self._beside.get(group.person, {})
        windows, name = (beside, group.beside) if group.beside else (self._waiting, group.person)
        left = windows[name][len(group.spots) :]
        if left:
            windows[name] = left
        else:
            del windows[name]
        if group.beside and not beside:
            del self._beside[group.person]
        if next(self._of(group.person), None) is None:
            self._people.discard(group.person)

    def forget(self, person: str) -> None:
        """Forget all that waits of a person."""
        self._waiting.pop(person, None)
        self._beside.pop(person, None)
        self._people.discard(person)

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._beside.clear()
        self._people.clear()

    def _of(self, person: str) -> Iterator[tuple[str, list[Spot]]]:
        own = self._waiting.get(person)
        if own is not None:
            yield "", own
        yield from self._beside.get(person, {}).items()

    def _all(self) -> Iterator[Spot]:
        for spots in self._waiting.values():
            yield from spots
        for windows in self._beside.values():
            for spots in windows.values():
                yield from spots


def _place(group: Group) -> int:
    return group.spots[0].position
