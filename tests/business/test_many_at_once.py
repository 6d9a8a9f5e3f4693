"""However many people change at once, only so many windows are open, and everybody's change is told once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lucca_sync.ingest.business.aside import Asides
from lucca_sync.ingest.business.reader import News, Reader
from lucca_sync.ingest.business.window import Windows
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventEntry, EventFilter, Journal
from tests.business.company import TENANT, WINDOW, Company, employee, employment
from tests.business.test_crashes import Fragile, Killed

PEOPLE = [str(number) for number in range(1, 31)]


async def crowd(room: int, people: Sequence[str] = PEOPLE) -> Company:
    """Let everybody be renamed, and in the same window everybody's contract be ended."""
    company = Company(MemoryJournal(), room=room)
    contracts = {who: employment(f"{who}0", employee={"id": who}) for who in people}
    await company.baseline(employees=[employee(who) for who in people], employments=list(contracts.values()))
    await company.derive()
    for who in people:
        await company.put("employees", employee(who, familyName="Lovelace"))
        company.clock.at += timedelta(milliseconds=100)
    for contract in contracts.values():
        await company.put("employments", {**contract, "end": {"date": "2026-04-10"}})
        company.clock.at += timedelta(milliseconds=100)
    return company


async def ids(company: Company) -> list[str]:
    return sorted(one.id for one in await company.events())


@pytest.mark.parametrize("room", [1, 7, 29])
async def test_who_finds_no_room_comes_next_and_is_told_the_same(room: int) -> None:
    wide, narrow = await crowd(1_000), await crowd(room)
    await wide.derive()
    await narrow.derive()
    assert len(await ids(wide)) == 2 * len(PEOPLE)
    assert await ids(narrow) == await ids(wide)
    assert all(len((one.business and one.business.because) or ()) == 1 for one in await narrow.events())
    assert narrow.behind[-1] is None


async def test_no_more_windows_are_open_than_there_is_room_for() -> None:
    company = await crowd(7)
    deriver = company.deriver()
    assert await deriver.look()
    assert company.behind[-1] is not None, "who found no room still waits"
    assert await deriver.look()
    assert await ids(company) == []


async def test_a_hurried_look_comes_to_everybody_in_the_end() -> None:
    company = await crowd(7)
    deriver = company.deriver()
    while await deriver.look(hurry=True):
        await anyio.lowlevel.checkpoint()
    assert len(await ids(company)) == 2 * len(PEOPLE)


async def news(_entry: EventEntry) -> News:
    return "news"


def reader_of(company: Company, room: int) -> Reader:
    asides = Asides(company.journal, TENANT, company.clock)
    return Reader(company.journal, TENANT, {"employees", "employments"}, Windows(WINDOW), asides, room)


async def test_places_are_kept_of_so_many_people_and_no_more() -> None:
    company = await crowd(1_000)
    reader = reader_of(company, 7)
    await reader.read(company.clock.at, news)
    assert len(reader.windows) == 7
    assert reader.folded < reader.position


async def test_reading_stops_where_those_turned_away_have_waited_for_a_window() -> None:
    company = await crowd(1_000)
    reader = reader_of(company, 7)
    company.clock.at += WINDOW
    await company.put("employees", employee("1", familyName="Hopper"))
    company.clock.at += WINDOW
    await reader.read(company.clock.at, news)
    (last,) = await company.journal.newest(limit=1, wanted=EventFilter())
    assert reader.position < last.position
    assert reader.has_more


async def test_who_was_turned_away_is_not_taken_in_from_the_middle() -> None:
    company = await crowd(1_000)
    reader = reader_of(company, 7)
    await reader.read(company.clock.at, news)
    (group, *_) = reader.windows.closed(company.clock.at + WINDOW)
    reader.windows.drop(group)
    await company.put("employees", employee("20", familyName="Hopper"))
    await reader.read(company.clock.at, news)
    assert "20" not in reader.windows


async def test_killed_anywhere_who_found_no_room_is_told_all_the_same() -> None:
    async def told(left: int) -> tuple[int, list[str]]:
        company = await crowd(2, PEOPLE[:5])
        company.clock.at += timedelta(minutes=5)
        fragile = Fragile(company.journal, left, "before", Killed())
        try:
            await company.derive(company.deriver(cast(Journal, fragile)))
        except Killed:
            company.clock.at += WINDOW
            await company.derive()
        return left - fragile.left, await ids(company)

    calls, wanted = await told(100_000)
    assert len(wanted) == 10
    for left in range(1, calls + 1):
        assert (await told(left))[1] == wanted, f"killed before call {left} of {calls}"


@settings(max_examples=30)
@given(
    changes=st.lists(st.tuples(st.sampled_from(PEOPLE[:5]), st.integers(0, 40)), min_size=1, max_size=25),
    room=st.integers(1, 4),
    often=st.booleans(),
)
def test_room_makes_no_difference_to_what_is_told(
    changes: list[tuple[str, int]], room: int, *, often: bool
) -> None:
    """Also where somebody changes again and again, window after window."""

    async def lived(size: int) -> list[tuple[str, int]]:
        company = Company(MemoryJournal(), room=size)
        await company.baseline(employees=[employee(who) for who in PEOPLE[:5]])
        deriver = await company.derive()
        for at, (who, seconds) in enumerate(changes):
            await company.put("employees", employee(who, familyName=f"N{at}"))
            company.clock.at += timedelta(seconds=seconds)
            if often:
                await deriver.look()
        company.clock.at += WINDOW
        for _ in range(2):
            await company.derive(deriver)
        return [(one.id, one.sequence) for one in await company.events()]

    async def both() -> None:
        assert sorted(await lived(room)) == sorted(await lived(1_000))

    anyio.run(both)
