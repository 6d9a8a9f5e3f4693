"""What is told of records that a naive poller would miss, mix up or make up."""

from typing import Final

import pytest

from lucca_sync.egress.route import Route, Router
from lucca_sync.ingest.canonical import canonicalise
from lucca_sync.ingest.emit import went_back
from lucca_sync.journal.protocol import Known
from lucca_sync.kit.expression import CompiledExpression
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.event import Event
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import JsonObject
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.world.actions import (
    AssignNumber,
    ChangeManager,
    EditPersonalRecord,
    EndContract,
    Hire,
    Move,
)
from tests.eyes.town import VIRTUAL_TIME, only, town
from tests.ingest.absences import FakeAbsences
from tests.ingest.absences import Scene as Absences
from tests.ingest.braking import of
from tests.ingest.tenant import FakeTenant
from tests.ingest.watching import Scene

pytestmark = VIRTUAL_TIME

SMALL: Final = SimulatorOptions(employees=12, requests_per_minute=0)


async def test_what_is_kept_beside_the_employee_is_told_though_the_employee_did_not_change() -> None:
    """Trap 15: managers, departments, contracts and bank accounts move no clock of the employee's."""
    watched = only("employees", "employments", "job-positions", "employee-personal-records")
    async with town(watched, SMALL) as at:
        at.simulator.perform(Hire(start="2025-01-06"))
        at.simulator.perform(Hire(start="2025-01-06"))
        await at.sweep()
        before = dict(at.simulator.record("employees", "13") or {})["lastUpdatedAt"]
        at.simulator.perform(ChangeManager(employee="13", manager="1"))
        at.simulator.perform(EditPersonalRecord(employee="13", part="bankAccount"))
        at.simulator.perform(EndContract(employee="13", on="2026-12-31"))
        at.simulator.perform(Move(employee="14", department="2", on="2026-04-01"))
        await at.sweep()
        assert dict(at.simulator.record("employees", "13") or {})["lastUpdatedAt"] == before
        told = {(event.resource, event.kind, event.employee) for event in await at.events()}
        assert told >= {
            ("job-positions", "updated", "13"),
            ("employee-personal-records", "updated", "13"),
            ("employments", "updated", "13"),
            ("job-positions", "created", "14"),
        }


async def test_a_field_that_flips_without_a_write_is_told_though_no_clock_moved() -> None:
    """Traps 13 and 15: `applicableJobPosition` is computed; the row's own clock stands still."""
    tenant = FakeTenant()
    tenant.put("1", applicableJobPosition={"id": "4", "type": "job-position"})
    scene = Scene(tenant)
    await scene.look()
    tenant.put("1", applicableJobPosition={"id": "5", "type": "job-position"})
    await scene.look()
    (event,) = await scene.events()
    assert [change.path for change in event.changes] == ["/applicableJobPosition/id"]


async def test_several_values_of_one_attribute_are_several_records() -> None:
    """Trap 24: several rows a person and definition, and history besides; each is known by its own id."""
    tenant = FakeTenant(page_size=100)
    for number, start in enumerate(("2020-01-01", "2024-01-01", "2024-01-01"), start=1):
        applicability: JsonObject = {"start": start, "end": None}
        tenant.put(
            str(number),
            definition={"id": "e_languages"},
            employee={"id": "7"},
            applicability=applicability,
            value=f"language {number}",
        )
    scene = Scene(tenant, watched=of("employee-attributes"))
    await scene.look()
    assert await scene.journal.ids(scene.watched.name) == ["1", "2", "3"]
    tenant.put("3", value="another")
    await scene.look()
    del tenant.records["2"]
    await scene.look()
    assert await scene.told() == [("3", "updated", 1), ("2", "deleted", 1)]


async def test_a_new_hire_without_a_number_is_told_so_and_the_number_when_it_comes() -> None:
    """Trap 50: a number that is not there is null, present and never made up."""
    async with town(only("employees"), SMALL) as at:
        await at.sweep()
        at.simulator.perform(Hire(email=False))
        await at.sweep()
        at.simulator.perform(AssignNumber(employee="13", number="M-13"))
        await at.sweep()
        hired, numbered = await at.events()
        assert (hired.kind, numbered.kind) == ("created", "updated")
        record = hired.record or {}
        assert [record[name] for name in ("employeeNumber", "email")] == [None, None]
        assert [
            (change.path, change.before, change.after)
            for change in numbered.changes
            if not _clock(change.path)
        ] == [("/employeeNumber", None, "M-13")]
        assert lanes_of(hired) == (0, 1)
        assert lanes_of(numbered) == (1, 1)


def lanes_of(event: Event) -> tuple[int, int]:
    """How many deliveries a route makes that wants a number, and one that wants none."""
    wanting = CompiledExpression("record.employeeNumber")
    people = frozenset({"employees"})
    routes = (Route("payroll", people, ("month",), when=wanting), Route("all", people, ("crm",)))
    first, second = (len(Router([route]).lanes(event)) for route in routes)
    return first, second


def _clock(path: str) -> bool:
    return path == f"/{CATALOGUE['employees'].clock}"


async def test_an_edit_of_what_is_long_known_is_told_of_the_oldest_record_too() -> None:
    """Trap 49: who only looks beyond the highest id he has seen never sees an edit."""
    async with town(only("employees", "employments"), SMALL) as at:
        await at.sweep()
        at.simulator.perform(EndContract(employee="1", on="2026-12-31"))
        await at.sweep()
        (event,) = [event for event in await at.events() if event.resource == "employments"]
        assert (event.kind, text_at(event.record or {}, ("end", "date"))) == ("updated", "2026-12-31")


@pytest.mark.parametrize(
    ("had", "listed", "stale"),
    [
        ("2026-03-01T09:00:00Z", "2026-03-01T10:30:00+02:00", True),
        ("2026-03-01T10:30:00+02:00", "2026-03-01T09:00:00Z", False),
        ("2026-03-01T09:00:00.5Z", "2026-03-01T09:00:00.45000Z", True),
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.1Z", False),
    ],
)
def test_how_old_a_row_is_does_not_depend_on_how_its_time_is_spelled(
    had: str, listed: str, *, stale: bool
) -> None:
    """Trap 19: fractions have any length and offsets several forms; as text they sort wrongly."""
    employees = CATALOGUE["employees"]
    before = canonicalise({"id": "1", "familyName": "a", "lastUpdatedAt": had}, employees)
    after = canonicalise({"id": "1", "familyName": "b", "lastUpdatedAt": listed}, employees)
    known = Known("1", before.encoded, before.digest, 0)
    assert went_back(employees, after, known) is stale


async def test_hours_of_a_cancelled_half_day_are_not_added_up() -> None:
    """Trap 45: they would be paid, or taken off, twice."""
    tenant = FakeAbsences()
    tenant.away(1, "2026-03-09", "2026-03-10", value=3.5)
    tenant.rows["1-20260310-PM"]["isActive"] = False
    scene = Absences(tenant, "leave-periods")
    await scene.look()
    record = await scene.record("leave-periods", "7-1-1")
    assert (record["hours"], record["halves"], record["cancelledHalves"]) == (10.5, 3, 1)
