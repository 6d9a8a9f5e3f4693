"""The ledger of truth: every change that the API shows, by record, in the order it came about."""

from collections.abc import Callable, Container, Iterable
from typing import Literal

from msgspec import Struct

ChangeKind = Literal["created", "updated", "deleted"]


class LedgerEntry(Struct, frozen=True):
    """One record that changed."""

    number: int
    """From 1, without gaps."""
    at: str
    """When, in UTC."""
    resource: str
    id: str
    kind: ChangeKind
    what: str
    """The action that brought it about, `midnight` for what the calendar did."""
    fields: tuple[str, ...]
    """The top-level fields that differ, of an update."""


class Difference(Struct, frozen=True):
    """How one record looks different than before."""

    resource: str
    id: str
    kind: ChangeKind
    fields: tuple[str, ...]


Listener = Callable[[LedgerEntry], None]


class Ledger:
    """Entries by number, and those who want to hear of each."""

    def __init__(self) -> None:
        self._entries: list[LedgerEntry] = []
        self._listeners: list[tuple[Listener, Container[str] | None]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def listen(self, listener: Listener, resources: Container[str] | None = None) -> None:
        """Have this called with every entry from now on, or with those about some resources."""
        self._listeners.append((listener, resources))

    def after(self, number: int) -> list[LedgerEntry]:
        """Return the entries whose number is greater."""
        return self._entries[max(number, 0) :]

    def write(self, at: str, what: str, differences: Iterable[Difference]) -> list[LedgerEntry]:
        """Note what differs, and return the entries."""
        entries = [
            LedgerEntry(number, at, item.resource, item.id, item.kind, what, item.fields)
            for number, item in enumerate(differences, len(self._entries) + 1)
        ]
        self._entries += entries
        for entry in entries:
            for listener, resources in self._listeners:
                if resources is None or entry.resource in resources:
                    listener(entry)
        return entries
