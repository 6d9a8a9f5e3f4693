"""Each way of showing the same record differently, switched on and really met."""

import re

import pytest

from lucca_sync.simulator.world.actions import ChangePhone, Rename, RenameDepartment
from tests.simulator.visitor import HandClock, Visitor, unlimited, visiting


async def twice(visitor: Visitor, path: str) -> tuple[bytes, bytes]:
    return (await visitor.get(path)).body, (await visitor.get(path)).body


async def test_a_field_that_vanishes_is_lacking_on_every_record() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(vanishing={"employees": ["email", "birthDay"]})
        for item in (await visitor.get("employees")).items:
            assert not item.keys() & {"email", "birthDay"}
        assert "email" not in (await visitor.get("employees/3")).json
        assert "email" in (visitor.simulator.record("employees", "3") or {}), "the truth stays whole"


async def test_a_field_may_show_null_on_every_record() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(nulled={"job-positions": ["department"]})
        assert {item["department"] for item in (await visitor.get("job-positions")).items} == {None}


async def test_arrays_of_references_come_in_another_order_at_each_call() -> None:
    """Trap 22: the order of what is identified means nothing."""
    async with visiting() as visitor:
        visitor.simulator.misbehave(reordered=["employment-templates"])
        first, second = [
            [entity["id"] for entity in (await visitor.get("employment-templates/3")).json["legalEntities"]]
            for _ in range(2)
        ]
        assert first != second
        assert sorted(first) == sorted(second) == ["1", "2", "3"]


async def test_whole_numbers_are_written_with_and_without_a_point_by_turns() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(reformatted=["*"])
        first, second = await twice(visitor, "departments")
        assert bool(re.search(rb'"level":1\.0\b', first)) is not bool(re.search(rb'"level":1\.0\b', second))
        assert b'"isArchived":false' in first


async def test_a_restless_order_shows_in_departments_alone() -> None:
    async with visiting() as visitor:
        departments, employees = await twice(visitor, "departments"), await twice(visitor, "employees/3")
        assert departments[0] == departments[1]
        visitor.simulator.misbehave(restless_order=True)
        departments = await twice(visitor, "departments")
        assert departments[0] != departments[1]
        assert await twice(visitor, "employees/3") == employees


async def test_embedded_records_are_partial_and_some_are_missing() -> None:
    """Trap 17: what is embedded is no record to compare with."""
    async with visiting() as visitor:
        whole = (await visitor.get("employees?include=embedded")).json["embedded"]
        visitor.simulator.misbehave(embedded_partial=True)
        part = (await visitor.get("employees?include=embedded")).json["embedded"]
        assert 0 < len(part["job-position"]) < len(whole["job-position"])
        for record in part["job-position"].values():
            assert record.keys() == {"id", "type", "url"}


async def test_embedded_records_are_stale_while_their_own_answers_are_not() -> None:
    async with visiting() as visitor:
        visitor.simulator.perform(RenameDepartment(department="1", name="Bureau"))
        visitor.simulator.misbehave(embedded_stale=True)
        page = (await visitor.get("job-positions?department.id=1&include=embedded")).json
        assert page["embedded"]["department"]["1"]["name"] == "Direction générale"
        assert (await visitor.get("departments/1")).json["name"] == "Bureau"


async def test_a_list_is_stale_only_for_a_while_after_a_change() -> None:
    """Trap 18: a list lags behind, the record itself does not, and after a while they agree."""
    clock = HandClock()
    async with visiting(unlimited(), clock) as visitor:
        visitor.simulator.misbehave(stale={"employees": ["*"]}, stale_for=10)
        visitor.simulator.perform(Rename(employee="1", family_name="Neuf"))
        clock.move(seconds=9)
        assert (await visitor.get("employees")).items[0]["familyName"] != "Neuf"
        assert (await visitor.get("employees/1")).json["familyName"] == "Neuf"
        clock.move(seconds=2)
        assert (await visitor.get("employees")).items[0]["familyName"] == "Neuf"


SWITCHES: list[tuple[str, object, str]] = [
    ("vanishing", {"employees": ["email"]}, "employees"),
    ("nulled", {"employees": ["email"]}, "employees"),
    ("reordered", ["*"], "employment-templates"),
    ("reformatted", ["*"], "departments"),
    ("restless_order", True, "departments"),
    ("embedded_partial", True, "employees?include=embedded"),
    ("embedded_stale", True, "employments?include=embedded"),
    ("stale", {"employees": ["*"]}, "employees"),
    ("unlisted", {"employees": ["1"]}, "employees"),
    ("hidden", {"employees": ["1"]}, "employees"),
    ("overrides", {"employees": {"*": {"status": "onLeave"}}}, "employees"),
    ("establishments", ["2"], "employees"),
    ("sections", [], "employee-attributes"),
]


@pytest.mark.parametrize(("name", "value", "path"), SWITCHES, ids=[row[0] for row in SWITCHES])
async def test_an_oddity_that_was_really_met_is_counted(name: str, value: object, path: str) -> None:
    async with visiting() as visitor:
        visitor.simulator.perform(ChangePhone(employee="1"))
        visitor.simulator.misbehave(**{name: value})
        assert not visitor.simulator.stats.met
        await visitor.get("public-holidays-calendars")
        assert not visitor.simulator.stats.met, "nothing odd about these"
        for _ in range(2):
            await visitor.get(path)
        assert {counted.replace("-", "_") for counted in visitor.simulator.stats.met} == {name}
        visitor.simulator.behave()
        met = dict(visitor.simulator.stats.met)
        await visitor.get(path)
        assert visitor.simulator.stats.met == met
