"""Events that the settings define."""

from lucca_sync.model.business import RULES, Rule, Source, own_rule
from tests.business.company import V5, Company, Record, position, settled

PROMOTED = "previous && record.jobQualification.id != previous.jobQualification.id"


def company(*rules: Rule) -> Company:
    return Company(watched=(*V5, "employee-attributes"), rules=(*RULES, *rules))


def own(name: str, when: str, on: str = "", resource: str = "job-positions") -> Rule:
    return own_rule(name, Source(resource, when, on, "dated" if on else "moment"))


async def test_an_event_of_ones_own_has_phases_like_the_others() -> None:
    one = company(own("employee.promoted", PROMOTED, "record.startsOn"))
    await one.baseline(**settled())
    deriver = await one.derive()
    await one.put("job-positions", position("101", "2026-04-01", jobQualification={"id": "2"}))
    await one.derive(deriver)
    await one.day("2026-04-01")
    await one.derive(deriver)
    names = [name for name in await one.names() if name.startswith("employee.promoted")]
    assert names == ["employee.promoted.scheduled", "employee.promoted.effective"]


async def test_without_a_date_it_is_told_at_once() -> None:
    one = company(own("employee.retitled", "changes[?path == '/jobTitle']"))
    await one.baseline(**settled())
    deriver = await one.derive()
    await one.put("job-positions", position(jobTitle="Director"))
    await one.derive(deriver)
    assert await one.told() == [("position.changed", "2020-01-01"), ("employee.retitled", None)]


def attribute(value: str, since: str | None = None) -> Record:
    return {
        "id": "900",
        "employee": {"id": "1"},
        "definition": {"id": "e_badge"},
        "value": value,
        "since": since,
    }


async def test_a_date_in_any_record_of_a_person_can_lie_ahead() -> None:
    rule = own(
        "badge.changed", "previous && record.value != previous.value", "record.since", "employee-attributes"
    )
    one = company(rule)
    await one.baseline(**settled(), employee_attributes=[attribute("red")])
    deriver = await one.derive()
    await one.put("employee-attributes", attribute("blue", "2026-04-01"))
    await one.derive(deriver)
    await one.put("employee-attributes", attribute("blue", "2026-04-05"))
    await one.derive(deriver)
    await one.put("employee-attributes", {**attribute("blue", "2026-04-05"), "note": "unrelated"})
    await one.derive(deriver)
    await one.put("employee-attributes", attribute("red", "2026-04-05"))
    await one.derive(deriver)
    assert await one.told() == [
        ("badge.changed.scheduled", "2026-04-01"),
        ("badge.changed.rescheduled", "2026-04-05"),
        ("badge.changed.cancelled", "2026-04-05"),
    ]


async def test_a_condition_that_fails_on_a_value_tells_nothing_and_stops_nothing() -> None:
    one = company(own("employee.odd", "length(record.department) > `3`"))
    await one.baseline(**settled())
    deriver = await one.derive()
    await one.put("job-positions", position(department=7, manager={"id": "8"}))
    await one.derive(deriver)
    assert "employee.odd" not in await one.names()
    assert "manager.changed" in await one.names()


async def test_a_rule_that_is_new_learns_the_dates_that_lie_ahead() -> None:
    before = company()
    await before.baseline(
        **{**settled(), "job_positions": [position(), position("101", "2026-04-01", jobQualification={})]}
    )
    await before.derive()
    after = Company(
        before.journal,
        before.clock,
        before.watched,
        (*RULES, own("employee.promoted", "previous && record.jobQualification", "record.startsOn")),
    )
    planned = position("101", "2026-04-01", jobQualification={"id": "2"})
    await before.put("job-positions", planned)
    await before.derive()
    deriver = await after.derive()
    await after.day("2026-04-01")
    await after.derive(deriver)
    assert [name for name in await after.names() if "promoted" in name] == ["employee.promoted.effective"]
