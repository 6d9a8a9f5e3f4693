"""What is told of absences, by whichever API shows them."""

from lucca_sync.ingest.business.person import decode
from lucca_sync.model.event import PEOPLE
from lucca_sync.model.values import Json
from tests.business.company import V3, Company, Record


def half(day: int, part: str = "AM", **fields: Json) -> Record:
    """A half-day as ingest keeps it."""
    return {
        "id": f"1-202604{day:02}-{part}-3",
        "ownerId": 1,
        "date": f"2026-04-{day:02}",
        "isAm": part == "AM",
        "leaveAccountId": 3,
        "leavePeriodId": 77,
        "isActive": True,
        "isConfirmed": False,
        **fields,
    }


def leave(status: str, **fields: Json) -> Record:
    return {"id": "7", "employee": {"id": "1"}, "startsOn": "2026-04-06", "status": status, **fields}


async def test_twenty_half_days_are_one_absence() -> None:
    """Trap 43: nobody wants twenty messages about one holiday."""
    company = Company(watched=V3)
    await company.baseline()
    deriver = await company.derive()
    days = [(day, part) for day in range(6, 16) for part in ("AM", "PM")]
    for day, part in reversed(days):
        await company.put("leaves", half(day, part))
    await company.derive(deriver)
    for day, part in days:
        await company.put("leaves", half(day, part, isConfirmed=True))
    await company.derive(deriver)
    assert await company.told() == [("leave.requested", "2026-04-06"), ("leave.approved", "2026-04-06")]
    (requested, _) = await company.events()
    assert requested.business is not None
    assert len(requested.business.because) == 20


AT_NOON, LATER = "2026-03-10T12:00:00Z", "2026-03-10T15:00:00Z"


async def test_an_absence_asked_for_at_once_and_seen_bit_by_bit_is_told_once() -> None:
    """Its half-days may stand on two pages, or be found by two looks: Lucca says when they were made."""
    company = Company(watched=V3)
    await company.baseline()
    deriver = await company.derive()
    for days in ((6, 7), (8, 9), (10, 13)):
        for day in days:
            await company.put("leaves", half(day, creationDate=f"2026-03-10T12:00:0{day % 3}"))
        await company.derive(deriver)
    for day in (6, 7, 8):
        confirmed = half(day, creationDate=AT_NOON, isConfirmed=True, confirmationDate=LATER)
        await company.put("leaves", confirmed)
        await company.derive(deriver)
    assert await company.told() == [("leave.requested", "2026-04-06"), ("leave.approved", "2026-04-06")]


async def test_days_added_to_an_absence_later_are_told() -> None:
    company = Company(watched=V3)
    await company.baseline()
    deriver = await company.derive()
    await company.put("leaves", half(6, creationDate=AT_NOON))
    await company.derive(deriver)
    await company.put("leaves", half(7, creationDate=LATER))
    await company.derive(deriver)
    assert await company.told() == [("leave.requested", "2026-04-06"), ("leave.requested", "2026-04-07")]


async def test_the_first_day_of_an_absence_is_told_though_it_is_seen_last() -> None:
    company = Company(watched=V3)
    await company.baseline()
    deriver = await company.derive()
    for day in (8, 9, 6, 7):
        await company.put("leaves", half(day, creationDate=AT_NOON))
        await company.derive(deriver)
    assert await company.told() == [("leave.requested", "2026-04-08"), ("leave.requested", "2026-04-06")]


async def test_only_so_many_acts_are_remembered_of_a_person() -> None:
    company = Company(watched=V3)
    await company.baseline()
    deriver = await company.derive()
    for period in range(40):
        await company.put(
            "leaves",
            half(6, leaveAccountId=period, leavePeriodId=period, id=f"1-{period}-3", creationDate=AT_NOON),
        )
        await company.derive(deriver)
    (known,) = (await company.journal.known(company.place(PEOPLE), ["1"])).values()
    assert len(decode(known.content).told) == 30
    assert await company.names() == ["leave.requested"] * 40


async def test_of_many_acts_the_oldest_are_forgotten_not_those_whose_names_come_first() -> None:
    company = Company(watched=V3)
    await company.baseline()
    deriver = await company.derive()
    acts = [*((period, AT_NOON) for period in range(60, 90)), (10, LATER), (95, LATER)]
    for period, made in acts:
        await company.put("leaves", half(6, id=f"1-{period}", leavePeriodId=period, creationDate=made))
        await company.derive(deriver)
    before = await company.told()
    await company.put("leaves", half(7, leavePeriodId=10, creationDate=LATER))
    await company.derive(deriver)
    assert await company.told() == before


async def test_a_cancelled_absence_is_told_in_words() -> None:
    """Trap 45: cancelled leaves stay, with `isActive: false`."""
    company = Company(watched=V3)
    await company.baseline(leaves=[half(6, isConfirmed=True), half(6, "PM", isConfirmed=True)])
    deriver = await company.derive()
    for part in ("AM", "PM"):
        await company.put("leaves", half(6, part, isConfirmed=True, isActive=False))
    await company.derive(deriver)
    assert await company.told() == [("leave.cancelled", "2026-04-06")]


async def test_of_several_resources_about_absences_one_is_believed() -> None:
    """An approval changes the request and the leave: it is told once."""
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    request: Record = {"id": "3", "employee": {"id": "1"}, "status": "pending"}
    await company.put("leave-requests-v5", request)
    await company.put("leaves-v5", leave("tentative"))
    await company.derive(deriver)
    await company.put("leave-requests-v5", {**request, "status": "approved"})
    await company.put("leaves-v5", leave("confirmed"))
    await company.derive(deriver)
    await company.put("leaves-v5", leave("cancelled"))
    await company.derive(deriver)
    assert await company.told() == [
        ("leave.requested", None),
        ("leave.approved", "2026-04-06"),
        ("leave.cancelled", "2026-04-06"),
    ]


async def test_details_of_an_absence_are_as_sensitive_here_as_there() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("leaves-v5", leave("confirmed", details={"reason": "planted"}))
    await company.derive(deriver)
    (event,) = await company.events()
    assert event.carries == "leaves-v5"


async def test_users_of_the_old_api_tell_of_careers_too() -> None:
    company = Company(watched=V3)
    await company.baseline(users=[{"id": 2, "firstName": "Grace", "managerId": 9, "departmentId": 5}])
    deriver = await company.derive()
    new: Record = {
        "id": 1,
        "firstName": "Ada",
        "dtContractStart": "2026-03-10T00:00:00",
        "dtContractEnd": None,
    }
    await company.put("users", new)
    other: Record = {"id": 2, "firstName": "Grace", "managerId": 8, "departmentId": 5}
    await company.put("users", other)
    await company.derive(deriver)
    await company.put("users", {**new, "dtContractEnd": "2026-03-20T00:00:00"})
    await company.put("users", {**other, "firstName": "G."})
    await company.derive(deriver)
    await company.day("2026-03-21")
    await company.derive(deriver)
    assert sorted(await company.told(), key=str) == [
        ("employee.hired", "2026-03-10"),
        ("employee.leaving", "2026-03-20"),
        ("employee.left", "2026-03-20"),
        ("employee.renamed", None),
        ("manager.changed", None),
    ]
