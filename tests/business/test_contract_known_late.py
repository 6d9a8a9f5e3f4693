"""A probationary period is seen before its contract: when that one becomes known makes no difference."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Journal, ResourceName
from tests.business.company import (
    WINDOW,
    Company,
    Record,
    employee,
    employment,
    position,
    probation,
    settled,
)

CONTRACT = employment("11", "2026-04-01")
AGREED = probation("2026-06-30", employment={"id": "11"})
EXTENDED = probation("2026-06-30", "2026-07-31", employment={"id": "11"})
SECOND = timedelta(seconds=1)
_UNSEEN = 2


async def taken_on(company: Company, rest: timedelta, look: Callable[[], Awaitable[object]]) -> None:
    """A period is agreed and, `rest` later, extended; then its person is seen, and the contract at last."""
    await company.put("probationary-periods", AGREED)
    company.clock.at += rest
    await company.put("probationary-periods", EXTENDED)
    company.clock.at += SECOND
    await company.put("employees", employee(phone="1"))
    company.clock.at += SECOND
    await look()
    await company.put("employments", CONTRACT)
    company.clock.at += SECOND
    await look()


async def begun() -> Company:
    company = Company(MemoryJournal())
    await company.baseline(**settled())
    await company.derive()
    return company


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(("rest", "wanted"), [(2 * WINDOW, 1), (SECOND, 0)])
async def test_an_extension_a_window_later_is_told_whether_or_not_the_person_is_waited_for(
    rest: timedelta, wanted: int, *, restarted: bool
) -> None:
    """Agreed and extended within one window nothing was extended; in two windows it was."""
    company = await begun()
    deriver = company.deriver()
    await taken_on(company, rest, deriver.look)
    await company.derive(company.deriver() if restarted else deriver)
    assert (await company.names()).count("probation.extended") == wanted


class Unseen:
    """A journal that shows no contract the first two times, and has it from then on."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.asked = 0

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        return cast("Callable[..., Awaitable[Any]]", getattr(self._journal, name))

    async def known(self, name: ResourceName, ids: Sequence[str]) -> object:
        found = await self._journal.known(name, ids)
        if name.resource != "employments":
            return found
        self.asked += 1
        return {} if self.asked <= _UNSEEN else found


async def test_a_contract_that_comes_between_reading_two_changes_puts_neither_before_the_other() -> None:
    """The last must not be folded alone: those before it, older then, would be passed over."""
    company = await begun()
    later = probation("2026-06-30", "2026-08-31", employment={"id": "11"})
    for seen in (AGREED, EXTENDED, later):
        await company.put("probationary-periods", seen)
        company.clock.at += 2 * WINDOW
    await company.put("employments", CONTRACT)
    unseen = Unseen(company.journal)
    deriver = company.deriver(cast("Journal", unseen))
    for _ in range(2):
        await company.derive(deriver)
    assert unseen.asked > _UNSEEN
    told = [one for one in await company.told() if one[0] == "probation.extended"]
    assert told == [("probation.extended", "2026-07-31"), ("probation.extended", "2026-08-31")]


@pytest.mark.parametrize("late", [False, True])
async def test_an_extension_is_told_also_when_read_after_its_contract_was_deleted(*, late: bool) -> None:
    """What was seen before the deletion is told, whether it was read at once or behind a backlog."""
    company = Company(MemoryJournal())
    await company.baseline(**settled(), probationary_periods=[probation("2026-06-30")])
    deriver = await company.derive()
    await company.put("probationary-periods", probation("2026-06-30", "2026-07-31"))
    if not late:
        await deriver.look()
    company.clock.at += 2 * WINDOW
    await company.remove("employments", "10")
    await company.derive(deriver)
    await company.put("probationary-periods", probation("2026-06-30", "2026-08-31"))
    await company.derive(deriver)
    told = [one for one in await company.told() if one[0] == "probation.extended"]
    assert told == [("probation.extended", "2026-07-31")], "and nothing of a contract that is gone already"


