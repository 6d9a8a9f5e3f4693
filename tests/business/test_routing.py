"""Business events along routes: by their names, cut by the resource whose record they carry."""

from lucca_sync.egress.route import Route, Router
from lucca_sync.kit.expression import CompiledExpression
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event
from tests.business.company import Company, employee, employment, settled

NAMES = frozenset({"employee.hired", "employee.leaving"})
WORDS = Route("words", None, ("crm",), kinds=frozenset(), business=NAMES)
BOTH = Route("both", frozenset({"departments"}), ("crm",), business=NAMES)
RAW = Route("raw", None, ("crm",))


async def leaving() -> Event:
    company = Company()
    await company.baseline(**{**settled(), "employees": [employee(birthDay={"day": 1})]})
    deriver = await company.derive()
    await company.put("employments", employment(end="2026-04-10"))
    await company.derive(deriver)
    (event,) = await company.events()
    return event


async def test_a_name_is_what_counts_and_no_resource_restricts_it() -> None:
    event = await leaving()
    assert Router([WORDS, BOTH, RAW]).lanes(event) == (Lane("words", "crm"), Lane("both", "crm"))


async def test_a_condition_sees_the_date() -> None:
    event = await leaving()
    soon = CompiledExpression("on == '2026-04-10'")
    later = CompiledExpression("on == '2026-05-10'")
    routes = [
        Route("soon", None, ("crm",), business=NAMES, when=soon),
        Route("later", None, ("crm",), business=NAMES, when=later),
    ]
    assert Router(routes).lanes(event) == (Lane("soon", "crm"),)


async def test_what_is_sensitive_in_the_record_stays_home_unless_it_is_named() -> None:
    """Trap 55."""
    event = await leaving()
    shown = WORDS.shown(event)
    assert event.record is not None
    assert shown.record is not None
    assert "birthDay" in event.record
    assert "birthDay" not in shown.record
    named = Route("named", None, ("crm",), business=NAMES, fields=frozenset({"birthDay"})).shown(event)
    assert named.record == {"id": "1", "birthDay": {"day": 1}}


async def test_with_people_alone_careers_are_told_as_far_as_they_show() -> None:
    company = Company(watched=("employees",))
    await company.baseline(employees=[employee("2")])
    deriver = await company.derive()
    await company.put("employees", employee("1"))
    await company.put("employees", employee("2", status="deactivated"))
    await company.derive(deriver)
    await company.put("employees", employee("2", status="upcoming"))
    await company.remove("employees", "1")
    await company.derive(deriver)
    await company.put("employees", employee("1"))
    await company.derive(deriver)
    assert sorted(await company.told()) == [
        ("employee.hired", None),
        ("employee.left", None),
        ("employee.rehired", None),
    ]
