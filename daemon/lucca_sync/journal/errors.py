"""The errors that a journal raises. Loads nothing: whoever starts a command knows them."""

from typing import Literal, TypeAlias

StoreTrouble: TypeAlias = Literal["full", "io", "stalled", "other"]


class StoreError(Exception):
    """The store could not do what was asked; a write may or may not have happened.

    `reason` is `full` (no room left on the disk), `io` (the disk failed), `stalled` (a call has not come back
    for long) or `other`. A write whose `sequence` does not continue what is stored (another writer was
    faster) is refused with `other`: nothing is written.
    """

    def __init__(self, message: str, reason: StoreTrouble = "other") -> None:
        super().__init__(message)
        self.reason: StoreTrouble = reason


class StoreInUse(Exception):
    """Another instance holds this store. Nothing was opened; stop the other one or name another store."""
