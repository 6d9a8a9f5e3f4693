"""What records were before they last changed: a row that shows just that may be a stale copy."""

from collections import OrderedDict
from typing import Final

from lucca_sync.ingest.canonical import Canonical
from lucca_sync.journal.protocol import Known, Write

_REMEMBERED: Final = 10_000


class Turned:
    """The former digests of the records of one resource that changed last."""

    def __init__(self) -> None:
        self._former: OrderedDict[str, bytes] = OrderedDict()

    def note(self, write: Write, had: Known | None) -> None:
        """Remember what a record was before this write, be it held back: then it is what it was."""
        if had is None or had.content is None or write.digest == had.digest:
            return
        self._former[write.id] = had.digest
        self._former.move_to_end(write.id)
        if len(self._former) > _REMEMBERED:
            self._former.popitem(last=False)

    def back(self, canonical: Canonical, had: Known) -> bool:
        """Tell whether a record looks again as it did before it last changed, and other than now."""
        return self._former.get(had.id) == canonical.digest != had.digest
