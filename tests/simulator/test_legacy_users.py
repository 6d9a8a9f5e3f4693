"""Users of the legacy API: who is listed, by what they are found, and what moves `modifiedAt`."""

from datetime import date
from typing import cast

import pytest

from lucca_sync.simulator import Simulator
from lucca_sync.simulator.world.actions import (
    AnyAction,
    AssignNumber,
    ChangeManager,
    ChangePhone,
    EndContract,
    Hire,
    Move,
    Rehire,
    Rename,
    Set,
)
from tests.simulator.legacy import ask, ids, instant, items
from tests.simulator.visitor import NOON, Document, HandClock, Visitor, unlimited, visiting

FIELDS = (
    "fields=id,name,displayName,firstName,lastName,login,mail,employeeNumber,"
    "dtContractStart,dtContractEnd,legalEntityId,departmentId,managerId,modifiedAt"
)
ALL = f"users?formerEmployees=true&{FIELDS}"
TODAY = "2026-11-22T00:00:00"


async def everybody(visitor: Visitor) -> list[Document]:
    return await items(visitor, ALL)


async def user(visitor: Visitor, number: int) -> Document:
    return dict((await ask(visitor, f"users/{number}")).json["data"])


async def test_a_user_shows_what_v5_shows_of_the_person_and_the_position_that_applies() -> None:
    async with visiting(unlimited(employees=60)) as visitor:
        for found in await everybody(visitor):
            employee = visitor.simulator.record("employees", str(found["id"]))
            assert employee is not None
            assert (found["mail"], found["employeeNumber"]) == (employee["email"], employee["employeeNumber"])
            assert found["displayName"] == f"{employee['givenName']} {employee['familyName']}"
            position = visitor.simulator.record("job-positions", reference(employee["applicableJobPosition"]))
            assert position is not None
            assert str(found["departmentId"]) == reference(position["department"])


def reference(shown: object) -> str:
    return str(cast("Document", shown)["id"])


async def test_the_legal_entity_of_a_user_is_an_establishment() -> None:
    """Trap 42: v3 calls a legal entity what v5 calls a business establishment."""
    async with visiting(unlimited(employees=60)) as visitor:
        differing = 0
        for found in await everybody(visitor):
            employee = visitor.simulator.record("employees", str(found["id"]))
            assert employee is not None
            position = visitor.simulator.record("job-positions", reference(employee["applicableJobPosition"]))
            contract = visitor.simulator.record("employments", reference(employee["applicableEmployment"]))
            assert position is not None
            assert contract is not None
            assert str(found["legalEntityId"]) == reference(position["businessEstablishment"])
            differing += str(found["legalEntityId"]) != reference(contract["legalEntity"])
        assert differing, "the example must tell the two apart"


async def test_leavers_are_listed_only_when_asked_for() -> None:
    """Trap 40: by default whoever has left looks deleted."""
    async with visiting(unlimited(employees=200)) as visitor:
        everyone = await everybody(visitor)
        left = {str(one["id"]) for one in everyone if one["dtContractEnd"] and one["dtContractEnd"] < TODAY}
        assert len(everyone) == 200
        assert left
        assert {str(one["id"]) for one in everyone} - left == set(await ids(visitor, "users"))
        with_end = set(await ids(visitor, "users?dtContractEnd=notequal,null"))
        assert with_end == {str(one["id"]) for one in everyone if one["dtContractEnd"]}
        gone = min(left)
        assert await ids(visitor, f"users?id={gone}") == []
        assert (await ask(visitor, f"users/{gone}")).status == 200


async def test_somebody_disappears_from_the_default_list_the_day_after_the_last_one() -> None:
    clock = HandClock()
    async with visiting(unlimited(), clock) as visitor:
        visitor.simulator.perform(EndContract(employee="7", on="2026-11-22"))
        assert "7" in await ids(visitor, "users")
        clock.move(hours=24)
        assert "7" not in await ids(visitor, "users")
        assert "7" in await ids(visitor, "users?formerEmployees=true")


