"""What is asked of Lucca, and what is not: nothing that isn't documented, and nothing that hides records."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest

import lucca_connectors
import lucca_sync
from lucca_sync.app.translate import filters_of
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.pointer import text_at
from lucca_sync.settings.model import ResourceSettings
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.world.actions import Archive, Create, EndContract, Hire, Rehire
from lucca_sync.simulator.world.definitions import SENIORITY
from tests.eyes.town import VIRTUAL_TIME, Town, only, town
from tests.ingest.absences import FakeAbsences
from tests.ingest.absences import Scene as Absences

pytestmark = VIRTUAL_TIME

V5: Final = [name for name, resource in CATALOGUE.items() if resource.api == "v5"]
STRICT: Final = SimulatorOptions(employees=120, requests_per_minute=0, leaves_v5=True, strict_parameters=True)


async def look_with_every_eye(at: Town, name: str) -> None:
    """Look at a resource with all its eyes, for long enough that pages of a fixed address come round too."""
    station = at.station(name)
    post = station.post
    await station.watch.once()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(station.watch.run)
        await anyio.sleep(3 * post.watched.every)
        tasks.cancel_scope.cancel()
    if station.head is not None:
        await station.head.look()
    at.simulator.perform(Hire(start="2026-01-05"))
    if station.count is not None:
        await station.count.look()
    known = (await at.journal.ids(post.watched.name))[:2]
    for parameter in post.watched.resource.lists:
        await at.reread(name, parameter, *(known if parameter == "id" else ("1", "2")))


@pytest.mark.parametrize("name", V5)
async def test_no_eye_asks_for_a_filter_or_a_sort_that_is_not_documented(name: str) -> None:
    """Trap 1: above all, nothing can be asked for by when it was last updated."""
    async with town(only(name), STRICT) as at:
        await look_with_every_eye(at, name)
        assert len(at.seen) > 3
        assert {request.outcome for request in at.seen} <= {"ok", "not_modified"}


async def test_archived_records_are_read_like_any_other_and_archiving_deletes_nobody() -> None:
    """Trap 21: a list that is asked without `isArchived` shows both."""
    async with town(only("departments"), SimulatorOptions(employees=5, requests_per_minute=0)) as at:
        (made,) = at.simulator.perform(Create(resource="departments"))
        at.simulator.perform(Archive(resource="departments", id=made.id))
        await at.sweep()
        (other,) = at.simulator.perform(Create(resource="departments"))
        await at.sweep()
        at.simulator.perform(Archive(resource="departments", id=other.id))
        await at.sweep()
        assert await at.told() == [
            (f"departments/{other.id}", "created", "sweep"),
            (f"departments/{other.id}", "updated", "sweep"),
        ]
        known = await at.journal.ids(at.station("departments").post.watched.name)
        assert {made.id, other.id} <= set(known)


async def test_who_comes_back_after_leaving_is_the_same_employee_again() -> None:
    """Trap 52: deactivated, then upcoming, under one id: two updates of one who stays listed."""
    async with town(only("employees"), SimulatorOptions(employees=10, requests_per_minute=0)) as at:
        at.simulator.perform(Hire(start="2025-01-06"))
        await at.sweep()
        at.simulator.perform(EndContract(employee="11", on="2026-02-27"))
        await at.sweep()
        at.simulator.perform(Rehire(employee="11", start="2026-06-01"))
        await at.sweep()
        assert await at.told() == [("employees/11", "updated", "sweep")] * 2, (
            "seen in the list, not missed there"
        )
        statuses = [
            (change.before, change.after)
            for event in await at.events()
            for change in event.changes
            if change.path == "/status"
        ]
        assert statuses == [("active", "deactivated"), ("deactivated", "upcoming")]


@pytest.mark.parametrize(
    "definitions", [("givenName",), ("employee.givenName",), ("e_tShirtSize", "jobPosition.manager")]
)
def test_definitions_are_asked_for_by_whatever_id_the_settings_say(definitions: Sequence[str]) -> None:
    """Trap 25: documentation spells one definition in two ways; the tenant's own spelling counts."""
    wanted = ResourceSettings.model_validate({"every": "1h", "definitions": list(definitions)})
    assert filters_of(wanted) == {"definition.id": ",".join(definitions)}


async def test_a_definition_that_the_tenant_has_is_asked_for_alone() -> None:
    """Trap 25."""
    wanted: Mapping[str, object] = {"employee-attributes": {"definitions": [SENIORITY]}}
    async with town(wanted, SimulatorOptions(employees=10, requests_per_minute=0)) as at:
        await at.sweep()
        known = await at.journal.ids(at.station("employee-attributes").post.watched.name)
        theirs = at.simulator.records("employee-attributes")
        asked = [str(row["id"]) for row in theirs if text_at(dict(row), ("definition", "id")) == SENIORITY]
        assert sorted(known) == sorted(asked) != []


def test_no_definition_is_named_in_the_program() -> None:
    """Trap 25: system definitions are a tenant's own too."""
    folders = [Path(package.__path__[0]) for package in (lucca_sync, lucca_connectors)]
    files = [file for folder in folders for file in folder.rglob("*.py") if "simulator" not in file.parts]
    assert len(files) > 100
    named = ("employee.givenName", "jobPosition.manager", "employment.start", '"e_')
    assert [file.name for file in files for name in named if name in file.read_text("utf-8")] == []


@pytest.mark.looptime
async def test_absences_are_asked_for_by_owner_never_by_what_v3_calls_a_legal_entity() -> None:
    """Trap 42: that filter means an establishment, and where somebody works now."""
    tenant = FakeAbsences()
    tenant.away(1, "2026-03-09", "2026-03-10")
    scene = Absences(tenant, "leaves", "leave-periods")
    await scene.look()
    await scene.look()
    filters = {name for url in tenant.asked for name in parse_qs(urlsplit(url).query)}
    assert "leavePeriod.ownerId" in filters
    assert [name for name in filters if "legalEntity" in name or "departmentId" in name] == []
    assert len(await scene.living("leaves")) == 4


def test_nothing_that_lucca_has_shut_down_is_asked_for() -> None:
    """Trap 54: leaves of v2 ended in March 2026, departments of v3 from September on."""
    paths = [resource.path for resource in CATALOGUE.values()]
    assert all(path.startswith(("/lucca-api/", "/api/v3/")) for path in paths)
    assert "/api/v3/departments" not in paths
