"""The gate that stops looking while the store takes no writes, or holds too much. Opens again by itself."""

from typing import Final, Protocol

import anyio
import structlog

from lucca_sync.ingest.pressure import Pressure
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.obs.metrics import Metrics

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_PROBE_SECONDS: Final = 5.0
_PROBE_BYTES: Final = 256 * 1024
"""About what a busy page's transaction takes: a disk with room for less would fail again at once."""
_PROBE_NOTE: Final = "store-probe"


class StoreStanding(Protocol):
    """Is told whether the store takes writes (readiness shows it)."""

    def store_failed(self) -> None:
        """Note that the store refuses writes."""
        ...

    def store_ok(self) -> None:
        """Note that the store takes writes."""
        ...


class StoreGate:
    """Closed from a failed write until a probing write gets through; all looks of all tenants wait here.

    `pressure` makes them wait longer, or until it ends.
    """

    def __init__(self, journal: Journal, standing: StoreStanding, metrics: Metrics) -> None:
        self._journal = journal
        self._standing = standing
        self._metrics = metrics
        self._closed = False
        self._page_failed = False
        self._probing = anyio.Lock()
        self.pressure = Pressure()
        metrics.store_writable.set(1)

    def report(self, error: StoreError | None) -> None:
        """Take somebody else's experience: an error closes the gate, a write that went well opens it.

        Not after a page's write has failed: a disk with room for a settlement may have none for a page, and
        looking would begin again at each settlement. That takes a probe.
        """
        if error is not None:
            self._close(error)
        elif self._closed and not self._page_failed:
            self._open()

    async def passed(self, rested: float = 0.0) -> None:
        """Return at once while open; else when the store takes writes again.

        `rested` is how many seconds the caller rests between two looks: more while there is too much to keep.
        """
        await self.pressure.passed(rested)
        await self.writable()

    async def writable(self) -> None:
        """Return at once while open, however much is kept; else when the store takes writes again."""
        while self._closed:
            async with self._probing:  # the others wait here and find the gate open
                if self._closed:
                    await anyio.sleep(_PROBE_SECONDS)
                    await self._probe()

    def close(self, error: StoreError) -> None:
        """Stop looking because a page's write failed; whoever says so must come to `passed` next."""
        self._page_failed = True
        self._close(error)

    def _close(self, error: StoreError) -> None:
        self._metrics.store_write_errors.labels(error.reason).inc()
        self._metrics.store_writable.set(0)
        self._standing.store_failed()
        if not self._closed:
            _LOG.error("store_refuses_writes", reason=error.reason, detail=str(error))
        self._closed = True

    async def _probe(self) -> None:
        """Write as much as a page would, and give the room back."""
        try:
            await self._journal.write_note(_PROBE_NOTE, bytes(_PROBE_BYTES))
            await self._journal.write_note(_PROBE_NOTE, b"")
        except StoreError:
            return
        self._open()

    def _open(self) -> None:
        was_closed, self._closed, self._page_failed = self._closed, False, False
        self._metrics.store_writable.set(1)
        self._standing.store_ok()
        if was_closed:  # somebody else's write may have opened it while a probe was under way
            _LOG.info("store_takes_writes_again")