async def test_users_are_found_by_what_the_reference_names() -> None:
    async with visiting(unlimited(employees=120)) as visitor:
        everyone = {str(one["id"]): one for one in await everybody(visitor)}

        async def found(query: str) -> set[str]:
            return set(await ids(visitor, f"users?formerEmployees=true&{query}"))

        def those(name: str, *values: object) -> set[str]:
            picked = {key for key, one in everyone.items() if one[name] in values}
            assert 0 < len(picked) < len(everyone)
            return picked

        some = everyone["5"]
        assert await found("id=3,5,999") == {"3", "5"}
        assert await found(f"mail={some['mail'].upper()}") == {"5"}
        assert await found(f"mail=like,{some['mail'][2:9]}") >= {"5"}
        assert await found(f"login={some['login']}") == {"5"}
        assert await found(f"departmentId={some['departmentId']}") == those(
            "departmentId", some["departmentId"]
        )
        assert await found("legalEntityId=2,3") == those("legalEntityId", 2, 3)
        assert await found("managerId=null") == those("managerId", None)
        assert await found("dtContractEnd=null") == those("dtContractEnd", None)
        since = {key for key, one in everyone.items() if one["dtContractStart"] >= "2024-01-01"}
        assert await found("dtContractStart=since,2024-01-01") == since


MOVING: list[AnyAction] = [
    Rename(employee="5"),
    ChangePhone(employee="5"),
    Set(resource="employees", id="5", path="/email", value="new@example.org"),
    AssignNumber(employee="5", number="77001"),
    EndContract(employee="5", on="2027-03-31"),
]


@pytest.mark.parametrize("action", MOVING, ids=[action.what for action in MOVING])
async def test_a_persons_own_fields_and_contract_dates_move_modified_at(action: AnyAction) -> None:
    async with visiting() as visitor:
        assert await ids(visitor, "users?modifiedAt=since,2026-11-22T00:00:00") == []
        visitor.simulator.perform(action)
        assert await ids(visitor, "users?modifiedAt=since,2026-11-22T00:00:00") == ["5"]
        assert instant((await user(visitor, 5))["modifiedAt"]) == NOON


@pytest.mark.parametrize("action", [Move(employee="5"), ChangeManager(employee="5", manager="9")])
async def test_a_position_changes_a_user_without_moving_modified_at(action: AnyAction) -> None:
    async with visiting() as visitor:
        before = await user(visitor, 5)
        entries = visitor.simulator.perform(action)
        after = await user(visitor, 5)
        assert before != after
        assert before["modifiedAt"] == after["modifiedAt"]
        assert [entry.kind for entry in entries if (entry.resource, entry.id) == ("v3/users", "5")] == [
            "updated"
        ]


async def test_a_hire_and_a_return_move_modified_at_too() -> None:
    clock = HandClock()
    async with visiting(unlimited(), clock) as visitor:
        visitor.simulator.perform(Hire(start="2027-01-04"))
        assert await ids(visitor, "users?modifiedAt=since,2026-11-22") == ["51"]
        visitor.simulator.perform(EndContract(employee="5", on="2026-11-22"))
        clock.move(days=2)
        visitor.simulator.perform(Rehire(employee="5", start="2026-12-01"))
        assert await ids(visitor, "users?modifiedAt=since,2026-11-24") == ["5"]


async def test_the_clock_of_modified_at_can_be_another_than_utc() -> None:
    """Trap 46: a naive instant is read and written on the tenant's own clock."""
    async with visiting(unlimited(users_zone="Europe/Paris")) as visitor:
        visitor.simulator.perform(Rename(employee="5"))
        assert (await user(visitor, 5))["modifiedAt"] == "2026-11-22T13:00:00.000"
        assert await ids(visitor, "users?modifiedAt=since,2026-11-22T13:00:00") == ["5"]
        assert await ids(visitor, "users?modifiedAt=since,2026-11-22T13:00:01") == []
        assert await ids(visitor, "users?modifiedAt=since,2026-11-22T12:00:00Z") == ["5"]


def test_what_applies_turns_at_midnight_for_a_user_as_well() -> None:
    clock = HandClock()
    simulator = Simulator(unlimited(), clock)
    simulator.perform(Move(employee="5", establishment="3", on=date(2026, 11, 23).isoformat()))
    last = len(simulator.ledger)
    clock.move(days=1)
    simulator.world.catch_up()
    turned = [
        entry for entry in simulator.ledger.after(last) if (entry.resource, entry.id) == ("v3/users", "5")
    ]
    assert [(entry.kind, entry.what) for entry in turned] == [("updated", "midnight")]
    assert "departmentId" in turned[0].fields
    assert "modifiedAt" not in turned[0].fields
