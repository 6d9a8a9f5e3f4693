"""What comes on its day: by whose clock, after which pause, and never without a look first."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lucca_sync.ingest.business.cursor import PREFIX, key_of
from lucca_sync.ingest.canonical import canonicalise
from lucca_sync.ingest.emit import write_first
from lucca_sync.model.business import Source, own_rule
from lucca_sync.model.catalogue import CATALOGUE
from tests.business.company import (
    NOON,
    TENANT,
    V5,
    WINDOW,
    Company,
    Record,
    employee,
    employment,
    position,
    probation,
    settled,
)


async def test_a_baseline_tells_nothing_but_its_dates_come() -> None:
    company = Company()
    await company.baseline(
        employees=[employee(status="upcoming")],
        employments=[employment(start="2026-04-01")],
        job_positions=[position(start="2026-04-01"), position("101", "2026-05-01", manager={"id": "8"})],
    )
    deriver = await company.derive()
    assert await company.names() == []
    await company.day("2026-04-01")
    await company.derive(deriver)
    await company.day("2026-05-01")
    await company.derive(deriver)
    assert await company.told() == [
        ("employee.hired.effective", "2026-04-01"),
        ("manager.changed.effective", "2026-05-01"),
    ]


async def test_what_the_baseline_found_to_be_past_never_comes() -> None:
    company = Company()
    await company.baseline(
        employees=[employee()],
        employments=[employment("9", "2010-01-01", "2012-12-31"), employment(start="2015-01-01")],
        job_positions=[position(), position("101", "2024-05-01", manager={"id": "8"})],
        probationary_periods=[probation("2026-03-01")],
    )
    deriver = await company.derive()
    await company.day("2026-06-01")
    await company.derive(deriver)
    assert await company.names() == []


async def test_a_daemon_put_beside_an_old_journal_begins_now() -> None:
    """Neither what was journaled before, nor what its snapshot holds of the past, is told."""
    company = Company()
    await company.baseline(**settled())
    await company.put("job-positions", position(manager={"id": "8"}))
    await company.put("employments", employment(end="2026-03-20"))
    deriver = await company.derive()
    assert await company.names() == []
    await company.day("2026-03-21")
    await company.derive(deriver)
    assert await company.told() == [("employee.left", "2026-03-20")]


async def test_a_baseline_that_is_told_as_events_hires_nobody_and_approves_nothing() -> None:
    """`baseline: snapshot` journals each record as created; who comes after it is hired all the same."""
    company = Company(snapshots=V5)
    deriver = company.deriver()
    await deriver.look()
    for resource, records in settled().items():
        await company.put(resource.replace("_", "-"), records[0])
    leave: Record = {"id": "7", "employee": {"id": "1"}, "startsOn": "2026-05-06", "status": "confirmed"}
    await company.put("leaves-v5", leave)
    await company.seen_all()
    await company.derive(deriver)
    assert await company.names() == []
    company.clock.at += timedelta(seconds=1)
    await company.put("employees", employee("2"))
    await company.put("employments", employment("20", "2026-03-10", employee={"id": "2"}))
    await company.derive(deriver)
    assert await company.told() == [("employee.hired", "2026-03-10")]


async def test_changes_between_a_baseline_and_its_being_taken_in_are_told() -> None:
    company = Company()
    deriver = company.deriver()
    await deriver.look()
    await company.baseline(**settled())
    await company.put("employments", employment(end="2026-03-20"))
    await company.derive(deriver)
    assert await company.told() == [("employee.leaving", "2026-03-20")]


async def test_midnight_is_that_of_the_establishment() -> None:
    """Trap 14: not the server's UTC, nor the tenant's zone."""
    company = Company()
    tokyo: Record = {"id": "1", "timezoneId": "Asia/Tokyo"}
    records = {**settled(), "business_establishments": [tokyo]}
    await company.baseline(**records)
    deriver = await company.derive()
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    midnight = datetime(2026, 4, 1, tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)
    company.clock.at = midnight - timedelta(minutes=1)
    await company.seen_all()
    await deriver.look()
    assert await company.names() == ["manager.changed.scheduled"]
    company.clock.at = midnight + timedelta(minutes=1)
    await company.seen_all()
    await deriver.look()
    assert await company.names() == ["manager.changed.scheduled", "manager.changed.effective"]
    assert (await company.events())[1].happened == midnight


async def test_after_a_pause_a_date_comes_late_and_once() -> None:
    company = Company()
    await company.baseline(**settled())
    await company.put("employments", employment(end="2026-03-12"))
    deriver = await company.derive()
    await company.put("employments", employment(end="2026-03-13"))
    await company.derive(deriver)
    await company.day("2026-04-20")
    for _ in range(3):
        await company.derive()
    assert await company.told() == [
        ("employee.leaving.rescheduled", "2026-03-13"),
        ("employee.left", "2026-03-13"),
    ]
    left = (await company.events())[-1]
    assert left.happened == datetime(2026, 3, 13, 23, tzinfo=UTC)


async def test_after_a_pause_nothing_comes_before_somebody_has_looked() -> None:
    """The date may have been moved meanwhile: what the store shows is of before the pause."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    company.clock.at = datetime(2026, 4, 5, tzinfo=UTC)
    again = company.deriver()
    await again.look()
    assert await company.names() == ["manager.changed.scheduled"]
    await company.put("job-positions", position("101", "2026-05-01", manager={"id": "8"}))
    await company.derive(again)
    assert await company.names() == ["manager.changed.scheduled", "manager.changed.rescheduled"]


