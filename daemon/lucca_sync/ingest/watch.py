"""Watching one resource for as long as the daemon runs: when to sweep, what to do about trouble.

Trouble with one resource never stops another, is logged when it begins and when it ends, and never loops.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import anyio
import structlog

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import UnreadablePage
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.sweep import Sweep
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.lucca.errors import (
    CredentialsRefused,
    CursorLost,
    ForeignLink,
    Refused,
    ScopeMissing,
    SourceError,
    Unavailable,
    Unreadable,
)

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_REFUSED_PAUSE: Final = 600.0
"""Seconds before asking again what a person must first repair in Lucca."""
_REFUSALS_BELIEVED: Final = 3
"""An odd status may be a gateway's; so many in a row are Lucca's own word."""
_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 300.0
_REFUSALS: Final = ("credentials", "scope", "refused")
_USELESS_CURSOR: Final = (CursorLost, UnreadablePage, ForeignLink, Unreadable)
"""After these a sweep cannot go on where it stood."""


class Standing(Protocol):
    """Is told what Lucca refuses, for readiness and `check`."""

    def refused(self, tenant: str, resource: str, reason: str, advice: str) -> None:
        """Note that a resource cannot be looked at until a person acts."""
        ...

    def granted(self, tenant: str, resource: str) -> None:
        """Note that a resource can be looked at."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a look failed, in a closed set of reasons, and what a person should know."""

    reason: str
    detail: str


def trouble_of(error: Exception) -> Trouble:
    """Name the trouble behind an error that a look may end with."""
    match error:
        case CredentialsRefused() | SecretUnreadable():
            reason = "credentials"
        case ScopeMissing():
            reason = "scope"
        case Refused():
            reason = "refused"
        case Unavailable():
            reason = error.reason
        case _:
            reason = "unreadable"
    return Trouble(reason, str(error))


@dataclass(slots=True)
class Watch:
    """Sweeps one resource again and again. `draw` gives numbers from 0 to 1 for jitter."""

    lookout: Lookout
    watched: Watched
    gate: StoreGate
    standing: Standing
    draw: Callable[[], float]
    _absentees: Absentees = field(init=False)
    _trouble: Trouble | None = None
    _failures: int = 0
    _afresh: bool = False

    def __post_init__(self) -> None:
        self._absentees = Absentees(self.lookout, self.watched)

    async def run(self) -> None:
        """Sweep when due, for ever."""
        await anyio.sleep(await self._first_wait())
        await self.gate.passed()
        # Resources that began together are spread over time: the second look comes early, by chance.
        await anyio.sleep(await self.once() * self.draw())
        while True:
            await self.gate.passed()
            await anyio.sleep(await self.once())

    async def _first_wait(self) -> float:
        """Keep the rhythm over a restart; an unfinished sweep goes on at once."""
        state = await self.lookout.journal.state(self.watched.name)
        if state.swept is not None:
            self._mark(state.swept, state.records)
        if state.swept is None or state.cursor is not None:
            return 0.0
        age = (self.lookout.clock.now() - state.swept).total_seconds()
        return min(max(0.0, self.watched.every - age), self.watched.every)

    @property
    def failing(self) -> bool:
        """Whether the last sweep ended in trouble or missed a page."""
        return self._trouble is not None

    async def once(self) -> float:
        """Make one sweep; return the seconds to wait before the next."""
        started = self.lookout.clock.now()
        try:
            complete = await self._sweep()
        except StoreError as error:
            self._announce(Trouble("store", str(error)))
            self.gate.close(error)
            return 0.0
        except (SourceError, SecretUnreadable, UnreadablePage) as error:
            self._afresh = self._afresh or isinstance(error, CursorLost)
            return await self._failed(trouble_of(error), anew=isinstance(error, _USELESS_CURSOR))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one resource must not stop the others
            _LOG.error("look_broke_down", **self._labels(), exc_info=error)
            return await self._failed(Trouble("internal", type(error).__name__), anew=True)
        took = (self.lookout.clock.now() - started).total_seconds()
        if complete:
            self._recovered()
            self.lookout.metrics.look_duration.labels(*self.watched.name).observe(took)
        return max(0.0, self.watched.every - took)

    async def _sweep(self) -> bool:
        ended = await Sweep(self.lookout, self.watched, afresh=self._afresh).run()
        self._afresh = False
        if not ended.complete:
            self._announce(Trouble("unreadable", "some pages could not be read and were passed over"))
            return False
        await self._absentees.settle()
        state = await self.lookout.journal.state(self.watched.name)
        self._mark(state.swept or self.lookout.clock.now(), state.records)
        return True

    def _mark(self, swept: datetime, records: int) -> None:
        self.lookout.metrics.look_last_success.labels(*self.watched.name).set(swept.timestamp())
        self.lookout.metrics.records.labels(*self.watched.name).set(records)

    async def _failed(self, trouble: Trouble, *, anew: bool) -> float:
        """Say what is wrong and return how long to leave it; `anew`: the cursor is of no use any more."""
        self._failures += 1
        self._announce(trouble)
        if anew:
            try:
                await self.lookout.journal.save_cursor(self.watched.name, None)
            except StoreError as error:
                self.gate.report(error)
        blip = trouble.reason == "refused" and self._failures < _REFUSALS_BELIEVED
        if trouble.reason in _REFUSALS and not blip:
            return _REFUSED_PAUSE
        longest = min(_FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10), _LONGEST_PAUSE)
        return float(longest * (0.5 + self.draw() / 2))

    def _announce(self, trouble: Trouble) -> None:
        """Count it; say it only when it begins or turns into another."""
        self.lookout.metrics.look_errors.labels(*self.watched.name, trouble.reason).inc()
        known, self._trouble = self._trouble, trouble
        if known is not None and known.reason == trouble.reason:
            return
        _LOG.warning("look_failed", **self._labels(), reason=trouble.reason, detail=trouble.detail)
        if trouble.reason in _REFUSALS:
            self.standing.refused(*self.watched.name, trouble.reason, trouble.detail)
        self._show_refusal(trouble.reason)

    def _recovered(self) -> None:
        if self._trouble is not None:
            _LOG.info("look_recovered", **self._labels(), after=self._trouble.reason)
        self._trouble, self._failures = None, 0
        self.standing.granted(*self.watched.name)
        self._show_refusal(None)

    def _show_refusal(self, reason: str | None) -> None:
        for refusal in _REFUSALS:
            gauge = self.lookout.metrics.access_refused.labels(*self.watched.name, refusal)
            gauge.set(1 if refusal == reason else 0)

    def _labels(self) -> dict[str, str]:
        return {"tenant": self.watched.name.tenant, "resource": self.watched.name.resource}
