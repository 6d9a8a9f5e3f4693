"""The control API changes the world, tells the truth and explains itself."""

import re
from typing import Any

import pytest

from lucca_sync.simulator import Simulator
from tests.simulator.visitor import HandClock, Visitor, visiting

EMPLOYEE = {"employee": "4"}
CHANGES: list[tuple[dict[str, Any], str, str]] = [
    ({"action": "hire", "given_name": "Zoé", "family_name": "Renoir"}, "employees/51", "created"),
    ({"action": "rename", **EMPLOYEE, "family_name": "Perrault"}, "employees/4", "updated"),
    ({"action": "move", **EMPLOYEE, "department": "2", "manager": "9"}, "employees/4", "updated"),
    ({"action": "change-manager", **EMPLOYEE, "manager": "9"}, "job-positions/*", "updated"),
    ({"action": "end-contract", **EMPLOYEE, "on": "2026-12-31"}, "employments/*", "updated"),
    ({"action": "extend-probation", **EMPLOYEE, "until": "2027-01-31"}, "probationary-periods/*", "updated"),
    ({"action": "change-phone", **EMPLOYEE}, "employees/4", "updated"),
    ({"action": "assign-number", **EMPLOYEE, "number": "A-17"}, "employees/4", "updated"),
    (
        {"action": "add-attribute", **EMPLOYEE, "definition": "e_languages"},
        "employee-attributes/*",
        "created",
    ),
    ({"action": "edit-attribute", "attribute": "5", "value": "XXL"}, "employee-attributes/5", "updated"),
    ({"action": "replace-attribute", "attribute": "1"}, "employee-attributes/1", "updated"),
    ({"action": "delete-attribute", "attribute": "5"}, "employee-attributes/5", "deleted"),
    ({"action": "rename-department", "department": "2", "name": "Trésorerie"}, "departments/2", "updated"),
    ({"action": "edit-personal-record", **EMPLOYEE}, "employee-personal-records/4", "updated"),
    ({"action": "create", "resource": "professions"}, "professions/*", "created"),
    ({"action": "retitle", "resource": "taxonomies", "id": "2"}, "taxonomies/2", "updated"),
    ({"action": "amend", "resource": "job-qualifications", "id": "2"}, "job-qualifications/2", "updated"),
    (
        {"action": "archive", "resource": "employee-attribute-definitions", "id": "e_tShirtSize"},
        "employee-attribute-definitions/e_tShirtSize",
        "updated",
    ),
    ({"action": "unarchive", "resource": "taxonomy-labels", "id": "5"}, "taxonomy-labels/5", "updated"),
    ({"action": "reorder-departments", "parent": "1"}, "departments/2", "updated"),
    ({"action": "touch", "resource": "employees", "id": "4"}, "employees/4", "updated"),
    ({"action": "delete", "resource": "employees", "id": "4"}, "employees/4", "deleted"),
    ({"action": "delete", "resource": "employments", "id": "4"}, "employments/4", "deleted"),
    ({"action": "delete", "resource": "job-positions", "id": "4"}, "job-positions/4", "deleted"),
    (
        {"action": "delete", "resource": "probationary-periods", "id": "4"},
        "probationary-periods/4",
        "deleted",
    ),
    (
        {"action": "delete", "resource": "employee-attribute-definitions", "id": "e_languages"},
        "employee-attribute-definitions/e_languages",
        "deleted",
    ),
]


@pytest.mark.parametrize(
    ("change", "record", "kind"), CHANGES, ids=[str(row[0]["action"]) for row in CHANGES]
)
async def test_a_change_is_made_and_answered_with_what_it_touched(
    change: dict[str, Any], record: str, kind: str
) -> None:
    async with visiting() as visitor:
        reply = await visitor.control("POST", "changes", change)
        assert reply.status == 200, reply.body
        resource, _, public_id = record.partition("/")
        touched = [
            entry
            for entry in reply.json["entries"]
            if entry["resource"] == resource and public_id in (entry["id"], "*")
        ]
        assert [entry["kind"] for entry in touched] == [kind]
        assert {entry["what"] for entry in reply.json["entries"]} == {change["action"]}
        shown = await visitor.get(f"{resource}/{touched[0]['id']}")
        assert shown.status == (404 if kind == "deleted" else 200)


async def shown_after(
    visitor: Visitor, resource: str, public_id: str, path: str, value: object
) -> dict[str, Any]:
    change = {"action": "set", "resource": resource, "id": public_id, "path": path, "value": value}
    reply = await visitor.control("POST", "changes", change)
    assert reply.status == 200, reply.body
    return (await visitor.get(f"{resource}/{public_id}")).json


SETS = [
    ("employees", "/familyName", "Perrault"),
    ("employees", "/employeeNumber", None),
    ("employees", "/birthDay", {"day": 31, "month": 12}),
    ("employees", "/favouriteColour", {"hue": 240}),
    ("employees", "/status", "onLeave"),
    ("employments", "/end", {"date": "2027-03-31"}),
    ("employments", "/end", None),
    ("employments", "/remoteId", "X-1"),
    ("job-positions", "/jobTitle", "Facteur"),
    ("job-positions", "/manager", None),
    ("job-positions", "/notes", ""),
    ("departments", "/name", "Trésorerie"),
    ("departments", "/parent", None),
    ("probationary-periods", "/extendedEndsOn", "2026-04-31"),
    ("employee-attributes", "/value", {"nested": [1, 2]}),
    ("business-establishments", "/isArchived", True),
]


@pytest.mark.parametrize(("resource", "path", "value"), SETS, ids=[f"{row[0]}{row[1]}" for row in SETS])
async def test_any_value_of_any_record_can_be_set(resource: str, path: str, value: object) -> None:
    async with visiting() as visitor:
        view = await shown_after(visitor, resource, "4", path, value)
        assert view[path[1:]] == value


