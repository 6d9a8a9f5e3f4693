"""What is kept of people: in their own place in the snapshot, looked at by nobody, and until it is folded."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

from lucca_sync.ingest.business.cursor import PREFIX, folded_until
from lucca_sync.ingest.business.person import Raw, decode
from lucca_sync.ingest.business.state import States, held_as
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventEntry, EventFilter
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.model.event import PEOPLE
from tests.business.company import (
    LANE,
    NOON,
    TENANT,
    URL,
    WINDOW,
    Company,
    employee,
    employment,
    position,
    settled,
)


async def moved(company: Company) -> None:
    """Have one business event told."""
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employments", employment(end="2026-04-10"))
    await company.derive(deriver)


async def test_people_are_never_missing_and_were_never_swept(tmp_path: Path) -> None:
    company = Company(await open_sqlite(tmp_path / "journal.db"))
    await moved(company)
    journal, name = company.journal, company.place(PEOPLE)
    state = (await journal.resources())[name]
    assert (state.records, state.swept, state.baseline_done) == (1, None, False)
    assert (await journal.missing(name, 10), await journal.count_missing(name)) == ([], 0)
    await journal.close()


async def test_a_business_event_comes_back_from_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    company = Company(await open_sqlite(file))
    await moved(company)
    (before,) = await company.events()
    await company.journal.close()
    company.journal = await open_sqlite(file)
    assert await company.events() == [before]
    assert before.business is not None
    (claim,) = await company.journal.claim(LANE, now=company.clock.at, lease=timedelta(minutes=1), limit=9)
    assert claim.event == before
    raw = await company.journal.event(before.business.because[0])
    assert raw is not None
    assert (raw.event.resource, raw.event.kind) == ("employments", "updated")
    await company.journal.close()


async def test_a_business_event_says_what_it_carries_and_why() -> None:
    company = Company()
    await moved(company)
    (event,) = await company.events()
    told = event.cloudevent()
    assert (told["type"], told["subject"], told["partitionkey"]) == (
        "lucca.employee.leaving",
        "people/1",
        "1",
    )
    assert (event.carries, event.request, event.detected_by) == ("employees", "", "sweep")
    raws = [
        entry.event.id
        for entry in await company.journal.events(
            after=0, limit=9, wanted=EventFilter(resource="employments")
        )
    ]
    assert event.data["because"] == [*raws]
    assert event.data["on"] == "2026-04-10"


async def test_no_repr_shows_a_value() -> None:
    """Trap 55: what is kept of people never reaches a log by accident."""
    company = Company()
    await moved(company)
    (event,) = await company.events()
    states = States(company.journal, TENANT, URL, lambda _event: ())
    held = held_as(*await states.scan(None, 10))
    assert "Byron" in str(held.content)
    shown = f"{held!r} {held.person!r} {held.person.facts!r} {held.person.appointments!r}"
    shown += repr(Raw(1, event, "1"))
    assert "Byron" not in shown
    assert "Ada" not in shown
    assert decode(held.content).at == held.person.at


async def test_what_waits_holds_retention_back() -> None:
    """Contents of events that were not folded yet must stay."""
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    notes = await company.journal.notes(PREFIX)
    assert folded_until(notes, ["other"]) is None
    await company.put("employees", employee())
    recorded = company.clock.at
    company.clock.at += timedelta(seconds=1)
    await deriver.look()
    assert company.behind[-1] == recorded
    until = folded_until(await company.journal.notes(PREFIX), [TENANT])
    assert until is not None
    assert until <= recorded
    company.clock.at += WINDOW + timedelta(minutes=2)
    await deriver.look()
    until = folded_until(await company.journal.notes(PREFIX), [TENANT, "other"])
    assert until == company.clock.at > NOON
    assert company.behind[-1] is None


async def test_what_waits_holds_retention_back_over_a_restart_too() -> None:
    company = Company()
    await company.baseline()
    await company.derive()
    company.clock.at += timedelta(hours=1)
    await company.put("employees", employee())
    recorded = company.clock.at
    company.clock.at += timedelta(seconds=1)
    await company.deriver().look()
    assert folded_until(await company.journal.notes(PREFIX), [TENANT]) == recorded


async def test_events_whose_contents_are_gone_are_passed_over() -> None:
    """A tenant may come back into the settings after its events were emptied."""
    company = Company()
    await company.baseline(**settled())
    await company.derive()
    await company.put("employees", employee(familyName="Lovelace"))
    await company.journal.empty(company.clock.at + timedelta(seconds=1), 10)
    company.clock.at += timedelta(days=40)
    await company.put("job-positions", position(manager={"id": "8"}))
    await company.derive()
    assert await company.names() == ["manager.changed"]


async def test_what_is_in_the_window_when_the_process_ends_is_folded_by_the_next() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employees", employee())
    await company.put("employments", employment(start="2026-03-10"))
    company.clock.at += timedelta(minutes=5)
    del deriver
    await company.derive()
    assert await company.names() == ["employee.hired"]


async def test_the_cursor_never_passes_what_waits() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    company.clock.at += timedelta(minutes=5)
    await company.put("employees", employee(familyName="Lovelace"))
    await deriver.look()
    del deriver
    await company.derive()
    assert await company.names() == ["employee.renamed"]


class Surprising(MemoryJournal):
    """A journal in which something happens right before the next events are read."""

    surprise: Callable[[], Awaitable[None]] | None = None

    async def events(self, *, after: int, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        surprise, self.surprise = self.surprise, None
        if surprise is not None:
            await surprise()
        return await super().events(after=after, limit=limit, wanted=wanted)


async def test_a_baseline_that_ends_while_events_are_read_is_taken_in_first() -> None:
    journal = Surprising()
    company = Company(journal)
    deriver = company.deriver()
    await deriver.look()

    async def ended() -> None:
        await company.baseline(**settled())
        await company.put("employees", employee(familyName="Lovelace"))
        await company.put("employments", employment(end="2026-04-10"))

    journal.surprise = ended
    await company.derive(deriver)
    assert sorted(await company.names()) == ["employee.leaving", "employee.renamed"]


async def test_a_hurried_look_waits_for_no_window() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employees", employee(familyName="Lovelace"))
    assert not await deriver.look(hurry=True)
    assert await company.names() == ["employee.renamed"]


async def test_people_are_no_raw_material_themselves() -> None:
    """Business events are journaled like the others, and nothing is derived from them."""
    company = Company()
    await moved(company)
    for _ in range(3):
        await company.derive()
    assert len(await company.events()) == 1


async def test_a_date_comes_although_the_last_change_of_its_record_was_emptied_unread() -> None:
    """The tenant was away from the settings for so long that nothing held retention back."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position("101", "2026-09-01", manager={"id": "8"}))
    await company.derive(deriver)
    await company.put("job-positions", position("101", "2026-09-01", manager={"id": "8"}, jobTitle="Head"))
    await company.day("2026-05-01")
    await company.journal.empty(company.clock.at, 10)
    deriver = await company.derive()
    await company.day("2026-09-02")
    await company.derive(deriver)
    assert (await company.names()).count("manager.changed.effective") == 1


async def test_a_clock_that_was_set_back_keeps_nothing_waiting() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employees", employee(familyName="Lovelace"))
    company.clock.at -= timedelta(days=365)
    await deriver.look()
    assert await company.names() == ["employee.renamed"]


async def test_a_hurried_look_takes_what_was_recorded_in_the_future() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employees", employee(familyName="Lovelace"))
    company.clock.at -= timedelta(seconds=5)
    assert not await deriver.look(hurry=True)
    assert await company.names() == ["employee.renamed"]
