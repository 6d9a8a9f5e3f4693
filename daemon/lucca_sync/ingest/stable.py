"""The layout of stable pages: which records each page of a fixed address asks for by name.

Pure. An address never changes while records come and go elsewhere, so its ETag keeps its worth. Knows nothing
of when a page is asked for, nor of what it shows.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from lucca_sync.lucca.paging import MAX_LIMIT, listed_url, listed_values
from lucca_sync.model.catalogue import Resource

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
"""Values that a comma-separated list can hold, a hundred of them in one address."""
_FEWEST: Final = 5
"""Pages of less would cost more requests than their weight can explain."""


def can_be_listed(values: Iterable[str]) -> bool:
    """Tell whether all values can be asked for in a list."""
    return all(_PLAIN.match(value) for value in values)


class Layout:
    """The pages of one resource by slot, from 0 without gaps; `by` is the filter that takes the values.

    Only addresses are kept: for a hundred thousand records that is a megabyte.
    """

    def __init__(self, resource: Resource, by: str) -> None:
        self._resource = resource
        self._by = by
        self._urls: list[str] = []
        self._most = MAX_LIMIT

    def __len__(self) -> int:
        return len(self._urls)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._urls)))

    def recall(self, urls: Mapping[int, str]) -> None:
        """Take over the pages that were asked for before, by their addresses."""
        self._urls.clear()
        while (url := urls.get(len(self._urls))) and listed_values(url, self._resource, self._by):
            self._urls.append(url)

    def url(self, slot: int) -> str:
        """Return a page's address."""
        return self._urls[slot]

    def values(self, slot: int) -> tuple[str, ...]:
        """Return the values that a page asks for."""
        return listed_values(self._urls[slot], self._resource, self._by)

    def everything(self) -> set[str]:
        """Return the values that any page asks for."""
        return {value for slot in self for value in self.values(slot)}

    def place(self, values: Iterable[str]) -> set[int]:
        """Ask for more values: on the last page while it has room, then on new ones. Return those pages."""
        left = list(values)
        touched: set[int] = set()
        if left and self._urls and (room := self._most - len(self.values(len(self) - 1))) > 0:
            last = len(self) - 1
            self._set(last, (*self.values(last), *left[:room]))
            touched.add(last)
            left = left[room:]
        for start in range(0, len(left), self._most):
            touched.add(len(self))
            self._set(len(self), left[start : start + self._most])
        return touched

    def split(self, slot: int) -> set[int]:
        """Ask for half of a page's values on a page of their own; return both, nothing if it has but a few.

        No page is made larger than that from now on.
        """
        values = self.values(slot)
        half = len(values) // 2
        if half < _FEWEST:
            return set()
        self._most = half
        self._set(slot, values[:half])
        self._set(len(self), values[half:])
        return {slot, len(self) - 1}

    def thin_out(self, living: Collection[str]) -> set[int]:
        """Rebuild the pages of whose values less than half are left; return all pages that are new.

        A page's holes cost nothing until then, and its ETag keeps its worth.
        """
        kept: list[str] = []
        moved: list[str] = []
        touched: set[int] = set()
        for slot in self:
            values = self.values(slot)
            left = [value for value in values if value in living]
            if len(left) * 2 < len(values):
                moved += left
                continue
            if slot != len(kept):
                touched.add(len(kept))
            kept.append(self._urls[slot])
        self._urls = kept
        return touched | self.place(moved)

    def _set(self, slot: int, values: Collection[str]) -> None:
        self._urls[slot : slot + 1] = [listed_url(self._resource, self._by, values)]
