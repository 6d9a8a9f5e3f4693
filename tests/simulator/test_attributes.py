"""Employee attributes in full: every schema, several values, windows, and the sections with their pitfall."""

from collections import Counter, defaultdict
from typing import Any

import jsonschema
import pytest
from jsonschema.protocols import Validator

from lucca_sync.simulator import Refused, Simulator, SimulatorOptions
from lucca_sync.simulator.world.actions import (
    AddAttribute,
    Archive,
    Create,
    EditAttribute,
    ReplaceAttribute,
    Retitle,
)
from lucca_sync.simulator.world.definitions import CHILDREN, SECTIONS
from lucca_sync.simulator.world.schemas import SCHEMAS
from tests.simulator.visitor import Document, HandClock, Visitor, unlimited, visiting

DEFINITIONS, ATTRIBUTES = "employee-attribute-definitions", "employee-attributes"


def a_company(people: int = 120) -> Simulator:
    return Simulator(SimulatorOptions(employees=people), HandClock())


def views(simulator: Simulator, resource: str) -> list[Document]:
    return [dict[str, Any](view) for view in simulator.records(resource)]


def checker(schema: Document) -> Validator:
    return jsonschema.Draft202012Validator(schema)


async def everything(visitor: Visitor, path: str) -> list[Document]:
    separator = "&" if "?" in path else "?"
    return [item for page in await visitor.walk(f"{path}{separator}limit=100") for item in page.items]


def test_there_is_a_definition_of_every_schema_and_a_composite_one() -> None:
    shown = {view["schema"].get("title") for view in views(a_company(), DEFINITIONS)}
    assert shown == {*SCHEMAS, None}


@pytest.mark.parametrize("steps", [0, 150])
def test_every_value_fits_the_schema_of_its_definition(steps: int) -> None:
    simulator = a_company()
    for _ in range(steps):
        simulator.step()
    schemas = {view["id"]: view["schema"] for view in views(simulator, DEFINITIONS)}
    met: set[str] = set()
    for attribute in views(simulator, ATTRIBUTES):
        definition = attribute["definition"]["id"]
        checker(schemas[definition]).validate(attribute["value"])
        met.add(schemas[definition].get("title", "composite"))
    assert met == {*SCHEMAS, "composite"}


def test_only_definitions_that_say_so_have_several_values_at_once() -> None:
    simulator = a_company()
    several = {view["id"] for view in views(simulator, DEFINITIONS) if view["multipleValueHandling"]}
    counts = Counter(
        (attribute["employee"]["id"], attribute["definition"]["id"])
        for attribute in views(simulator, ATTRIBUTES)
        if attribute["applicability"] is None
    )
    assert {definition for (_, definition), count in counts.items() if count > 1} == several
    assert {CHILDREN, "e_languages", "e_certificates"} == several


def test_a_history_is_a_row_for_each_window_and_a_day_picks_one_of_them() -> None:
    windows: defaultdict[str, list[Document]] = defaultdict(list)
    for attribute in views(a_company(), ATTRIBUTES):
        if attribute["applicability"] is not None:
            windows[attribute["employee"]["id"]].append(attribute["applicability"])
    assert windows
    for first, second in windows.values():
        assert first["end"] < second["start"]
        assert second["end"] is None


def test_another_value_from_a_day_on_is_one_row_more_and_the_end_of_the_one_before() -> None:
    """Trap 24: what holds is split in rows by applicability, each with an id of its own."""
    simulator = a_company()
    remote = next(
        a for a in views(simulator, ATTRIBUTES) if a["definition"]["id"] == "jobPosition.remoteDays"
    )
    entries = simulator.perform(ReplaceAttribute(attribute=remote["id"], on="2026-12-01", value=4))
    assert [(entry.resource, entry.kind, entry.fields) for entry in entries] == [
        (ATTRIBUTES, "updated", ("applicability", "lastUpdatedAt")),
        (ATTRIBUTES, "created", ()),
    ]
    ended, following = [simulator.record(ATTRIBUTES, entry.id) or {} for entry in entries]
    assert ended["applicability"] == {"start": None, "end": "2026-11-30"}
    assert following["applicability"] == {"start": "2026-12-01", "end": None}
    with pytest.raises(Refused):
        simulator.perform(ReplaceAttribute(attribute=remote["id"], on="2027-01-01"))


def test_a_composite_definition_describes_each_of_its_properties() -> None:
    view = next(view for view in views(a_company(), DEFINITIONS) if view["id"] == CHILDREN)
    assert view["propertyDescriptions"].keys() == view["schema"]["properties"].keys()
    assert view["multipleValueHandling"] == {"sorting": "descending", "sortingProperty": "birthDate"}
    child = next(a["value"] for a in views(a_company(), ATTRIBUTES) if a["definition"]["id"] == CHILDREN)
    assert child["birthDate"].endswith("T00:00:00")


