"""A restored sandbox: everything looks different, nothing has changed."""

from typing import Any, Literal

import pytest

from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.shapes import Json
from lucca_sync.simulator.world.actions import Rename, Restore
from lucca_sync.simulator.world.restoration import STEP
from tests.simulator.visitor import Document, HandClock, Visitor, unlimited, visiting

WORDED = "employee-attribute-definitions"


def content(value: Json) -> Json:
    """A document without ids and addresses."""
    if isinstance(value, dict):
        return {name: content(item) for name, item in value.items() if name not in ("id", "url", "links")}
    return [content(item) for item in value] if isinstance(value, list) else value


async def whole(visitor: Visitor) -> dict[str, list[Document]]:
    return {
        resource: [item for page in await visitor.walk(f"{resource}?limit=100") for item in page.items]
        for resource in visitor.simulator.counts()
    }


async def test_every_id_is_another_one_and_the_content_is_the_same() -> None:
    async with visiting() as visitor:
        before = await whole(visitor)
        assert visitor.simulator.perform(Restore(moves="ids")) == []
        after = await whole(visitor)
        for resource, items in before.items():
            assert [content(item) for item in after[resource]] == [content(item) for item in items]
            old, new = {item["id"] for item in items}, {item["id"] for item in after[resource]}
            assert old == new if resource == WORDED else not old & new


async def test_the_new_ids_lead_where_the_old_ones_led() -> None:
    async with visiting() as visitor:
        old = (await visitor.get("employees/4?include=links,embedded")).json
        visitor.simulator.perform(Restore(moves="ids"))
        assert (await visitor.get("employees/4")).status == 404
        new = (await visitor.get(f"employees/{STEP + 4}?include=links,embedded")).json
        assert content(new["applicableEmployment"]) == content(old["applicableEmployment"])
        assert new["links"]["jobPositions"]["href"].endswith(f"employment.employee.id={STEP + 4}")
        positions = (await visitor.get(new["links"]["jobPositions"]["href"])).items
        assert new["applicableJobPosition"]["id"] in {item["id"] for item in positions}
        assert (await visitor.get(new["applicableJobPosition"]["url"])).status == 200
        assert new["embedded"]["job-position"].keys() == {new["applicableJobPosition"]["id"]}


async def test_life_goes_on_and_the_ledger_speaks_of_the_new_ids() -> None:
    async with visiting() as visitor:
        visitor.simulator.perform(Restore(moves="ids"))
        (entry,) = [
            entry
            for entry in visitor.simulator.perform(Rename(employee=str(STEP + 4), family_name="Neuf"))
            if entry.resource == "employees"
        ]
        assert entry.id == str(STEP + 4)
        assert (await visitor.get(f"employees/{entry.id}")).json["familyName"] == "Neuf"


@pytest.mark.parametrize("moves", ["ids", "timestamps"])
def test_the_ledger_still_notes_every_change_and_no_other(moves: Literal["ids", "timestamps"]) -> None:
    clock = HandClock()
    simulator = Simulator(SimulatorOptions(employees=30, seed=5), clock)
    simulator.perform(Restore(moves=moves))
    for _ in range(60):
        clock.move(minutes=7)
        simulator.world.catch_up()
        before = shown(simulator)
        entries = simulator.step()
        after = shown(simulator)
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        named = {(entry.resource, entry.id) for entry in entries if entry.resource in simulator.counts()}
        assert named == changed


def shown(simulator: Simulator) -> dict[tuple[str, str], Document]:
    return {
        (resource, str(view["id"])): dict[str, Any](view)
        for resource in simulator.counts()
        for view in simulator.records(resource)
    }


async def test_every_timestamp_moves_and_nothing_else() -> None:
    clock = HandClock()
    async with visiting(unlimited(), clock) as visitor:
        before = await whole(visitor)
        clock.move(minutes=3)
        assert visitor.simulator.perform(Restore(moves="timestamps")) == []
        for resource, items in (await whole(visitor)).items():
            for old, new in zip(before[resource], items, strict=True):
                changed = {name for name in old if name != "links" and old[name] != new[name]}
                assert changed == {"createdAt", "lastUpdatedAt"} & old.keys()
        clock.move(minutes=3)
        visitor.simulator.perform(Rename(employee="4"))
        later = (await visitor.get("employees/4")).json
        assert later["lastUpdatedAt"] > later["createdAt"]
