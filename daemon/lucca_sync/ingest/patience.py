"""What to do about trouble with one resource: name it, say it once, leave it alone for a fitting time.

Trouble with one resource never stops another, is logged when it begins and when it ends, and never loops.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import anyio
import structlog

from lucca_sync.ingest.decode import UnreadablePage
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import ResourceName, StoreError
from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.lucca.errors import CredentialsRefused, Refused, ScopeMissing, SourceError, Unavailable
from lucca_sync.model.event import Eye

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_REFUSED_PAUSE: Final = 600.0
"""Seconds before asking again what a person must first repair in Lucca."""
_REFUSALS_BELIEVED: Final = 3
"""An odd status may be a gateway's; so many in a row are Lucca's own word."""
_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 300.0
_REFUSALS: Final = ("credentials", "scope", "refused")


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


@dataclass(frozen=True, slots=True)
class Setback:
    """A look that failed: the error, and the seconds to wait before another."""

    error: Exception
    pause: float


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
        case SourceError() | UnreadablePage():
            reason = "unreadable"
        case _:
            return Trouble("internal", type(error).__name__)
    return Trouble(reason, str(error))


@dataclass(slots=True)
class Patience:
    """Bears with one eye on one resource. `draw` gives numbers from 0 to 1 for jitter.

    `standing` is told what is refused, if it is given: one eye is enough to tell it.
    """

    lookout: Lookout
    name: ResourceName
    gate: StoreGate
    draw: Callable[[], float]
    eye: Eye = "sweep"
    standing: Standing | None = None
    _trouble: Trouble | None = None
    _failures: int = 0

    @property
    def tried(self) -> bool:
        """Whether the last look ended in trouble or missed something."""
        return self._trouble is not None

    async def bear(self, look: Callable[[], Awaitable[bool]]) -> Setback | None:
        """Take one look, which says whether it saw everything; give the setback if it failed."""
        try:
            whole = await look()
        except StoreError as error:
            self._announce(Trouble("store", str(error)))
            self.gate.close(error)
            return Setback(error, 0.0)
        except (SourceError, SecretUnreadable, UnreadablePage) as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one resource must not stop the others
            _LOG.error("look_broke_down", **self._labels(), exc_info=error)
            return self._failed(error)
        if whole:
            self._recovered()
        else:
            self._announce(
                Trouble("unreadable", "some pages or records could not be read: they were passed over")
            )
            self._answered()
        return None

    async def first_wait(self, wait: Callable[[], Awaitable[float]]) -> float:
        """Ask how many seconds to wait before the first look: none where the store can't tell."""
        try:
            return await wait()
        except StoreError as error:
            self.gate.report(error)
            return 0.0

    async def keep(
        self, look: Callable[[], Awaitable[bool]], rest: Callable[[], float], *, at_once: bool = False
    ) -> None:
        """Look again and again, for ever, `rest()` seconds apart; begin at once or within the first rest."""
        if not at_once:
            await anyio.sleep(rest() * self.draw())
        rested = 0.0
        while True:
            await self.gate.passed(rested)
            setback = await self.bear(look)
            rested = rest() if setback is None else setback.pause
            await anyio.sleep(rested)

    def _failed(self, error: Exception) -> Setback:
        trouble = trouble_of(error)
        if isinstance(error, ScopeMissing):
            self.lookout.refused[self.name.resource] = self.lookout.clock.now()
        self._failures += 1
        self._announce(trouble)
        return Setback(error, self._pause(trouble))

    def _pause(self, trouble: Trouble) -> float:
        blip = trouble.reason == "refused" and self._failures < _REFUSALS_BELIEVED
        if trouble.reason in _REFUSALS and not blip:
            return _REFUSED_PAUSE
        longest = min(_FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10), _LONGEST_PAUSE)
        return float(longest * (0.5 + self.draw() / 2))

    def _announce(self, trouble: Trouble) -> None:
        """Count it; say it only when it begins or turns into another."""
        self.lookout.metrics.look_errors.labels(*self.name, trouble.reason).inc()
        known, self._trouble = self._trouble, trouble
        if known is not None and known.reason == trouble.reason:
            return
        if self.standing is not None or trouble.reason not in _REFUSALS:  # one eye is enough to say that
            _LOG.warning("look_failed", **self._labels(), reason=trouble.reason, detail=trouble.detail)
        if self.standing is not None:
            if trouble.reason in _REFUSALS:
                self.standing.refused(*self.name, trouble.reason, trouble.detail)
            self._show_refusal(trouble.reason)

    def _recovered(self) -> None:
        if self._trouble is not None:
            _LOG.info("look_recovered", **self._labels(), after=self._trouble.reason)
        self._trouble = None
        self._answered()

    def _answered(self) -> None:
        """Note that nobody refuses to answer, whatever the answers were."""
        self._failures = 0
        if self.standing is not None:
            self.standing.granted(*self.name)
            self._show_refusal(None)

    def _show_refusal(self, reason: str | None) -> None:
        for refusal in _REFUSALS:
            gauge = self.lookout.metrics.access_refused.labels(*self.name, refusal)
            gauge.set(1 if refusal == reason else 0)

    def _labels(self) -> dict[str, str]:
        return {"tenant": self.name.tenant, "resource": self.name.resource, "eye": self.eye}
