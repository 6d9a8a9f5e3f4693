"""Raw events that wait until all that belongs together has arrived: one window for each person. Pure.

What belongs together is told by when it was recorded, not by when it is read: after a crash, or behind a
backlog, the same events fall into the same groups.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lucca_sync.ingest.business.person import Raw


@dataclass(slots=True)
class Windows:
    """What was read and not folded yet, by person, in journal order."""

    span: timedelta
    _waiting: dict[str, list[Raw]] = field(default_factory=dict[str, list[Raw]])

    def add(self, raw: Raw) -> None:
        """Take an event in."""
        self._waiting.setdefault(raw.person, []).append(raw)

    def __contains__(self, person: object) -> bool:
        return person in self._waiting

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def oldest(self) -> Raw | None:
        """Return the event that has waited longest by its position."""
        return min((raws[0] for raws in self._waiting.values()), key=_position, default=None)

    def earliest(self) -> datetime | None:
        """Return when the first of those that wait was recorded."""
        return min((raw.event.recorded for raws in self._waiting.values() for raw in raws), default=None)

    def closed(self, until: datetime) -> Iterator[Sequence[Raw]]:
        """Give each person's first group whose window ended by `until`, in journal order of the persons.

        What was recorded beyond the next window comes from before the clock was set back: it waits no longer.
        """
        for raws in sorted(self._waiting.values(), key=lambda raws: raws[0].position):
            if abs(until - raws[0].event.recorded) >= self.span:
                yield self._first_group(raws)

    def _first_group(self, raws: Sequence[Raw]) -> Sequence[Raw]:
        end = raws[0].event.recorded + self.span
        size = next((at for at, raw in enumerate(raws) if at and raw.event.recorded >= end), len(raws))
        return raws[:size]

    def drop(self, group: Sequence[Raw]) -> None:
        """Forget a group that was folded."""
        person = group[0].person
        self._waiting[person] = self._waiting[person][len(group) :]
        if not self._waiting[person]:
            del self._waiting[person]

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()


def _position(raw: Raw) -> int:
    return raw.position
