"""Which tenants are at work: started, ended and started anew as the settings want, one by one.

Whose settings are the same is not disturbed. What a tenant has to do is none of its business.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus

from lucca_sync.app.decisions import Decisions
from lucca_sync.app.tenancy import AtWork, Premises, Wanted, opened_tenant
from lucca_sync.kit.supervision import guarded

_LOG: Final = structlog.get_logger("lucca_sync.app")


@dataclass(frozen=True, slots=True)
class _Place:
    """One tenant's tasks, and the settings that they go by."""

    wanted: Wanted
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    ended: anyio.Event = field(default_factory=anyio.Event)


class Moved(NamedTuple):
    """What a reload did to tenants: those that began, were begun anew, and ended."""

    begun: tuple[str, ...]
    anew: tuple[str, ...]
    ended: tuple[str, ...]


class Roster:
    """The tenants at work. Each has tasks of its own, which end together."""

    def __init__(self, premises: Premises, tasks: TaskGroup) -> None:
        self._premises = premises
        self._tasks = tasks
        self._at_work: dict[str, _Place] = {}

    async def keep(self, wanted: Mapping[str, Wanted]) -> Moved:
        """Have exactly these tenants at work, by these settings.

        Tasks are cut short where they wait: what an answer of Lucca's had shown and was not committed yet is
        seen again. A tenant begins only when all that went by its former settings has ended, and goes on from
        its cursors and with what is left of its requests.
        """
        before = {name: each.wanted for name, each in self._at_work.items()}
        await self._end([name for name in before if wanted.get(name) != before[name]])
        for name, former in before.items():
            self._forget(name, former, wanted.get(name))
        for name, each in wanted.items():
            if name not in self._at_work:
                await self._tasks.start(self._work, name, each)
        return Moved(
            tuple(sorted(wanted.keys() - before.keys())),
            tuple(sorted(name for name in wanted.keys() & before.keys() if wanted[name] != before[name])),
            tuple(sorted(before.keys() - wanted.keys())),
        )

    async def end(self) -> None:
        """Have nobody at work any more."""
        await self._end(list(self._at_work))

    async def _end(self, names: Iterable[str]) -> None:
        ending = [self._at_work[name] for name in names]
        for each in ending:
            each.scope.cancel()
        for each in ending:
            await each.ended.wait()

    def _forget(self, name: str, before: Wanted, now: Wanted | None) -> None:
        """Show nothing more of what is no longer watched."""
        premises = self._premises
        kept = now.tenant.resources if now is not None else {}
        for resource in before.tenant.resources.keys() - kept.keys():
            premises.metrics.forget(tenant=name, resource=resource)
            premises.health.granted(name, resource)
        if now is None:
            premises.metrics.forget(tenant=name)
            premises.doors.pop(name, None)

    async def _work(
        self, name: str, wanted: Wanted, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Have one tenant looked at until told to end."""
        at_work = self._at_work[name] = _Place(wanted)
        try:
            async with opened_tenant(name, wanted, self._premises) as tenant:
                task_status.started()
                with at_work.scope:
                    await self._look(name, tenant)
        finally:
            del self._at_work[name]
            at_work.ended.set()

    async def _look(self, name: str, tenant: AtWork) -> None:
        decisions = Decisions(self._premises.journal, name, list(tenant.eyes.watches), self._premises.gate)
        async with anyio.create_task_group() as tasks:
            for task, work in (*tenant.tasks(), (f"decisions:{name}", decisions.run)):
                tasks.start_soon(partial(guarded, task, work, log=_LOG))


@asynccontextmanager
async def open_roster(premises: Premises) -> AsyncGenerator[Roster]:
    """Open a roster; what goes wrong in a tenant's task ends the block with it."""
    async with anyio.create_task_group() as tasks:
        roster = Roster(premises, tasks)
        yield roster
        await roster.end()
