"""The world lives plausibly, the same way each time, and its ledger misses nothing."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from typing import cast

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lucca_sync.kit.clock import LoopClock
from lucca_sync.simulator import LedgerEntry, Refused, Simulator, SimulatorOptions
from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.actions import (
    AddAttribute,
    Amend,
    AnyAction,
    Archive,
    AssignNumber,
    ChangeManager,
    ChangePhone,
    Create,
    Delete,
    DeleteAttribute,
    EditAttribute,
    EditPersonalRecord,
    EndContract,
    ExtendProbation,
    Hire,
    Move,
    Rehire,
    Rename,
    RenameDepartment,
    ReorderDepartments,
    ReplaceAttribute,
    Retitle,
    Set,
    Touch,
    Unarchive,
)
from lucca_sync.simulator.world.newcomers import MAKERS
from tests.simulator.visitor import NOON, Document, HandClock, Visitor, unlimited, visiting

FEW_ABSENCES = partial(SimulatorOptions, absences=0.2, leaves_v5=True)
World = dict[tuple[str, str], View]


def snapshot(simulator: Simulator) -> World:
    """Everything that the API shows."""
    return {
        (resource, str(view["id"])): view
        for resource in (*simulator.counts(), *simulator.legacy_counts())
        for view in simulator.records(resource)
    }


def differences(before: World, after: World) -> dict[tuple[str, str], tuple[str, set[str]]]:
    """What a person comparing two snapshots would note down."""
    found: dict[tuple[str, str], tuple[str, set[str]]] = {}
    for key in before.keys() | after.keys():
        if key not in before:
            found[key] = ("created", set())
        elif key not in after:
            found[key] = ("deleted", set())
        elif before[key] != after[key]:
            names = before[key].keys() | after[key].keys()
            found[key] = (
                "updated",
                {name for name in names if before[key].get(name) != after[key].get(name)},
            )
    return found


def noted(entries: list[LedgerEntry]) -> dict[tuple[str, str], tuple[str, set[str]]]:
    return {(entry.resource, entry.id): (entry.kind, set(entry.fields)) for entry in entries}


def numbers(top: int) -> st.SearchStrategy[str]:
    return st.integers(1, top).map(str)


WHO = numbers(14)
DAY = st.dates().filter(lambda day: 2024 <= day.year <= 2028).map(str) | st.sampled_from(
    ["2026-11-20", "2026-11-22", "2026-11-23", "2026-12-01"]
)
PLACES: list[tuple[str, str, st.SearchStrategy[Json]]] = [
    ("employees", "/familyName", st.text(max_size=5)),
    ("employees", "/email", st.none() | st.just("a@example.org")),
    ("employees", "/status", st.just("onLeave")),
    ("employees", "/shoeSize", st.integers()),
    ("employments", "/end", st.none() | DAY.map(lambda day: cast("Json", {"date": day}))),
    ("employments", "/start/date", DAY.map(lambda day: cast("Json", day))),
    ("job-positions", "/startsOn", DAY.map(lambda day: cast("Json", day))),
    ("job-positions", "/manager", st.none()),
    ("job-positions", "/department/id", numbers(4).map(lambda number: cast("Json", number))),
    ("probationary-periods", "/extendedEndsOn", st.none() | st.just("2026-04-31") | DAY),
    ("business-establishments", "/timezoneId", st.sampled_from(["Asia/Tokyo", "Pacific/Auckland", None])),
    ("departments", "/sortOrder", st.integers(0, 9)),
    ("employee-attributes", "/value", st.none() | st.booleans() | st.text(max_size=3)),
    ("employee-attribute-definitions", "/isArchived", st.booleans()),
    ("employee-personal-records", "/email", st.none() | st.just("a@example.org")),
    ("employee-personal-records", "/bankAccount/bankName", st.text(max_size=3)),
    ("legal-entities", "/legalName", st.text(max_size=3)),
    (
        "working-time-arrangements",
        "/publicHolidaysCalendar/id",
        numbers(5).map(lambda number: cast("Json", number)),
    ),
]
KEYS = ["e_tShirtSize", "e_languages"]
SETS = st.sampled_from(PLACES).flatmap(
    lambda place: st.builds(
        Set,
        resource=st.just(place[0]),
        id=WHO | st.sampled_from(KEYS),
        path=st.just(place[1]),
        value=place[2],
        stamp=st.booleans(),
    )
)
RESOURCES = sorted({place[0] for place in PLACES} | MAKERS.keys())
LISTS = st.sampled_from(sorted(MAKERS))
ACTIONS: st.SearchStrategy[AnyAction] = st.one_of(
    st.builds(Hire, start=st.none() | DAY, establishment=numbers(5)),
    st.builds(Rehire, employee=WHO, start=st.none() | DAY),
    st.builds(Move, employee=WHO, on=st.none() | DAY, establishment=st.none() | numbers(5)),
    st.builds(ChangeManager, employee=WHO, manager=WHO),
    st.builds(EndContract, employee=WHO, on=st.none() | DAY),
    st.builds(ExtendProbation, employee=WHO, until=st.none() | DAY),
    st.builds(Rename, employee=WHO, family_name=st.none() | st.text(min_size=1, max_size=5)),
    st.builds(ChangePhone, employee=WHO),
    st.builds(AssignNumber, employee=WHO),
    st.builds(AddAttribute, employee=WHO, definition=st.sampled_from(KEYS)),
    st.builds(EditAttribute, attribute=WHO),
    st.builds(ReplaceAttribute, attribute=WHO, on=st.none() | DAY),
    st.builds(DeleteAttribute, attribute=WHO),
    st.builds(RenameDepartment, department=numbers(5)),
    st.builds(EditPersonalRecord, employee=WHO),
    st.builds(Create, resource=LISTS),
    st.builds(Retitle, resource=LISTS, id=numbers(4)),
    st.builds(Amend, resource=LISTS, id=numbers(4)),
    st.builds(Archive, resource=LISTS, id=numbers(5)),
    st.builds(Unarchive, resource=LISTS, id=numbers(5)),
    st.builds(ReorderDepartments, parent=st.none() | numbers(4)),
    SETS,
    st.builds(Delete, resource=st.sampled_from(RESOURCES), id=WHO | st.sampled_from(KEYS)),
    st.builds(Touch, resource=st.sampled_from(RESOURCES), id=WHO),
)
STEP = "step"
MOMENTS = st.lists(st.tuples(st.sampled_from([0, 1, 9, 24, 80]), ACTIONS | st.just(STEP)), max_size=12)


@settings(max_examples=60)
@given(seed=st.integers(0, 50), moments=MOMENTS)
def test_the_ledger_notes_exactly_what_the_api_shows_differently(
    seed: int, moments: list[tuple[int, AnyAction | str]]
) -> None:
    clock = HandClock()
    simulator = Simulator(FEW_ABSENCES(employees=12, seed=seed), clock)
    before = snapshot(simulator)
    for hours, action in moments:
        # What the calendar does by itself …
        clock.move(hours=hours)
        last = len(simulator.world.ledger)
        after = snapshot(simulator)
        turned = simulator.world.ledger.after(last)
        assert noted(turned).keys() >= differences(before, after).keys()
        assert {entry.what for entry in turned} <= {"midnight"}
        # … and what an action does.
        try:
            entries = simulator.step() if isinstance(action, str) else simulator.perform(action)
        except Refused:
            entries = []
        before = snapshot(simulator)
        assert noted(entries) == differences(after, before)
    assert [entry.number for entry in simulator.world.ledger.after(0)] == list(
        range(1, len(simulator.world.ledger) + 1)
    )


@settings(max_examples=8)
@given(seed=st.integers(0, 1000), hours=st.integers(24, 60))
def test_the_calendar_notes_each_midnights_flips_and_no_more(seed: int, hours: int) -> None:
    """Midnight by midnight, a snapshot before and after differs exactly by the ledger's entries."""
    clock = HandClock()
    simulator = Simulator(FEW_ABSENCES(employees=12, seed=seed), clock)
    simulator.perform(Hire(start="2026-11-24"))
    for _ in range(hours):
        before, last = snapshot(simulator), len(simulator.world.ledger)
        clock.move(hours=1)
        assert noted_after(simulator, last) == differences(before, snapshot(simulator))