async def test_a_label_is_of_the_taxonomy_of_its_definition_and_is_embedded() -> None:
    async with visiting(unlimited(employees=60)) as visitor:
        definitions = {item["id"]: item for item in await everything(visitor, DEFINITIONS)}
        page = (await visitor.get(f"{ATTRIBUTES}?definition.id=e_site&include=embedded")).json
        assert page["items"]
        for item in page["items"]:
            label = page["embedded"]["taxonomy-label"][item["value"]["id"]]
            assert label["taxonomy"] == definitions["e_site"]["taxonomy"]
            assert (await visitor.get(f"taxonomy-labels/{label['id']}")).json == label
        assert page["embedded"]["employee-attribute-definition"].keys() == {"e_site"}


async def test_a_part_of_a_composite_value_is_a_filter_and_a_sort_key() -> None:
    async with visiting(unlimited(employees=120)) as visitor:
        path = f"{ATTRIBUTES}?definition.id={CHILDREN}"
        children = await everything(visitor, path)
        name = children[0]["value"]["givenName"]
        named = (await visitor.get(f"{path}&value.givenName={name}")).ids
        assert named == [child["id"] for child in children if child["value"]["givenName"] == name]
        young = (await visitor.get(f"{path}&sort=-value.birthDate&limit=100")).items
        births = [item["value"]["birthDate"] for item in young]
        assert births == sorted(births, reverse=True)


def test_there_are_archived_definitions_that_people_still_have_values_under() -> None:
    simulator = a_company()
    archived = {view["id"] for view in views(simulator, DEFINITIONS) if view["isArchived"]}
    assert archived
    assert archived <= {attribute["definition"]["id"] for attribute in views(simulator, ATTRIBUTES)}


def test_a_definition_is_made_renamed_and_archived() -> None:
    simulator = a_company()
    (made,) = simulator.perform(Create(resource=DEFINITIONS, name="Pointure"))
    assert made.kind == "created"
    simulator.perform(AddAttribute(employee="4", definition=made.id))
    (renamed,) = simulator.perform(Retitle(resource=DEFINITIONS, id=made.id, name="Pointure (UE)"))
    assert renamed.fields == ("name", "t9n", "lastUpdatedAt")
    (archived,) = simulator.perform(Archive(resource=DEFINITIONS, id=made.id))
    assert set(archived.fields) == {"isArchived", "lastArchivedAt", "lastUpdatedAt"}


def test_a_reference_stays_a_reference_when_it_is_edited() -> None:
    simulator = a_company()
    mentor = next(a for a in views(simulator, ATTRIBUTES) if a["definition"]["id"] == "e_mentor")
    simulator.perform(EditAttribute(attribute=mentor["id"]))
    edited = simulator.record(ATTRIBUTES, mentor["id"])
    assert edited is not None
    assert edited["value"] != mentor["value"]
    value = dict[str, Any](edited["value"]) if isinstance(edited["value"], dict) else {}
    assert value.keys() == {"id", "type", "url"}
    assert simulator.record("employees", value["id"]) is not None


def section_of(simulator: Simulator, attribute: Document) -> str:
    definition = simulator.world.records.definition(attribute["definition"]["id"])
    assert definition is not None
    return definition.section


@pytest.mark.parametrize("granted", [set[str](), {"contact"}, {"contact", "training", "family"}])
async def test_a_part_of_the_sections_shows_exactly_their_attributes(granted: set[str]) -> None:
    async with visiting(unlimited(employees=60)) as visitor:
        before = await everything(visitor, ATTRIBUTES)
        visitor.simulator.misbehave(sections=sorted(granted))
        after = await everything(visitor, ATTRIBUTES)
        assert after == [item for item in before if section_of(visitor.simulator, item) in granted]
        assert len(await everything(visitor, DEFINITIONS)) > len(SECTIONS), "sections hide no definition"
        total = (await visitor.get(f"{ATTRIBUTES}?limit=0&include=totalCount")).json["totalCount"]
        assert total == len(after)
        hidden = next(item for item in before if item not in after)
        assert (await visitor.get(f"{ATTRIBUTES}/{hidden['id']}")).status == 404


async def test_all_the_sections_at_once_show_nothing_and_say_200() -> None:
    """Trap 23: an administrator who ticks every section gets no attribute at all."""
    async with visiting() as visitor:
        visitor.simulator.misbehave(sections=sorted(SECTIONS))
        reply = await visitor.get(ATTRIBUTES)
        assert (reply.status, reply.items) == (200, [])
        visitor.simulator.misbehave(sections=None)
        assert (await visitor.get(ATTRIBUTES)).items


def test_a_value_under_a_definition_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused):
        a_company().perform(AddAttribute(employee="4", definition="e_nothing"))