async def test_the_eye_for_due_dates_is_believed_to_have_looked() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    company.clock.at = datetime(2026, 4, 1, 6, tzinfo=UTC)
    again = company.deriver()
    await again.look()
    assert await company.names() == ["manager.changed.scheduled"]
    await company.journal.write_note("due/acme/job-positions", b"2026-04-01T05:00:00+00:00")
    await again.look()
    assert await company.names() == ["manager.changed.scheduled", "manager.changed.effective"]


async def test_where_nobody_can_look_a_date_comes_after_an_hour_all_the_same() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    company.clock.at = datetime(2026, 4, 1, 6, tzinfo=UTC)
    again = company.deriver()
    await again.look()
    company.clock.at += timedelta(hours=1)
    await again.look()
    assert await company.names() == ["manager.changed.scheduled", "manager.changed.effective"]


async def test_a_date_does_not_come_while_a_change_of_that_person_waits_for_its_window() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    await company.day("2026-04-01")
    await company.put("job-positions", position("101", "2026-05-01", manager={"id": "8"}))
    await deriver.look()
    assert await company.names() == ["manager.changed.scheduled"]
    company.clock.at += WINDOW
    await deriver.look()
    assert await company.names() == ["manager.changed.scheduled", "manager.changed.rescheduled"]


async def test_the_end_of_a_probation_is_told_so_many_days_before() -> None:
    company = Company(notices=(14, 3))
    await company.baseline(**settled(), probationary_periods=[probation("2026-04-30")])
    deriver = await company.derive()
    for day in ("2026-04-15", "2026-04-16", "2026-04-26", "2026-04-27", "2026-04-30"):
        await company.day(day)
        await company.derive(deriver)
    assert await company.told() == [("probation.ending", "2026-04-30")] * 2
    (first, second) = await company.events()
    assert first.id != second.id
    assert [first.recorded.date().isoformat(), second.recorded.date().isoformat()] == [
        "2026-04-16",
        "2026-04-27",
    ]


async def test_an_extended_probation_is_told_and_ends_another_time() -> None:
    company = Company()
    await company.baseline(**settled(), probationary_periods=[probation("2026-03-20")])
    deriver = await company.derive()
    assert await company.told() == [("probation.ending", "2026-03-20")]
    await company.put("probationary-periods", probation("2026-03-20", "2026-06-20"))
    await company.derive(deriver)
    await company.day("2026-06-07")
    await company.derive(deriver)
    assert await company.told() == [
        ("probation.ending", "2026-03-20"),
        ("probation.extended", "2026-06-20"),
        ("probation.ending", "2026-06-20"),
    ]


async def test_a_probation_extended_after_it_had_ended_is_told_and_ends_again() -> None:
    company = Company()
    await company.baseline(**settled(), probationary_periods=[probation("2026-03-01")])
    deriver = await company.derive()
    await company.put("probationary-periods", probation("2026-03-01", "2026-05-01"))
    await company.derive(deriver)
    await company.day("2026-04-18")
    await company.derive(deriver)
    assert await company.told() == [("probation.extended", "2026-05-01"), ("probation.ending", "2026-05-01")]


