"""The planner: which of a resource's pages is asked for next.

Pure. The page with the largest `rate × age²` comes first, where the rate of changes is learned as pages are
asked; whatever changes elsewhere, each page comes at least once in twice as many turns as there are pages.
Seconds are those of one clock, whichever the caller has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_HALF_LIFE: Final = 12 * 3600.0
"""Seconds after which what was seen counts half: long enough to learn from few changes."""
_PRIOR: Final = 0.5
"""How many changes it takes to weigh as much as the belief that a page changes as often as the others."""
_CYCLES: Final = 2
"""A page waits no longer than so many times the turns that all pages take once."""


@dataclass(slots=True)
class _Page:
    """What is known of one page: when it was asked (time and turn), and how often it was seen to change."""

    asked: float
    turn: int
    changes: float = 0.0
    watched: float = 0.0
    """Decayed seconds over which `changes` were counted."""


class Planner:
    """Plans the turns of one resource. Pages are known by their slots."""

    def __init__(self) -> None:
        self._pages: dict[int, _Page] = {}  # in the order in which they were asked, the longest ago first
        self._turn = 0

    def __len__(self) -> int:
        return len(self._pages)

    def __contains__(self, slot: int) -> bool:
        return slot in self._pages

    def __iter__(self) -> Iterator[int]:
        return iter(self._pages)

    def add(self, slot: int, asked: float) -> None:
        """Take in a page that was last asked for at `asked`, before all that comes from now on."""
        self._pages[slot] = _Page(asked, self._turn)

    def drop(self, slot: int) -> None:
        """Forget a page."""
        self._pages.pop(slot, None)

    def asked(self, slot: int, now: float, changes: int | None) -> None:
        """Note that a page was asked for, and how many of its records had changed: None when it is not known.

        One that could not be read has had its turn too: it must not keep the others from theirs.
        """
        page = self._pages.pop(slot)
        self._turn += 1
        if changes is not None:
            passed = max(0.0, now - page.asked)
            kept = 0.5 ** (passed / _HALF_LIFE)
            page.changes = page.changes * kept + changes
            page.watched = page.watched * kept + passed
        page.asked, page.turn = now, self._turn
        self._pages[slot] = page

    def oldest(self) -> float | None:
        """Return when the page was asked for that was asked for longest ago."""
        return min((page.asked for page in self._pages.values()), default=None)

    def next(self, now: float) -> int | None:
        """Return the page to ask for next, None when there is none."""
        usual = self._usual()
        best, most = None, -1.0
        for slot, page in self._allowed():
            age = now - page.asked
            weight = _rate(page, usual) * age * age
            if weight > most:
                best, most = slot, weight
        return best

    def _usual(self) -> float:
        """Return the rate of changes of all pages together; any number will do while nothing has changed."""
        changes = sum(page.changes for page in self._pages.values())
        watched = sum(page.watched for page in self._pages.values())
        return changes / watched if changes > 0 and watched > 0 else 1.0

    def _allowed(self) -> Iterator[tuple[int, _Page]]:
        """Give the pages that may be asked for now so that each of the others still comes in time.

        Were all others asked in the order of their age from the next turn on, the one at place k would have
        its turn k turns from now: if that is too late for it, no page behind it can be asked first.
        """
        latest = _CYCLES * len(self._pages)
        for place, (slot, page) in enumerate(self._pages.items(), start=1):
            yield slot, page
            if self._turn + 1 + place > page.turn + latest:
                return


def _rate(page: _Page, usual: float) -> float:
    """Estimate a page's changes a second: what was counted, drawn towards the usual while that is little."""
    return (page.changes + _PRIOR) / (page.watched + _PRIOR / usual)
