"""What the client application is not granted looks as if it were not there."""

import pytest

from lucca_sync.simulator.world.actions import Move
from tests.simulator.visitor import Document, Visitor, unlimited, visiting

ABOUT_PEOPLE = (
    *("employees", "employments", "job-positions", "employee-personal-records", "probationary-periods"),
    "employee-attributes",
)
TODAY = "2026-11-22"


async def everything(visitor: Visitor, path: str) -> list[Document]:
    return [item for page in await visitor.walk(f"{path}?limit=100") for item in page.items]


def owner(item: Document, employments: dict[str, str]) -> str:
    """The person whom a record is about."""
    if item["type"] == "employee":
        return str(item["id"])
    return str(item["employee"]["id"]) if "employee" in item else employments[item["employment"]["id"]]


async def workplaces(visitor: Visitor) -> dict[str, str]:
    """Person to the establishment of the position that applies."""
    positions = {item["id"]: item for item in await everything(visitor, "job-positions")}
    return {
        item["id"]: positions[item["applicableJobPosition"]["id"]]["businessEstablishment"]["id"]
        for item in await everything(visitor, "employees")
    }


@pytest.mark.parametrize("granted", [{"2", "3"}, {"1"}, set[str]()])
async def test_people_of_establishments_that_are_not_granted_vanish_with_everything_about_them(
    granted: set[str],
) -> None:
    """Trap 11: a lost grant looks exactly like deletion: absent from lists, 404 by id."""
    async with visiting(unlimited(employees=60)) as visitor:
        places = await workplaces(visitor)
        employments = {
            item["id"]: item["employee"]["id"] for item in await everything(visitor, "employments")
        }
        before = {resource: await everything(visitor, resource) for resource in ABOUT_PEOPLE}
        visitor.simulator.misbehave(establishments=sorted(granted))
        for resource, items in before.items():
            seen = [item["id"] for item in items if places[owner(item, employments)] in granted]
            assert [item["id"] for item in await everything(visitor, resource)] == seen
            total = (await visitor.get(f"{resource}?limit=0&include=totalCount")).json["totalCount"]
            assert total == len(seen)
            gone = next(item["id"] for item in items if item["id"] not in seen)
            assert (await visitor.get(f"{resource}/{gone}")).status == 404


async def test_departments_stay_and_only_granted_establishments_are_listed() -> None:
    async with visiting() as visitor:
        departments = await everything(visitor, "departments")
        visitor.simulator.misbehave(establishments=["2"])
        assert [item["id"] for item in await everything(visitor, "business-establishments")] == ["2"]
        assert await everything(visitor, "departments") == departments
        assert (await visitor.get("business-establishments/1")).status == 404


async def test_who_moves_to_an_establishment_that_is_not_granted_is_gone_at_once() -> None:
    async with visiting() as visitor:
        visitor.simulator.perform(Move(employee="9", establishment="1", on="2026-11-20"))
        visitor.simulator.misbehave(establishments=["1"])
        address = "employee-attributes?employee.id=9"
        assert (await visitor.get("employees/9")).status == 200
        assert (await visitor.get(address)).items
        visitor.simulator.perform(Move(employee="9", establishment="2", on=TODAY))
        assert (await visitor.get("employees/9")).status == 404
        assert not (await visitor.get(address)).items


async def test_embedded_records_are_hidden_as_well() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(establishments=["1"])
        page = (await visitor.get("business-establishments?include=embedded")).json
        assert page["embedded"]["legal-entity"].keys() == {"1"}
        visitor.simulator.misbehave(establishments=None, hidden={"legal-entities": ["1"]})
        page = (await visitor.get("business-establishments?include=embedded")).json
        assert "1" not in page["embedded"]["legal-entity"]
