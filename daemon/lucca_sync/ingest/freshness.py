"""How fresh the view of one resource is: when each page was last looked at, told at every scrape.

Instants are seconds since 1970, those of the requests, not of the answers. Knows nothing of what pages hold.
"""

import math
from datetime import datetime

from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import ResourceName, ResourceState


class Freshness:
    """The ages of one resource's pages.

    Between two cursor sweeps a record may move from page to page, so that only the beginning of the last
    complete sweep bounds the age of what is known; records of a page of fixed address are as old as the page.
    """

    def __init__(self, lookout: Lookout, name: ResourceName) -> None:
        self._clock = lookout.clock
        self._metrics = lookout.metrics
        self._name = name
        self._looked: dict[int, float] = {}
        self._before: float | None = None
        self._whole: float | None = None
        self._fixed = False
        lookout.metrics.oldest_page_age.labels(*name).set_function(lambda: self._age(self.oldest_page()))
        lookout.metrics.staleness_bound.labels(*name).set_function(lambda: self._age(self.bound()))

    def now(self) -> float:
        """Return the present instant."""
        return self._clock.now().timestamp()

    def recall(self, swept: datetime | None) -> None:
        """Take up after a restart: no page is known to be younger than the end of the last complete look."""
        if self._whole is None and swept is not None:
            self._before = self._whole = swept.timestamp()

    def complete(self, state: ResourceState) -> None:
        """Show that all pages were looked at, and what is known since."""
        if state.swept is not None:
            self._metrics.look_last_success.labels(*self._name).set(state.swept.timestamp())
            self._metrics.records.labels(*self._name).set(state.records)

    def looked(self, slot: int, at: float) -> None:
        """Note that a page was looked at by a request sent at `at`."""
        self._looked[slot] = at

    def swept(self, began: float, pages: int) -> None:
        """Note that a sweep that began at `began` is complete."""
        self._looked = {slot: self._looked.get(slot, began) for slot in range(pages)}
        self._whole, self._before, self._fixed = began, None, False

    def fixed(self, pages: int) -> None:
        """Note that there are so many pages of fixed address now; what a new one asks for was just read."""
        if not self._fixed:
            began = self.now() if self._whole is None else self._whole
            self._looked = dict.fromkeys(range(pages), began)
            self._before, self._fixed = None, True
        self._looked = {slot: self._looked.get(slot, self.now()) for slot in range(pages)}

    def page(self, slot: int) -> float:
        """Return when a page of fixed address was last looked at."""
        return self._looked[slot]

    def age(self) -> float:
        """Return the age of the oldest page in seconds."""
        oldest = self.oldest_page()
        return 0.0 if oldest is None else self.now() - oldest

    def oldest_page(self) -> float | None:
        """Return when the page was looked at that was looked at longest ago; None when none ever was."""
        known = [*self._looked.values(), *(() if self._before is None else (self._before,))]
        return min(known, default=self._whole)

    def bound(self) -> float | None:
        """Return before when no change can be unseen; None as long as there is no such instant."""
        return self.oldest_page() if self._fixed else self._whole

    def _age(self, instant: float | None) -> float:
        return math.nan if instant is None else max(0.0, self.now() - instant)
