"""The lists that a company chooses from: what they show, whom they refer to, and what happens to them."""

from collections.abc import Iterator
from typing import Any

import pytest

from lucca_sync.simulator import Refused, Simulator, SimulatorOptions
from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world.actions import (
    Amend,
    Archive,
    Create,
    Delete,
    EditPersonalRecord,
    ReorderDepartments,
    Retitle,
    Set,
    Unarchive,
)
from lucca_sync.simulator.world.amendments import AMENDMENTS
from lucca_sync.simulator.world.confidences import Part
from lucca_sync.simulator.world.newcomers import MAKERS
from lucca_sync.simulator.world.row import resource_of
from tests.simulator.visitor import Document, HandClock, unlimited, visiting

NOT_SERVED = {"file"}
UNSTAMPED = {
    *("departments", "professions", "occupation-categories"),
    *("working-time-arrangements", "public-holidays-calendars"),
}


def a_company(people: int = 80) -> Simulator:
    return Simulator(SimulatorOptions(employees=people), HandClock())


def views(simulator: Simulator, resource: str) -> list[Document]:
    return [dict[str, Any](view) for view in simulator.records(resource)]


def references(value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if isinstance(value, dict):
        kind, public_id = value.get("type"), value.get("id")
        if value.keys() == {"id", "type", "url"} and isinstance(kind, str) and isinstance(public_id, str):
            yield kind, public_id
        for item in value.values():
            yield from references(item)


@pytest.mark.parametrize("steps", [0, 250])
def test_every_reference_leads_to_a_record_that_is_there(steps: int) -> None:
    simulator = a_company()
    for _ in range(steps):
        simulator.step()
    met: set[str] = set()
    for resource in simulator.counts():
        for view in simulator.records(resource):
            for kind, public_id in references(view):
                met.add(kind)
                if kind not in NOT_SERVED:
                    assert simulator.record(resource_of(kind), public_id) is not None, (view, kind)
    assert met >= {
        *("legal-entity", "employment-template", "job-qualification", "occupation-category"),
        *("working-time-arrangement", "public-holidays-calendar", "profession", "taxonomy"),
        *("taxonomy-label", "department", "business-establishment", "employee", "employment"),
    }


def test_there_are_timestamps_exactly_where_they_are_documented() -> None:
    """Trap 20: departments, professions, categories, arrangements and calendars show none."""
    simulator = a_company()
    for resource in simulator.counts():
        for view in simulator.records(resource):
            stamped = {"createdAt", "lastUpdatedAt"} <= view.keys()
            assert stamped is (resource not in UNSTAMPED), resource


FILTERED = [
    ("legal-entities", "countryCode=FRA,PRT", 3),
    ("legal-entities", "isArchived=true", 0),
    ("job-qualifications", "profession.id=2", 2),
    ("job-qualifications", "rank=1", 3),
    ("occupation-categories", "businessEstablishments.id=1", 4),
    ("occupation-categories", "businessEstablishments.id=5", 3),
    ("occupation-categories", "search=cad", 1),
    ("taxonomy-labels", "taxonomy.id=2", 4),
    ("taxonomy-labels", "isArchived=true", 1),
    ("taxonomy-labels", "isArchived=false", 8),
    ("taxonomy-labels", "search=at", 1),
    ("professions", "isArchived=false", 3),
    ("employee-personal-records", "employee.id=3,4,5", 3),
    ("employment-templates", "", 4),
]


@pytest.mark.parametrize(("resource", "query", "count"), FILTERED)
async def test_a_filter_finds_what_it_names(resource: str, query: str, count: int) -> None:
    async with visiting(unlimited(strict_parameters=True)) as visitor:
        assert len((await visitor.get(f"{resource}?{query}")).items) == count


async def test_people_are_found_by_the_remote_id_of_their_qualification_though_it_is_not_shown() -> None:
    async with visiting() as visitor:
        found = (await visitor.get("employees?applicableJobPosition.jobQualification.remoteId=Q03")).items
        assert found
        assert "remoteId" not in (await visitor.get("job-qualifications/3")).json


async def test_labels_are_sorted_by_name() -> None:
    async with visiting() as visitor:
        names = [item["name"] for item in (await visitor.get("taxonomy-labels?sort=-name")).items]
        assert names == sorted(names, key=str.casefold, reverse=True)


async def test_omitting_is_archived_shows_both() -> None:
    """Trap 21: archived entries are in the list unless somebody asks for the others."""
    async with visiting() as visitor:
        await visitor.control("POST", "changes", {"action": "create", "resource": "professions"})
        await visitor.control("POST", "changes", {"action": "archive", "resource": "professions", "id": "4"})
        assert len((await visitor.get("professions")).items) == 4
        assert len((await visitor.get("professions?isArchived=false")).items) == 3


SCOPES = [
    ("professions", "job-qualifications.readonly"),
    ("taxonomy-labels", "taxonomies.readonly"),
    ("working-time-arrangements", "working-time-arrangements.readonly"),
    ("employee-personal-records", "employee-personal-records.readonly"),
]


@pytest.mark.parametrize(("resource", "scope"), SCOPES)
async def test_a_resource_is_read_with_the_scope_that_covers_it(resource: str, scope: str) -> None:
    async with visiting() as visitor:
        await visitor.sign_in("employees.readonly")
        assert (await visitor.get(resource)).status == 403
        await visitor.sign_in(scope)
        assert (await visitor.get(resource)).status == 200


@pytest.mark.parametrize("scope", ["professions.readonly", "public-holidays-calendars.readwrite"])
async def test_scopes_that_are_not_documented_do_not_exist(scope: str) -> None:
    async with visiting() as visitor:
        assert (await visitor.sign_in(scope)).json["error"] == "invalid_scope"


@pytest.mark.parametrize("resource", sorted(MAKERS))
def test_an_entry_is_made_and_called_something_else(resource: str) -> None:
    simulator = a_company()
    (made,) = simulator.perform(Create(resource=resource))
    assert (made.resource, made.kind) == (resource, "created")
    before = simulator.record(resource, made.id)
    (changed,) = simulator.perform(Retitle(resource=resource, id=made.id, name="Tout autre"))
    assert (changed.id, changed.kind) == (made.id, "updated")
    after = simulator.record(resource, made.id)
    assert before is not None
    assert after is not None
    assert "Tout autre" in after.values()
    assert ("lastUpdatedAt" in changed.fields) is ("lastUpdatedAt" in after)


@pytest.mark.parametrize("resource", sorted(AMENDMENTS))
def test_something_else_about_an_entry_changes_in_it_alone(resource: str) -> None:
    simulator = a_company()
    (changed,) = simulator.perform(Amend(resource=resource, id="1"))
    assert (changed.resource, changed.id, changed.kind) == (resource, "1", "updated")
    assert set(changed.fields) - {"lastUpdatedAt"}


def test_what_somebody_stands_in_is_not_archived() -> None:
    simulator = a_company()
    for resource in ("legal-entities", "business-establishments", "departments", "professions"):
        with pytest.raises(Refused):
            simulator.perform(Archive(resource=resource, id="1"))
    assert len(simulator.ledger) == 0


def test_an_entry_is_archived_and_back_and_remembers_when() -> None:
    simulator = a_company()
    (made,) = simulator.perform(Create(resource="legal-entities"))
    simulator.perform(Archive(resource="legal-entities", id=made.id))
    with pytest.raises(Refused):
        simulator.perform(Archive(resource="legal-entities", id=made.id))
    (back,) = simulator.perform(Unarchive(resource="legal-entities", id=made.id))
    assert back.fields == ("isArchived", "lastUpdatedAt")
    view = simulator.record("legal-entities", made.id)
    assert view is not None
    assert (view["isArchived"], view["lastArchivedAt"] is None) == (False, False)


def test_putting_departments_in_order_changes_several_of_them_at_once() -> None:
    """Trap 22: one act of an administrator is many updates, of `sortOrder` alone."""
    simulator = a_company(400)
    entries = simulator.perform(ReorderDepartments(parent="1"))
    assert len(entries) > 1
    assert {(entry.kind, entry.fields) for entry in entries} == {("updated", ("sortOrder",))}
    siblings = [
        view for view in views(simulator, "departments") if view["parent"] and view["parent"]["id"] == "1"
    ]
    assert sorted(view["sortOrder"] for view in siblings) == list(range(len(siblings)))


def test_everybody_has_one_personal_record_and_it_goes_with_them() -> None:
    simulator = a_company()
    for employee in views(simulator, "employees"):
        record = simulator.record("employee-personal-records", employee["id"])
        assert record is not None
        birth, day = record["birthDate"], employee["birthDay"]
        assert (birth is None) == (day is None)
        if day is not None:
            assert str(birth).endswith(f"-{day['month']:02}-{day['day']:02}")
    with pytest.raises(Refused):
        simulator.perform(Delete(resource="employee-personal-records", id="4"))
    entries = simulator.perform(Delete(resource="employees", id="4"))
    assert ("employee-personal-records", "4", "deleted") in {(e.resource, e.id, e.kind) for e in entries}
    assert simulator.record("employee-personal-records", "4") is None


@pytest.mark.parametrize(
    "part", ["bankAccount", "phoneNumber", "email", "insuranceNumber", "nationality", "title"]
)
def test_a_personal_record_changes_alone_and_stays_changed(part: Part) -> None:
    simulator = a_company()
    (entry,) = simulator.perform(EditPersonalRecord(employee="4", part=part))
    assert (entry.resource, entry.id, entry.kind) == ("employee-personal-records", "4", "updated")
    once = simulator.record("employee-personal-records", "4")
    assert once == simulator.record("employee-personal-records", "4")
    simulator.perform(Set(resource="employee-personal-records", id="4", path="/email", value="a@example.org"))
    twice = simulator.record("employee-personal-records", "4")
    assert once is not None
    assert twice is not None
    changed = {name for name in once if once[name] != twice[name]}
    assert changed == {"email", "lastUpdatedAt"}


def test_an_account_number_and_a_social_security_number_have_right_check_digits() -> None:
    for view in views(a_company(), "employee-personal-records"):
        account, insurance = view["bankAccount"], view["insuranceNumber"]
        if account is not None:
            text = account["accountIdentifier"]
            assert int(f"{text[4:]}1527{text[2:4]}") % 97 == 1
        if insurance is not None:
            assert 97 - int(insurance["value"][:13]) % 97 == int(insurance["value"][13:])