async def test_of_who_has_left_no_probation_ends() -> None:
    company = Company()
    await company.baseline(**settled(), probationary_periods=[probation("2026-04-30")])
    deriver = await company.derive()
    await company.put("employments", employment(end="2026-03-31"))
    await company.derive(deriver)
    for day in ("2026-04-17", "2026-05-02"):
        await company.day(day)
        await company.derive(deriver)
    assert await company.names() == ["employee.leaving", "employee.left"]


async def test_a_probation_in_a_leap_year_ends_so_many_days_after_its_notice() -> None:
    company = Company()
    await company.baseline(**settled(), probationary_periods=[probation("2028-03-13")])
    deriver = await company.derive()
    for day in ("2028-02-27", "2028-02-28"):
        await company.day(day)
        await company.derive(deriver)
        assert await company.told() == ([("probation.ending", "2028-03-13")] if day == "2028-02-28" else [])


async def test_a_probation_seen_before_its_contract_waits_for_it() -> None:
    company = Company()
    await company.baseline(employees=[employee()])
    deriver = await company.derive()
    await company.put("probationary-periods", probation("2026-03-20"))
    await company.derive(deriver)
    await company.put("employments", employment(start="2026-03-10"))
    await company.derive(deriver)
    assert sorted(await company.names()) == ["employee.hired", "probation.ending"]


async def test_a_probation_waits_for_its_contract_over_a_long_pause_too() -> None:
    company = Company()
    await company.baseline(employees=[employee()])
    deriver = await company.derive()
    await company.put("probationary-periods", probation("2026-03-20"))
    await company.derive(deriver)
    company.clock.at += timedelta(hours=3)
    deriver = await company.derive()
    await company.put("employments", employment(start="2026-03-10"))
    await company.derive(deriver)
    assert sorted(await company.names()) == ["employee.hired", "probation.ending"]


async def test_a_probation_of_nobody_is_waited_for_an_hour_and_then_no_more() -> None:
    company = Company()
    await company.baseline(employees=[employee()])
    deriver = await company.derive()
    await company.put("probationary-periods", probation("2026-03-20"))
    await company.derive(deriver)
    assert company.behind[-1] is not None
    company.clock.at += timedelta(hours=1)
    await company.derive(deriver)
    assert company.behind[-1] is None


async def test_a_probation_that_was_gone_and_is_back_counts_again() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("probationary-periods", probation("2026-06-30"))
    await company.derive(deriver)
    await company.remove("probationary-periods", "500")
    await company.derive(deriver)
    await company.put("probationary-periods", probation("2026-06-30"))
    await company.derive(deriver)
    await company.put("probationary-periods", probation("2026-06-30", "2026-07-30"))
    await company.derive(deriver)
    await company.day("2026-07-20")
    await company.derive(deriver)
    assert await company.names() == ["probation.extended", "probation.ending"]


async def test_with_a_contract_its_probation_is_forgotten() -> None:
    company = Company()
    await company.baseline(**settled(), probationary_periods=[probation("2026-06-30")])
    deriver = await company.derive()
    await company.remove("employments", "10")
    await company.derive(deriver)
    await company.day("2026-06-20")
    await company.derive(deriver)
    assert await company.names() == []