async def test_what_is_set_has_its_consequences() -> None:
    async with visiting() as visitor:
        view = await shown_after(visitor, "employments", "4", "/end/date", "2026-11-01")
        assert view["status"] == "deactivated"
        employee = view["employee"]["id"]
        assert (await visitor.get(f"employees/{employee}")).json["status"] == "deactivated"


async def test_a_forced_value_gives_way_to_a_true_one() -> None:
    async with visiting() as visitor:
        assert (await shown_after(visitor, "employees", "4", "/familyName", None))["familyName"] is None
        assert (await shown_after(visitor, "employees", "4", "/familyName", "Coste"))["familyName"] == "Coste"


async def test_a_value_can_be_set_without_moving_the_last_update() -> None:
    async with visiting() as visitor:
        before = (await visitor.get("employees/4")).json
        change = {"action": "set", "resource": "employees", "id": "4", "path": "/givenName", "value": "Ada"}
        await visitor.control("POST", "changes", {**change, "stamp": False})
        assert (await visitor.get("employees/4")).json == {**before, "givenName": "Ada"}


WRONG: list[tuple[object, int]] = [
    ({"action": "rename", "employee": "999"}, 404),
    ({"action": "rename"}, 400),
    ({"action": "dance"}, 400),
    ({"action": "rename", "employee": "4", "familyName": "camel case"}, 400),
    ({"action": "move", "employee": "4", "on": "tomorrow"}, 400),
    ({"action": "delete", "resource": "salaries", "id": "4"}, 404),
    ([], 400),
    (None, 400),
]


@pytest.mark.parametrize(("change", "status"), WRONG)
async def test_a_change_that_makes_no_sense_is_explained(change: object, status: int) -> None:
    async with visiting() as visitor:
        reply = await visitor.control("POST", "changes", change)
        assert reply.status == status
        assert reply.json["error"]
        assert len(visitor.simulator.world.ledger) == 0


async def test_the_ledger_tells_what_came_after_an_entry() -> None:
    clock = HandClock()
    async with visiting(clock=clock) as visitor:
        assert (await visitor.control("GET", "ledger")).json == {"entries": [], "last": 0}
        first = (await visitor.control("POST", "changes", {"action": "rename", "employee": "4"})).json
        clock.move(seconds=3)
        await visitor.control("POST", "changes", {"action": "change-phone", "employee": "9"})
        later = (await visitor.control("GET", f"ledger?after={first['last']}")).json
        assert later["last"] == first["last"] + len(later["entries"])
        assert [entry for entry in later["entries"] if entry["resource"] == "employees"] == [
            {
                "number": first["last"] + 1,
                "at": "2026-11-22T12:00:03.000Z",
                "resource": "employees",
                "id": "9",
                "kind": "updated",
                "what": "change-phone",
                "fields": ["phoneNumber", "lastUpdatedAt"],
            }
        ]
        assert (await visitor.control("GET", "ledger?after=x")).status == 400


async def test_a_record_is_told_as_the_api_would_show_it() -> None:
    async with visiting() as visitor:
        for resource in visitor.simulator.counts():
            shown = (await visitor.get(f"{resource}?limit=1")).items[0]
            assert (await visitor.control("GET", f"records/{resource}/{shown['id']}")).json == shown
        assert (await visitor.control("GET", "records/employees/999")).status == 404
        assert (await visitor.control("GET", "records/salaries/1")).status == 404


async def test_steps_are_taken_at_once() -> None:
    async with visiting() as visitor:
        reply = (await visitor.control("POST", "steps", {"count": 5})).json
        assert len(reply["entries"]) == reply["last"] >= 5
        assert (await visitor.control("POST", "steps", {"count": 0})).status == 400


async def test_the_pace_of_life_is_read_and_set() -> None:
    async with visiting() as visitor:
        assert (await visitor.control("GET", "life")).json == {"per_minute": 0}
        assert (await visitor.control("PUT", "life", {"per_minute": 20})).json == {"per_minute": 20}
        assert visitor.simulator.alive_per_minute == 20
        assert (await visitor.control("PUT", "life", {"per_minute": -1})).status == 400


async def test_the_statistics_count_what_was_asked_and_answered() -> None:
    async with visiting() as visitor:
        etag = (await visitor.get("employees")).headers["ETag"]
        await visitor.get("employees", If_None_Match=etag)
        await visitor.get("employees/1")
        await visitor.get("employees/2")
        await visitor.get("nothing/like/it")
        stats = (await visitor.control("GET", "stats")).json
        assert stats["requests"] == {
            "GET /lucca-api/employees": {"200": 1, "304": 1},
            "GET /lucca-api/employees/{id}": {"200": 2},
            "GET /lucca-api/…/{id}": {"404": 1},
        }
        assert (stats["total"], stats["throttled"], stats["tokens_issued"]) == (5, 0, 1)
        assert stats["per_minute"] == {"2026-11-22T12:00Z": 5}
        assert stats["records"]["employees"] == 50
        assert visitor.simulator.stats.requests("GET /lucca-api/employees", 304) == 1


async def test_the_guide_names_every_action_and_every_misbehaviour() -> None:
    async with visiting() as visitor:
        guide = (await visitor.ask("GET", "/control/")).body.decode()
        assert f"curl {visitor.url}/control/stats" in guide
        for change, _, _ in CHANGES:
            assert re.search(rf"^ +{change['action']} ", guide, re.MULTILINE)
        for name in Simulator().misbehaviours.__struct_fields__:
            assert re.search(rf"^ +{name} ", guide, re.MULTILINE)