def noted_after(simulator: Simulator, last: int) -> dict[tuple[str, str], tuple[str, set[str]]]:
    simulator.world.catch_up()
    return noted(simulator.world.ledger.after(last))


async def everything(visitor: Visitor) -> dict[tuple[str, str], Document]:
    return {
        (resource, item["id"]): item
        for resource in visitor.simulator.counts()
        for page in await visitor.walk(f"{resource}?limit=100")
        for item in page.items
    }


async def test_on_the_wire_too_a_life_changes_exactly_what_the_ledger_says() -> None:
    clock = HandClock()
    async with visiting(unlimited(employees=30, absences=0.5, leaves_v5=True), clock) as visitor:
        shown = visitor.simulator.counts()
        for _ in range(15):
            before, last = await everything(visitor), len(visitor.simulator.world.ledger)
            clock.move(minutes=1)
            reply = await visitor.control("POST", "steps", {"count": 2})
            after = await everything(visitor)
            entries = [entry for entry in reply.json["entries"] if entry["resource"] in shown]
            named = {(entry["resource"], entry["id"]) for entry in entries}
            assert reply.json["last"] > last
            changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
            assert {key for key in changed if not only_portrait(before.get(key), after.get(key))} <= named
            assert named <= changed | {key for key in named if key not in before and key not in after}