@pytest.mark.parametrize("late", [False, True])
async def test_a_period_written_anew_is_the_same_also_when_read_after_its_contract_was_deleted(
    *, late: bool
) -> None:
    """Deleted and there again within a window: that it was deleted is read as well."""
    company = Company(MemoryJournal())
    await company.baseline(**settled(), probationary_periods=[probation("2026-06-30")])
    deriver = await company.derive()
    await company.remove("probationary-periods", "500")
    company.clock.at += SECOND
    await company.put("probationary-periods", probation("2026-06-30", "2026-07-31"))
    if not late:
        await deriver.look()
    company.clock.at += 2 * WINDOW
    await company.remove("employments", "10")
    await company.derive(deriver)
    assert "probation.extended" in await company.names()


async def test_a_period_whose_contract_is_gone_comes_to_no_end_though_it_is_folded_after_that() -> None:
    """The deletion lies in the person's own window here, which began sooner than the period's."""
    company = Company(MemoryJournal())
    await company.baseline(**settled(), probationary_periods=[probation("2026-06-30")])
    deriver = await company.derive()
    await company.put("employees", employee(phone="1"))
    company.clock.at += SECOND
    await company.put("probationary-periods", probation("2026-06-30", "2026-07-31"))
    company.clock.at += SECOND
    await company.remove("employments", "10")
    await company.derive(deriver)
    for day in ("2026-07-24", "2026-08-01"):
        await company.day(day)
        await company.derive(deriver)
    names = await company.names()
    assert "probation.extended" in names, "it was, before its contract was deleted"
    assert "probation.ending" not in names


async def test_a_period_that_is_folded_first_takes_nothing_from_what_was_seen_before_it() -> None:
    """Its window ends sooner than the person's own, in which an older change still waits."""
    company = await begun()
    deriver = company.deriver()
    await company.put("probationary-periods", AGREED)
    company.clock.at += SECOND
    leave: Record = {"id": "7", "employee": {"id": "1"}, "startsOn": "2026-05-06", "status": "confirmed"}
    await company.put("leaves-v5", leave)
    company.clock.at += SECOND
    await company.put("probationary-periods", EXTENDED)
    company.clock.at += SECOND
    await company.put("employments", CONTRACT)
    company.clock.at += WINDOW - 2 * SECOND
    await deriver.look()
    company.clock.at += WINDOW
    await company.derive(deriver)
    assert "leave.approved" in await company.names()


class Seen(NamedTuple):
    """A record as a look shows it, so many seconds after the last one."""

    after: int
    resource: str
    record: Record


def period(number: str, extended: str | None) -> tuple[str, Record]:
    return "probationary-periods", {**AGREED, "id": number, "extendedEndsOn": extended}


PERIODS = st.builds(
    period, st.sampled_from(["500", "501"]), st.sampled_from([None, "2026-07-31", "2026-08-31"])
)
OTHERS = st.one_of(
    st.sampled_from("AB").map(lambda name: ("employees", employee(familyName=name))),
    st.sampled_from(["2026-04-01", "2026-04-15"]).map(lambda day: ("employments", employment("11", day))),
    st.sampled_from("56").map(
        lambda place: (
            "job-positions",
            position("101", "2026-04-01", employment={"id": "11"}, department={"id": place}),
        )
    ),
)
STORIES = st.lists(
    st.tuples(st.integers(0, 40), st.one_of(PERIODS, OTHERS)).map(
        lambda drawn: Seen(drawn[0], drawn[1][0], drawn[1][1])
    ),
    min_size=2,
    max_size=14,
)


async def told(story: Sequence[Seen], rhythm: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Live through a story, with a look after each change, by a new daemon each time, or at the end alone."""
    company = await begun()
    deriver = company.deriver()
    for seen in (*story, Seen(1, "employments", employment("11", "2026-04-20"))):
        company.clock.at += timedelta(seconds=seen.after)
        await company.put(seen.resource, seen.record)
        if rhythm == "restarted":
            deriver = company.deriver()
        if rhythm != "in the end":
            await deriver.look()
    for _ in range(2):
        await company.derive(deriver)
    events = [(one.id, one.business) for one in await company.events()]
    return sorted((name, one.name, one.because) for name, one in events if one is not None)


@settings(max_examples=60, deadline=None)
@given(story=STORIES)
def test_the_rhythm_of_reading_makes_no_difference_to_what_is_told_of_late_contracts(
    story: list[Seen],
) -> None:
    async def all_of_them() -> None:
        often = await told(story, "often")
        assert await told(story, "in the end") == often
        assert await told(story, "restarted") == often

    anyio.run(all_of_them)
