"""Takes up changed settings while the daemon runs: read whole and checked first, then in force, or not.

Knows when and whether; what has to change is told by whoever applies them.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import anyio
import structlog

from lucca_sync.kit.bell import Bell
from lucca_sync.kit.clock import Clock
from lucca_sync.obs.metrics import Metrics
from lucca_sync.registry import Plan
from lucca_sync.settings.model import Settings
from lucca_sync.settings.problems import Problem, SettingsError

_LOG: Final = structlog.get_logger("lucca_sync.app")
_STAY: Final = "the settings of before stay in force; `lucca-sync check` tells the same"
_RESTART: Final = "these are taken up by a start only: restart, or take them back; nothing else was taken up"


class Wishes:
    """Whether somebody wants the settings read again. Wishes that come together are one."""

    def __init__(self) -> None:
        self._wished = False
        self._bell = Bell()

    def wish(self) -> None:
        """Ask for it; at any time, before anybody waits as well."""
        self._wished = True
        self._bell.ring()

    async def next(self) -> None:
        """Wait for a wish and take it up: what is read from now on is what it meant."""
        ring = self._bell.next_ring()
        if not self._wished:
            await ring.wait()
        self._wished = False


def fixed_by_start(before: Settings, after: Settings) -> Iterator[str]:
    """Name the settings that differ and are only taken up by a start."""
    if before.store != after.store:
        yield "store"
    if before.server.listen != after.server.listen:
        yield "server.listen"


class Reloading:
    """Reads the settings again whenever that is wished, and has them applied if nothing speaks against it."""

    def __init__(
        self,
        read: Callable[[], Plan],
        apply: Callable[[Plan], Awaitable[None]],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._read = read
        self._apply = apply
        self._metrics = metrics
        self._clock = clock

    async def run(self, wishes: Wishes, present: Plan) -> None:
        """Take wishes up one after the other, for ever; `present` is in force."""
        self._in_force()
        while True:
            await wishes.next()
            present = await self._once(present)

    async def _once(self, present: Plan) -> Plan:
        """Return what is in force now."""
        plan = await self._readable()
        if plan is None:
            return present
        fixed = list(fixed_by_start(present.loaded.settings, plan.loaded.settings))
        if fixed:
            self._refuse("refused", settings=fixed, advice=_RESTART)
            return present
        await self._apply(plan)
        self._metrics.config_reloads.labels("applied").inc()
        self._in_force()
        return plan

    async def _readable(self) -> Plan | None:
        """Read the settings beside the loop; tell of every problem, without a value."""
        try:
            return await anyio.to_thread.run_sync(self._read, abandon_on_cancel=True)
        except SettingsError as error:
            for problem in error.problems:
                _tell_problem(problem)
            self._refuse("invalid", problems=len(error.problems), advice=_STAY)
        except Exception as fault:  # noqa: BLE001 - a fault in reading must not end what runs well
            self._refuse("failed", error=type(fault).__name__, advice=_STAY)
        return None

    def _refuse(self, outcome: str, **why: object) -> None:
        _LOG.error("settings_not_reloaded", outcome=outcome, **why)
        self._metrics.config_reloads.labels(outcome).inc()
        self._metrics.config_last_reload_successful.set(0)

    def _in_force(self) -> None:
        """Show that the settings as last read are those in force."""
        self._metrics.config_last_reload_successful.set(1)
        self._metrics.config_last_reload_success.set(self._clock.now().timestamp())


def _tell_problem(problem: Problem) -> None:
    _LOG.error(
        "settings_problem",
        file=problem.file,
        line=problem.line,
        column=problem.column,
        path=problem.path,
        message=problem.message,
    )