def only_portrait(before: Document | None, after: Document | None) -> bool:
    """Whether two answers differ in nothing but links, which hold a token that always changes."""
    if before is None or after is None:
        return False
    return {**before, "links": None} == {**after, "links": None}


def lived(seed: int, steps: int) -> tuple[Simulator, list[LedgerEntry]]:
    clock = HandClock()
    simulator = Simulator(SimulatorOptions(employees=40, seed=seed), clock)
    for _ in range(steps):
        clock.move(minutes=3)
        simulator.step()
    return simulator, simulator.world.ledger.after(0)


def test_the_same_seed_gives_the_same_people_and_the_same_life() -> None:
    first, second, other = lived(7, 120), lived(7, 120), lived(8, 120)
    assert first[1] == second[1]
    assert snapshot(first[0]) == snapshot(second[0])
    assert first[1] != other[1]


def test_the_first_day_depends_on_the_month_of_the_start_alone_or_on_nothing_with_an_epoch() -> None:
    assert first_start(NOON) == first_start(NOON + timedelta(days=5))
    assert first_start(NOON) != first_start(NOON + timedelta(days=40))
    epoch = SimulatorOptions(epoch=date(2025, 5, 1))
    assert first_start(NOON, epoch) == first_start(NOON + timedelta(days=40), epoch)


def first_start(moment: datetime, options: SimulatorOptions | None = None) -> Json:
    simulator = Simulator(options or SimulatorOptions(), HandClock(moment))
    return next(simulator.records("job-positions"))["startsOn"]


def test_each_step_is_one_action_and_life_has_many_kinds() -> None:
    clock = HandClock()
    simulator = Simulator(SimulatorOptions(employees=200, absences=0.0), clock)
    kinds: Counter[str] = Counter()
    for _ in range(600):
        clock.move(minutes=3)
        entries = simulator.step()
        assert len({entry.what for entry in entries}) == 1
        kinds[entries[0].what] += 1
    assert kinds.keys() >= {
        *("hire", "move", "rename", "end-contract", "extend-probation", "edit-attribute", "add-attribute"),
        *("delete-attribute", "change-phone", "assign-number", "rename-department", "change-manager"),
        *(
            "edit-personal-record",
            "replace-attribute",
            "create",
            "retitle",
            "amend",
            "archive",
            "reorder-departments",
            "delete",
        ),
    }
    assert kinds["hire"] > kinds["end-contract"], "the company must not die out"


