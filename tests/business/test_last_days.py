"""When somebody leaves: one last day of a person, however many contracts it is put together from."""

import pytest

from lucca_sync.model.values import Json
from tests.business.company import V3, Company, Record, employee, employment, position, settled

OTHER: Json = {"id": "2"}


async def staffed(*contracts: Record) -> Company:
    """A person with these contracts, known since the first look."""
    company = Company()
    await company.baseline(employees=[employee()], employments=contracts, job_positions=[position()])
    await company.derive()
    return company


async def test_a_contract_renewed_for_a_time_moves_the_last_day_and_nobody_leaves() -> None:
    company = await staffed(employment(end="2026-03-31"))
    await company.put("employments", employment("11", "2026-04-01", "2026-06-30"))
    await company.derive()
    assert await company.told() == [
        ("employee.leaving.rescheduled", "2026-06-30"),
        ("contract.changed.scheduled", "2026-04-01"),
    ]
    await company.day("2026-04-02")
    await company.derive()
    assert "employee.left" not in await company.names()
    await company.day("2026-07-01")
    await company.derive()
    assert (await company.told())[-1] == ("employee.left", "2026-06-30")


async def test_a_last_day_that_comes_sooner_by_another_contract_is_moved_not_withdrawn() -> None:
    """Whoever acts on the last event of a kind must not be left with `cancelled`."""
    company = await staffed(employment(end="2026-12-31"))
    await company.put("employments", employment(end="2026-03-31"))
    await company.put("employments", employment("11", "2026-04-01", "2026-06-30"))
    await company.derive()
    leaving = [one for one in await company.told() if one[0].startswith("employee.leav")]
    assert leaving == [("employee.leaving.rescheduled", "2026-06-30")]


async def test_a_renewal_that_is_entered_after_the_last_day_takes_the_departure_back() -> None:
    company = await staffed(employment(end="2026-03-15"))
    await company.day("2026-03-16")
    await company.derive()
    await company.put("employments", employment("11", "2026-03-16"))
    await company.derive()
    assert await company.told() == [
        ("employee.left", "2026-03-15"),
        ("employee.leaving.cancelled", "2026-03-15"),
        ("contract.changed", "2026-03-16"),
    ]


async def test_a_contract_deleted_and_written_anew_with_the_same_last_day_tells_nothing() -> None:
    company = await staffed(employment(end="2026-12-31"))
    await company.remove("employments", "10")
    await company.put("employments", employment("11", "2020-01-15", "2026-12-31"))
    await company.derive()
    assert await company.told() == []
    await company.day("2027-01-01")
    await company.derive()
    assert await company.told() == [("employee.left", "2026-12-31")]


async def test_after_a_gap_of_a_day_somebody_has_left_and_is_rehired() -> None:
    company = await staffed(employment())
    await company.put("employments", employment(end="2026-03-31"))
    await company.put("employments", employment("11", "2026-04-02", "2026-04-30"))
    await company.derive()
    assert await company.told() == [
        ("employee.rehired.scheduled", "2026-04-02"),
        ("employee.leaving", "2026-03-31"),
        ("employee.leaving", "2026-04-30"),
    ]
    for day in ("2026-04-01", "2026-04-02", "2026-05-01"):
        await company.day(day)
        await company.derive()
    assert (await company.told())[3:] == [
        ("employee.left", "2026-03-31"),
        ("employee.rehired.effective", "2026-04-02"),
        ("employee.left", "2026-04-30"),
    ]


async def test_closing_the_gap_makes_a_rehire_a_changed_contract() -> None:
    company = await staffed(employment(end="2026-03-31"))
    await company.put("employments", employment("11", "2026-04-02"))
    await company.derive()
    await company.put("employments", employment("11", "2026-04-01"))
    await company.derive()
    assert await company.names() == [
        "employee.rehired.scheduled",
        "employee.rehired.cancelled",
        "employee.leaving.cancelled",
        "contract.changed.scheduled",
    ]


async def test_who_has_another_contract_that_lasts_longer_does_not_leave() -> None:
    """Lucca says that contracts never overlap; what is imported may."""
    company = await staffed(employment())
    await company.put("employments", employment("11", "2026-03-10", "2026-04-30", template=OTHER))
    await company.derive()
    await company.day("2026-05-02")
    await company.derive()
    assert await company.told() == [("contract.changed", "2026-03-10")]


async def test_a_short_contract_within_a_longer_one_does_not_hide_its_end() -> None:
    company = await staffed(employment(end="2026-12-31"), employment("11", "2026-02-01", "2026-03-31"))
    await company.day("2026-04-02")
    await company.derive()
    assert await company.told() == []
    await company.day("2027-01-02")
    await company.derive()
    assert await company.told() == [("employee.left", "2026-12-31")]


async def test_two_contracts_that_end_together_are_one_departure() -> None:
    company = await staffed(employment(), employment("11", "2026-02-01"))
    for number, start in (("10", "2020-01-01"), ("11", "2026-02-01")):
        await company.put("employments", employment(number, start, "2026-04-30"))
    await company.derive()
    await company.day("2026-05-01")
    await company.derive()
    assert await company.told() == [("employee.leaving", "2026-04-30"), ("employee.left", "2026-04-30")]


