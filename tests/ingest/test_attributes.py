"""Values of employee attributes beside their definitions: one that doesn't fit is counted, never fatal."""

from dataclasses import dataclass, field

import msgspec
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.attributes import DEFINITIONS, VALUES, AttributeCheck
from lucca_sync.journal.protocol import ResourceName, Write
from lucca_sync.model.attributes import attributes_in_order, definition_of, fits
from lucca_sync.model.event import Event
from lucca_sync.model.values import Json, JsonObject
from lucca_sync.testing.events import an_event
from tests.ingest.watching import LANE, START, Scene, staff

OWN = "/lucca-api/schemas/"


def definition(schema: JsonObject) -> JsonObject:
    return {"id": "e_size", "schema": schema}


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("short-text", "x", 3),
        ("long-text", "x", True),
        ("boolean", False, "false"),
        ("int32", 2**31 - 1, 2**31),
        ("int32", 3, 3.5),
        ("decimal", 3.5, "3.5"),
        ("legacy-date", "2015-06-12T00:00:00", "12/06/2015"),
        ("email", "ada@example.org", "ada"),
        ("phone-number", "+33", 33),
        ("url", "https://example.org", 1),
        ("file-reference", {"id": "1"}, {}),
        ("employee-reference", {"id": "7", "type": "employee"}, "7"),
        ("taxonomy-label-reference", {"id": "7"}, {"id": ""}),
    ],
)
def test_luccas_own_schemas_are_known_by_their_id(name: str, right: Json, wrong: Json) -> None:
    test = fits(definition({"$id": OWN + name}))
    assert test is not None
    assert (test(right), test(wrong), test(None)) == (True, False, True)


def test_the_rules_that_a_definition_spells_out_are_its_rules() -> None:
    test = fits(definition({"$id": f"{OWN}short-text", "type": "string", "maxLength": 2}))
    assert test is not None
    assert (test("ab"), test("abc"), test(None)) == (True, False, True)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"$id": f"{OWN}of-tomorrow"},
        {"$id": "https://elsewhere/x"},
        {"type": "no such type"},
        {"title": "x"},
    ],
)
def test_a_schema_that_says_nothing_usable_tests_nothing(schema: JsonObject) -> None:
    assert fits(definition(schema)) is None
    assert fits({"id": "x", "schema": None}) is None


def test_a_reference_to_elsewhere_is_not_followed_and_refuses_nothing() -> None:
    test = fits(definition({"$ref": "http://127.0.0.1:9/schema"}))
    assert test is not None
    assert test("anything")


def test_several_values_stand_in_the_order_that_their_definition_asks_for() -> None:
    """Trap 24: several rows a definition and person; each is a record of its own, known by its own id."""
    rows: list[JsonObject] = [
        {"id": "10", "value": {"rank": 1}, "createdAt": "2026-01-02"},
        {"id": "9", "value": {"rank": 2}, "createdAt": "2026-01-03"},
        {"id": "8", "value": {"rank": None}, "createdAt": "2026-01-01"},
    ]

    def ids(handling: Json) -> list[Json]:
        return [row["id"] for row in attributes_in_order({"multipleValueHandling": handling}, rows)]

    assert ids(None) == ["8", "9", "10"]
    assert ids({"sorting": "ascending", "sortingProperty": "rank"}) == ["10", "9", "8"]
    assert ids({"sorting": "descending", "sortingProperty": "rank"}) == ["9", "10", "8"]
    assert ids({"sorting": "descending", "sortingProperty": "createdAt"}) == ["9", "10", "8"]


@pytest.mark.parametrize("row", [{}, {"definition": None}, {"definition": {}}])
def test_a_value_without_a_definition_belongs_to_none(row: JsonObject) -> None:
    assert definition_of(row) is None


@dataclass
class Attributes:
    """A journal that holds definitions and values."""

    scene: Scene = field(default_factory=lambda: Scene(staff(0)))

    async def put(self, resource: str, record: JsonObject, event: Event | None = None) -> None:
        name = ResourceName("acme", resource)
        encoded = msgspec.json.encode(record)
        sequence = event.sequence if event else 0
        write = Write(str(record["id"]), encoded, encoded, sequence, event, (LANE,) if event else ())
        await self.scene.journal.commit_writes(name, START, [write])

    async def told(self, record: JsonObject, sequence: int) -> None:
        event = an_event(
            tenant="acme",
            resource=VALUES,
            record_id=str(record["id"]),
            kind="updated",
            sequence=sequence,
            recorded=START,
            record=record,
            previous=None,
        )
        await self.put(VALUES, record, event)

    @property
    def counted(self) -> float | None:
        registry = self.scene.metrics.registry
        return registry.get_sample_value("lucca_sync_attribute_violations_total", {"tenant": "acme"})


def value(of: Json, record_id: str = "1") -> JsonObject:
    return {"id": record_id, "definition": {"id": "e_size"}, "employee": {"id": "7"}, "value": of}


@pytest.mark.looptime
async def test_what_is_there_is_checked_once_and_then_what_events_bring() -> None:
    there = Attributes()
    check = AttributeCheck("acme", there.scene.lookout)
    await there.put(VALUES, value(12345, "1"))
    assert await check.look()
    await there.put(DEFINITIONS, definition({"$id": f"{OWN}short-text"}))
    with capture_logs() as logs:
        await check.look()
        assert there.counted == 1
        await check.look()
        assert there.counted == 1
        await there.told(value("fine", "1"), 1)
        await there.told(value(12345, "2"), 1)
        await check.look()
    assert there.counted == 2
    assert [entry["event"] for entry in logs] == ["attribute_violates_its_definition"]
    assert "12345" not in str(logs)


@pytest.mark.looptime
async def test_a_definition_that_is_changed_is_the_one_that_counts() -> None:
    there = Attributes()
    check = AttributeCheck("acme", there.scene.lookout)
    await there.put(DEFINITIONS, definition({"$id": f"{OWN}short-text"}))
    await check.look()
    await there.put(DEFINITIONS, definition({"$id": f"{OWN}decimal"}))
    await there.told(value(1, "1"), 1)
    await check.look()
    assert there.counted == 0