def test_a_record_is_touched_later_each_time_even_within_one_millisecond() -> None:
    simulator = Simulator(SimulatorOptions(), HandClock())
    seen: list[str] = []
    for _ in range(3):
        simulator.perform(ChangePhone(employee="4"))
        view = simulator.record("employees", "4")
        assert view is not None
        seen.append(str(view["lastUpdatedAt"]))
    assert seen == sorted(set(seen))


def test_a_move_shows_on_the_person_without_moving_their_last_update() -> None:
    simulator = Simulator(SimulatorOptions(), HandClock())
    entries = simulator.perform(Move(employee="4"))
    employee = next(entry for entry in entries if entry.resource == "employees")
    assert (employee.kind, employee.fields) == ("updated", ("applicableJobPosition",))


REFUSED = [
    Rename(employee="999"),
    Move(employee="4", department="999"),
    Move(employee="4", on="2001-01-01"),
    Rehire(employee="1"),
    EndContract(employee="4", on="1990-01-01"),
    ExtendProbation(employee="4", until="1990-01-01"),
    AddAttribute(employee="4", definition="e_unheardOf"),
    ChangeManager(employee="4", manager="4"),
    Set(resource="employees", id="4", path="familyName", value="no slash"),
    Set(resource="job-positions", id="4", path="/department/id", value="999"),
    Set(resource="business-establishments", id="1", path="/timezoneId", value="Mars/Olympus"),
    Delete(resource="departments", id="1"),
    Delete(resource="business-establishments", id="1"),
    Touch(resource="departments", id="1"),
]


@pytest.mark.parametrize("action", REFUSED, ids=[f"{action.what} {n}" for n, action in enumerate(REFUSED)])
def test_what_makes_no_sense_is_refused_and_changes_nothing(action: AnyAction) -> None:
    simulator = Simulator(SimulatorOptions(), HandClock())
    before = snapshot(simulator)
    with pytest.raises(Refused):
        simulator.perform(action)
    assert snapshot(simulator) == before
    assert len(simulator.world.ledger) == 0


def test_a_person_is_deleted_with_everything_and_from_every_mention() -> None:
    simulator = Simulator(SimulatorOptions(employees=80), HandClock())
    managed = [view for view in simulator.records("job-positions") if view["manager"] is not None]
    manager = cast("View", managed[0]["manager"])["id"]
    simulator.perform(Delete(resource="employees", id=str(manager)))
    for view in snapshot(simulator).values():
        for name in ("manager", "employee"):
            assert cast("View", view.get(name) or {}).get("id") != manager
        assert view.get("type") != "employee" or view["id"] != manager


@pytest.mark.leaping
async def test_by_itself_it_lives_as_fast_as_it_is_told_to() -> None:
    simulator = Simulator(unlimited(alive_per_minute=20), LoopClock(NOON))
    async with simulator.serving():
        await anyio.sleep(60.5)
        assert changes(simulator) == 20
        simulator.alive_per_minute = 0
        await anyio.sleep(600)
        assert changes(simulator) == 20
        simulator.alive_per_minute = 60
        await anyio.sleep(10.5)
        assert changes(simulator) == 30


def changes(simulator: Simulator) -> int:
    """How many things happened: under virtual time no two of them in the same instant."""
    return len({entry.at for entry in simulator.world.ledger.after(0)})


async def test_what_is_raised_while_it_serves_is_not_wrapped() -> None:
    with pytest.raises(ZeroDivisionError):
        async with Simulator(unlimited(alive_per_minute=20), HandClock()).serving():
            raise ZeroDivisionError