async def test_an_impossible_date_stops_nothing() -> None:
    """Trap 53: Lucca's own sample holds a 31 April."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employments", employment(end="2026-04-31"))
    await company.put("probationary-periods", probation("2026-04-31"))
    await company.put("job-positions", position(manager={"id": "8"}))
    await company.derive(deriver)
    assert await company.names() == ["manager.changed"]
    assert company.clock.at > NOON


@pytest.mark.parametrize("extreme", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Europe/Paris", "Pacific/Honolulu"])
async def test_a_date_at_the_edge_of_the_calendar_stops_nothing(extreme: str, zone: str) -> None:
    """.NET writes its first and last day where it knows none."""
    company = Company(zone=ZoneInfo(zone))
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employments", employment("11", extreme, end=extreme))
    await company.put("job-positions", position("101", extreme, end=extreme, manager={"id": "8"}))
    await company.put("probationary-periods", probation(extreme))
    await company.put("employees", employee(familyName="Lovelace"))
    await company.derive(deriver)
    await company.put("employments", employment("11", "2026-04-01", end=extreme))
    await company.put("job-positions", position("101", "2026-04-01", end=extreme))
    await company.derive(deriver)
    assert "employee.renamed" in await company.names()


async def test_a_date_that_a_new_baseline_moved_does_not_come() -> None:
    """A restore that is taken as a new baseline writes no events: the old dates are void all the same."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.put("employments", employment(end="2026-04-10"))
    await company.derive(deriver)
    names = ["employee.leaving", "manager.changed.scheduled"]
    assert sorted(await company.names()) == names
    await company.rewrite("job-positions", position("101", "2026-05-01", manager={"id": "8"}))
    await company.rewrite("employments", employment())
    await company.day("2026-04-15")
    await company.derive(deriver)
    assert sorted(await company.names()) == names
    await company.day("2026-05-01")
    await company.derive(deriver)
    assert (await company.names())[2:] == ["manager.changed.effective"]


async def test_dates_of_records_that_came_in_silence_come_too() -> None:
    """A new baseline after a restore, or a filter that was widened, makes no events."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    silent = [
        ("employees", employee("2")),
        ("employments", employment("20", end="2026-04-10", employee={"id": "2"})),
    ]
    for resource, record in silent:
        write = write_first(str(record["id"]), canonicalise(record, CATALOGUE[resource]), None)
        await company.journal.commit_writes(company.place(resource), company.clock.at, [write])
    await company.day("2026-03-12")
    await company.derive(deriver)
    assert await company.told() == []
    await company.day("2026-04-11")
    await company.derive(deriver)
    assert await company.told() == [("employee.left", "2026-04-10")]


async def test_going_through_the_snapshot_again_takes_nothing_from_what_waits_to_be_folded() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employees", employee("2"))
    await company.put("employments", employment("20", "2026-03-10", employee={"id": "2"}))
    await deriver.look()
    assert await company.told() == []
    await company.day("2026-03-12")
    await company.derive(deriver)
    assert await company.told() == [("employee.hired", "2026-03-10")]


async def test_going_through_the_snapshot_again_after_a_crash_has_nothing_told_twice() -> None:
    """The cursor may stand before events that were folded, one of them a deletion."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    note = (await company.journal.notes(PREFIX))[key_of(TENANT)]
    await company.put("employees", employee(familyName="Lovelace"))
    await company.derive(deriver)
    await company.remove("employees", "1")
    await company.derive(deriver)
    await company.journal.write_note(key_of(TENANT), note)
    await company.put("employees", employee(familyName="Lovelace"))
    await company.day("2026-03-12")
    await company.derive()
    assert await company.names() == ["employee.renamed"]


async def test_going_through_the_snapshot_again_asks_no_rule_about_what_is_known() -> None:
    source = Source("employees", "record.grade != previous.grade", "record.gradeFrom", "dated")
    company = Company(rules=[own_rule("employee.promoted", source)])
    await company.baseline(employees=[employee(grade="1")])
    deriver = await company.derive()
    await company.put("employees", employee(grade="1", gradeFrom="2026-04-01"))
    await company.derive(deriver)
    await company.day("2026-03-20")
    await company.derive(deriver)
    await company.day("2026-04-02")
    await company.derive(deriver)
    assert await company.told() == []


async def test_what_is_no_longer_asked_for_has_no_dates() -> None:
    company = Company()
    await company.baseline(
        employees=[employee()],
        employments=[employment()],
        job_positions=[position(), position("101", "2026-04-01", manager={"id": "8"})],
    )
    deriver = await company.derive()
    await company.rewrite("job-positions", position("101"), gone=True)
    await company.day("2026-04-02")
    await company.derive(deriver)
    assert await company.names() == []


async def test_nobody_leaves_at_the_end_of_all_days() -> None:
    """9999-12-31 is how some systems write that there is no end."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employments", employment(end="9999-12-31"))
    await company.derive(deriver)
    assert await company.names() == []
