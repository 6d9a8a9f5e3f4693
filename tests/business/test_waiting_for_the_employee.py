"""A hire is told with the employee's record, and waits for that for as long as it may still come."""

from datetime import timedelta

import pytest

from lucca_sync.ingest.business.person import decode
from lucca_sync.ingest.canonical import canonicalise
from lucca_sync.ingest.emit import Origin, write_created
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.event import PEOPLE
from tests.business.company import TENANT, URL, WINDOW, Company, employee, employment, nowhere

HOUR = timedelta(hours=1)


async def partly_read(*, refused: str) -> Company:
    """A tenant whose baselines are all done but that of one resource, which was refused midway."""
    company = Company()
    company.watched = [one for one in company.watched if one != refused]
    await company.baseline()
    company.watched = [*company.watched, refused]
    origin = Origin(TENANT, URL, CATALOGUE[refused], company.clock.at, "sweep")
    first = write_created(origin, "7", canonicalise(employee("7"), CATALOGUE[refused]), None, nowhere)
    await company.journal.commit_writes(company.place(refused), company.clock.at, [first])
    return company


async def test_employees_that_are_refused_hold_a_hire_for_an_hour_and_no_longer() -> None:
    """A scope is missing, or was taken away while the first look went on."""
    company = await partly_read(refused="employees")
    deriver = company.deriver()
    await deriver.look()
    await company.put("employments", employment(start="2026-03-10", end="2026-09-30"))
    company.clock.at += timedelta(minutes=59)
    await deriver.look()
    assert await company.names() == []
    company.clock.at += timedelta(minutes=2)
    await deriver.look()
    assert await company.told() == [("employee.hired", "2026-03-10"), ("employee.leaving", "2026-09-30")]
    (hired, _) = await company.events()
    assert hired.business is not None
    assert hired.business.of == "employments", "what there is of a record is the contract"


async def test_a_hire_told_without_the_employee_is_not_told_again_with_it() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employments", employment(start="2026-03-10"))
    await company.derive(deriver)
    company.clock.at += HOUR
    await company.derive(deriver)
    await company.put("employees", employee())
    await company.derive(deriver)
    assert await company.names() == ["employee.hired"]


async def test_the_id_is_the_same_with_the_employee_and_without() -> None:
    found = set[str]()
    for patient in (True, False):
        company = Company()
        await company.baseline()
        deriver = await company.derive()
        await company.put("employments", employment(start="2026-03-10"))
        await company.derive(deriver)
        company.clock.at += timedelta(minutes=1) if patient else HOUR
        await (company.put("employees", employee()) if patient else deriver.look())
        await company.derive(deriver)
        found |= {one.id for one in await company.events()}
    assert len(found) == 1


async def test_an_employee_whose_window_is_open_is_waited_for() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employments", employment(start="2026-03-10"))
    await company.derive(deriver)
    company.clock.at += HOUR - timedelta(seconds=40)
    await company.put("employees", employee())
    company.clock.at += timedelta(seconds=20)
    await deriver.look()
    assert await company.names() == []
    await company.derive(deriver)
    (event,) = await company.events()
    assert event.carries == "employees"


async def test_a_fixed_term_that_goes_before_its_employee_is_seen_never_was() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employments", employment(start="2026-03-20", end="2026-03-30"))
    await company.derive(deriver)
    await company.remove("employments", "10")
    await company.derive(deriver)
    company.clock.at += 2 * HOUR
    await company.derive(deriver)
    await company.day("2026-04-02")
    await company.derive(deriver)
    assert await company.names() == []


async def test_employees_whose_first_look_ends_late_are_in_what_waited_for_them() -> None:
    """Taken in with a baseline nobody has changed: the hire still comes, with the record."""
    company = await partly_read(refused="employees")
    deriver = company.deriver()
    await deriver.look()
    await company.put("employments", employment(start="2026-03-10", employee={"id": "7"}))
    await company.derive(deriver)
    await company.seen("employees")
    company.clock.at += HOUR
    await company.derive(deriver)
    (event,) = await company.events()
    assert (event.type, event.carries) == ("lucca.employee.hired", "employees")


async def test_a_new_look_at_contracts_forgets_nobody_who_waits() -> None:
    company = Company()
    await company.baseline()
    await company.derive()
    await company.put("employments", employment(start="2026-03-10"))
    await company.derive()
    company.notices = (21,)  # other rules about dates: all records are gone through again
    await company.derive()
    await company.put("employees", employee())
    await company.derive()
    assert await company.names() == ["employee.hired"]


async def test_a_resource_refused_midway_holds_nothing_that_is_told_from_others() -> None:
    company = await partly_read(refused="job-positions")
    await company.put("employees", employee("2"))
    deriver = company.deriver()
    await deriver.look()
    await company.put("employees", employee("2", familyName="Lovelace"))
    await company.put("employments", employment(start="2026-03-10", employee={"id": "2"}))
    company.clock.at += WINDOW
    await deriver.look()
    assert sorted(await company.names()) == ["employee.hired", "employee.renamed"]


async def overtaken_by_midnight(employee_seen: tuple[int, int]) -> list[tuple[str, str | None]]:
    """See a contract of one day an hour before its end, the employee a little later, nothing for a day."""
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    company.clock.at = company.clock.at.replace(hour=22, minute=50)
    await company.put("employments", employment(start="2026-03-10", end="2026-03-10"))
    await company.derive(deriver)
    hour, minute = employee_seen
    company.clock.at = company.clock.at.replace(hour=hour, minute=minute)
    await company.put("employees", employee())
    company.clock.at += WINDOW
    await deriver.look()
    await company.day("2026-03-11")
    await company.derive(deriver)
    return await company.told()


async def test_who_waits_for_the_employee_has_left_when_the_last_day_ends_meanwhile() -> None:
    left = [("employee.left", "2026-03-10")]
    both = [("employee.hired", "2026-03-10"), ("employee.leaving", "2026-03-10")]
    assert await overtaken_by_midnight((22, 55)) == both + left
    assert (await overtaken_by_midnight((23, 5)))[-1:] == left


@pytest.mark.parametrize("seen", [True, False])
async def test_who_leaves_while_the_employee_is_waited_for_is_told_to_have_left_once(*, seen: bool) -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    company.clock.at = company.clock.at.replace(hour=22, minute=30)
    await company.put("employments", employment(start="2026-03-01", end="2026-03-10"))
    await company.derive(deriver)
    company.clock.at += timedelta(minutes=45)
    await company.seen_all()
    await deriver.look()
    if seen:
        await company.put("employees", employee())
    company.clock.at += HOUR
    await company.derive(deriver)
    assert await company.told() == [("employee.left", "2026-03-10")]


async def test_what_waited_for_a_rule_that_is_no_more_is_forgotten() -> None:
    """It would be due at every look for ever."""
    company = Company()
    await company.baseline()
    await company.derive()
    await company.put("employments", employment(start="2026-03-01", end="2026-05-10"))
    await company.derive()
    company.rules = [rule for rule in company.rules if "leaving" not in rule.name]
    company.clock.at += HOUR
    await company.derive()
    (known,) = (await company.journal.known(company.place(PEOPLE), ["1"])).values()
    assert decode(known.content).waiting == {}
    assert await company.names() == ["employee.hired"]
