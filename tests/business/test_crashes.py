"""The deriver is killed between any two of its steps, and nothing is told twice or not at all."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import pytest

from lucca_sync.ingest.business.deriver import Deriver
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.journal.sqlite import open_sqlite
from tests.business.company import Company, Record, employee, employment, position, probation, settled

Moment: TypeAlias = Literal["before", "after"]
Backend: TypeAlias = Literal["memory", "sqlite"]


class Killed(BaseException):
    """The process is gone."""


class Fragile:
    """A journal that does everything until the n-th call, and there breaks down before or after doing it."""

    def __init__(self, journal: Journal, left: int, moment: Moment, error: BaseException) -> None:
        self._journal = journal
        self._moment = moment
        self._error = error
        self.left = left

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        act = getattr(self._journal, name)

        async def call(*args: object, **named: object) -> object:
            self.left -= 1
            if self.left == 0 and self._moment == "before":
                raise self._error
            answer = await act(*args, **named)
            if self.left == 0:
                raise self._error
            return answer

        return call


@asynccontextmanager
async def journals(backend: Backend, folder: Path) -> AsyncGenerator[Journal]:
    journal = MemoryJournal() if backend == "memory" else await open_sqlite(folder / "journal.db")
    try:
        yield journal
    finally:
        await journal.close()


class Run:
    """A story, told with a deriver that breaks down once and is then replaced by a new one."""

    def __init__(self, journal: Journal, fragile: Fragile) -> None:
        self.company = Company(journal)
        self.fragile = fragile
        self.deriver = self._begun()

    def _begun(self) -> Deriver:
        return self.company.deriver(cast(Journal, self.fragile))

    async def derive(self) -> None:
        try:
            await self.company.derive(self.deriver)
        except Killed:
            self.deriver = self._begun()
            await self.company.derive(self.deriver)
        except StoreError:
            await self.company.derive(self.deriver)

    async def story(self) -> list[tuple[str, str]]:
        company = self.company
        await company.baseline(**settled(), probationary_periods=[probation("2026-06-30")])
        await self.derive()
        await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
        await company.put("employments", employment(end="2026-04-10"))
        await company.put("employments", employment("11", "2026-03-10", employee={"id": "2"}))
        await company.put("employees", employee("2"))
        leave: Record = {"id": "7", "employee": {"id": "1"}, "startsOn": "2026-05-06", "status": "confirmed"}
        await company.put("leaves-v5", leave)
        await self.derive()
        await company.put("job-positions", position("101", "2026-04-02", manager={"id": "8"}))
        await self.derive()
        await company.day("2026-04-02")
        await self.derive()
        await company.day("2026-04-11")
        await self.derive()
        return [(one.id, one.type) for one in await company.events()]


async def told(journal: Journal, left: int, moment: Moment, error: BaseException) -> list[tuple[str, str]]:
    fragile = Fragile(journal, left, moment, error)
    found = await Run(journal, fragile).story()
    assert fragile.left < 1, "the fault never came"
    return found


async def calls() -> tuple[int, list[tuple[str, str]]]:
    """Return how many calls the story takes, and what it tells when nothing breaks down."""
    fragile = Fragile(journal := MemoryJournal(), 10_000, "before", Killed())
    found = await Run(journal, fragile).story()
    return 10_000 - fragile.left, found


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), StoreError("gone")], ids=["killed", "store error"])
@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_wherever_it_breaks_down_the_same_is_told_under_the_same_ids(
    backend: Backend, error: BaseException, moment: Moment, tmp_path: Path
) -> None:
    total, wanted = await calls()
    assert [name for _, name in wanted] == [
        "lucca.employee.leaving",
        "lucca.manager.changed.scheduled",
        "lucca.leave.approved",
        "lucca.employee.hired",
        "lucca.manager.changed.rescheduled",
        "lucca.manager.changed.effective",
        "lucca.employee.left",
    ]
    for left in range(1, total + 1, 1 if backend == "memory" else 31):
        folder = tmp_path / str(left)
        folder.mkdir()
        async with journals(backend, folder) as journal:
            found = await told(journal, left, moment, error)
        assert sorted(found) == sorted(wanted), f"broke down {moment} call {left} of {total}"
        assert len({event_id for event_id, _ in found}) == len(found)
