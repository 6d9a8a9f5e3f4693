"""The deriver is killed between any two of its steps, and nothing is told twice or not at all."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import pytest

from lucca_sync.ingest.business.cursor import PREFIX, key_of
from lucca_sync.ingest.business.deriver import Deriver
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.journal.sqlite import open_sqlite
from tests.business.company import (
    TENANT,
    WINDOW,
    Company,
    Record,
    employee,
    employment,
    position,
    probation,
    settled,
)

Moment: TypeAlias = Literal["before", "after"]
Backend: TypeAlias = Literal["memory", "sqlite"]
_BACKLOG = 30
_FEW = 40
"""So many calls to the journal a life lasts: for some of the backlog, and by far not for all of it."""


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

    async def rewritten(self) -> list[tuple[str, str]]:
        """A contract is deleted and written anew; what hangs on it is forgotten with the first."""
        company = self.company
        await company.baseline(**settled(), probationary_periods=[probation("2026-06-30")])
        await self.derive()
        await company.put("probationary-periods", probation("2026-06-30", "2026-07-31"))
        await self.derive()
        await company.put("employments", employment(end="2026-12-31"))
        await company.remove("employments", "10")
        again = employment("11", "2020-01-15", "2026-11-30")
        await company.put("employments", again)
        await self.derive()
        moved = probation("2026-06-30", "2026-08-31", employment={"id": "11"})
        await company.put("probationary-periods", moved)
        await self.derive()
        await company.remove("employments", "11")
        await self.derive()
        await company.put("employments", again)
        await company.put("probationary-periods", {**moved, "note": "x"})
        await self.derive()
        await company.put("employments", {**again, "end": None})
        await self.derive()
        await company.day("2026-08-20")
        await self.derive()
        return [(one.id, one.type) for one in await company.events()]

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


Story: TypeAlias = Callable[[Run], Awaitable[list[tuple[str, str]]]]


async def told(
    story: Story, journal: Journal, left: int, moment: Moment, error: BaseException
) -> list[tuple[str, str]]:
    fragile = Fragile(journal, left, moment, error)
    found = await story(Run(journal, fragile))
    assert fragile.left < 1, "the fault never came"
    return found


async def calls(story: Story) -> tuple[int, list[tuple[str, str]]]:
    """Return how many calls a story takes, and what it tells when nothing breaks down."""
    fragile = Fragile(journal := MemoryJournal(), 10_000, "before", Killed())
    found = await story(Run(journal, fragile))
    return 10_000 - fragile.left, found


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), StoreError("gone")], ids=["killed", "store error"])
@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_wherever_it_breaks_down_the_same_is_told_under_the_same_ids(
    backend: Backend, error: BaseException, moment: Moment, tmp_path: Path
) -> None:
    total, wanted = await calls(Run.story)
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
            found = await told(Run.story, journal, left, moment, error)
        assert sorted(found) == sorted(wanted), f"broke down {moment} call {left} of {total}"
        assert len({event_id for event_id, _ in found}) == len(found)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_contract_written_anew_is_told_once_wherever_it_breaks_down(moment: Moment) -> None:
    """What hung on the first one was forgotten with it, and is not taken for new when it is read again."""
    total, wanted = await calls(Run.rewritten)
    assert [name for _, name in wanted] == [
        "lucca.probation.extended",
        "lucca.employee.leaving",
        "lucca.probation.extended",
        "lucca.employee.leaving.cancelled",
        "lucca.employee.leaving",
        "lucca.employee.leaving.cancelled",
        "lucca.probation.ending",
    ]
    for left in range(1, total + 1):
        async with journals("memory", Path()) as journal:
            found = await told(Run.rewritten, journal, left, moment, Killed())
        assert sorted(found) == sorted(wanted), f"broke down {moment} call {left} of {total}"


async def test_a_probation_read_again_after_its_contract_was_gone_and_back_is_told_once() -> None:
    """The cursor stands behind: everything is read again that a daemon folded before it was killed."""
    company = Company()
    await company.baseline(**settled(), probationary_periods=[probation("2026-06-30")])
    await company.derive()
    note = (await company.journal.notes(PREFIX))[key_of(TENANT)]
    await company.put("probationary-periods", probation("2026-06-30", "2026-07-31"))
    await company.derive()
    await company.remove("employments", "10")
    await company.derive()
    await company.put("employments", employment())
    await company.derive()
    before = [one.id for one in await company.events()]
    await company.journal.write_note(key_of(TENANT), note)
    await company.derive()
    assert [one.id for one in await company.events()] == before


async def test_who_is_killed_before_a_backlog_is_folded_comes_through_it_all_the_same() -> None:
    """The cursor moves while it is folded: else each life would spend itself on what the ones before did."""
    company = Company()
    await company.baseline(**settled())
    await company.derive()
    for number in range(_BACKLOG):
        await company.put("employees", employee(familyName=f"Name {number}"))
        company.clock.at += WINDOW
    for _ in range(_BACKLOG):
        with suppress(Killed):
            await company.deriver(cast(Journal, Fragile(company.journal, _FEW, "before", Killed()))).look()
    assert len(await company.names()) == _BACKLOG