async def test_a_last_day_moved_into_the_past_has_come() -> None:
    company = await staffed(employment())
    await company.put("employments", employment(end="2026-12-31"))
    await company.derive()
    await company.put("employments", employment(end="2026-03-05"))
    await company.derive()
    assert await company.told() == [("employee.leaving", "2026-12-31"), ("employee.left", "2026-03-05")]


async def test_a_departure_that_is_called_off_on_the_last_day_itself_does_not_come() -> None:
    """Also where the change is seen before midnight and its window ends after it."""
    company = await staffed(employment())
    await company.put("employments", employment(end="2026-03-20"))
    deriver = await company.derive()
    await company.day("2026-03-20")
    company.clock.at = company.clock.at.replace(hour=22, minute=59, second=50)
    await company.put("employments", employment())
    await deriver.look()
    company.clock.at = company.clock.at.replace(hour=23, minute=0, second=5)
    await company.seen_all()
    await deriver.look()
    await company.derive(deriver)
    assert await company.told() == [
        ("employee.leaving", "2026-03-20"),
        ("employee.leaving.cancelled", "2026-03-20"),
    ]


async def test_a_contract_entered_after_it_has_ended_is_history() -> None:
    company = await staffed(employment(end="2026-03-08"))
    await company.put("employments", employment("11", "2026-03-09", "2026-03-09", template=OTHER))
    await company.derive()
    await company.day("2026-04-01")
    await company.derive()
    assert await company.told() == []


async def test_an_upcoming_fixed_term_that_is_called_off_takes_both_back() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employees", employee(status="upcoming"))
    await company.put("employments", employment(start="2026-04-01", end="2026-09-30"))
    await company.derive(deriver)
    await company.remove("employments", "10")
    await company.derive(deriver)
    assert await company.names() == [
        "employee.hired.scheduled",
        "employee.leaving",
        "employee.hired.cancelled",
        "employee.leaving.cancelled",
    ]


async def test_a_leap_day_is_a_last_day_like_others() -> None:
    company = await staffed(employment())
    await company.put("employments", employment(end="2028-02-29"))
    deriver = await company.derive()
    await company.day("2028-02-29")
    await company.derive(deriver)
    assert await company.names() == ["employee.leaving"]
    await company.day("2028-03-01")
    await company.derive(deriver)
    assert await company.told() == [("employee.leaving", "2028-02-29"), ("employee.left", "2028-02-29")]


def user(start: str, end: str | None) -> Record:
    dates: Record = {"dtContractStart": f"{start}T00:00:00", "dtContractEnd": end and f"{end}T00:00:00"}
    return {"id": 1, "firstName": "Ada", **dates}


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-04-01", None, ["employee.rehired.scheduled"]),
        ("2026-04-01", "2026-06-30", ["employee.rehired.scheduled", "employee.leaving"]),
        ("2025-07-01", None, ["employee.leaving.cancelled"]),
        ("2025-07-01", "2026-06-30", ["employee.leaving.rescheduled"]),
    ],
)
async def test_of_users_a_contract_after_a_gap_is_a_rehire_and_without_one_is_none(
    start: str, end: str | None, told: list[str]
) -> None:
    company = Company(watched=V3)
    await company.baseline(users=[user("2020-01-01", "2025-06-30")])
    deriver = await company.derive()
    await company.put("users", user(start, end))
    await company.derive(deriver)
    assert await company.names() == told


async def test_a_manager_who_is_taken_away_is_a_changed_manager() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position(manager=None))
    await company.derive(deriver)
    assert await company.names() == ["manager.changed"]


async def test_a_hire_that_is_put_off_when_it_had_begun_is_moved_and_comes() -> None:
    company = await staffed(employment(start="2026-03-09"))
    await company.put("employments", employment(start="2026-04-01"))
    deriver = await company.derive()
    await company.day("2026-04-01")
    await company.derive(deriver)
    assert await company.told() == [
        ("employee.hired.rescheduled", "2026-04-01"),
        ("employee.hired.effective", "2026-04-01"),
    ]


async def test_a_first_day_corrected_within_the_past_tells_nothing() -> None:
    company = await staffed(employment(start="2026-03-09"))
    await company.put("employments", employment(start="2026-03-02"))
    await company.derive()
    assert await company.told() == []


async def test_a_move_that_is_put_off_when_it_had_begun_is_moved_and_comes() -> None:
    company = await staffed(employment())
    await company.put("job-positions", position("101", "2026-03-10", manager={"id": "8"}))
    deriver = await company.derive()
    await company.day("2026-03-12")
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    await company.day("2026-04-01")
    await company.derive(deriver)
    assert await company.told() == [
        ("manager.changed", "2026-03-10"),
        ("manager.changed.rescheduled", "2026-04-01"),
        ("manager.changed.effective", "2026-04-01"),
    ]
