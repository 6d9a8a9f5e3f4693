"""What follows from dates turns at midnight where people work, with nobody writing anything."""

from datetime import UTC, datetime

import pytest

from lucca_sync.simulator import LedgerEntry, Simulator
from lucca_sync.simulator.world.actions import EndContract, Hire, Move, Set
from tests.simulator.visitor import HandClock, unlimited, visiting

PARIS, REUNION, MONTREAL = "1", "3", "5"
# 2026-11-22 begins in these places at:
MIDNIGHT = {
    PARIS: datetime(2026, 11, 21, 23, tzinfo=UTC),
    REUNION: datetime(2026, 11, 21, 20, tzinfo=UTC),
    MONTREAL: datetime(2026, 11, 22, 5, tzinfo=UTC),
}
EVENING = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)


def tenant(moment: datetime = EVENING) -> tuple[Simulator, HandClock]:
    clock = HandClock(moment)
    return Simulator(unlimited(employees=10), clock), clock


def status(simulator: Simulator, resource: str, public_id: str) -> str:
    view = simulator.record(resource, public_id)
    assert view is not None
    return str(view["status"])


def hired(entries: list[LedgerEntry], resource: str = "employees") -> str:
    return next(entry.id for entry in entries if entry.resource == resource)


@pytest.mark.parametrize("place", [PARIS, REUNION, MONTREAL])
def test_a_new_hire_becomes_active_at_the_midnight_of_their_establishment(place: str) -> None:
    simulator, clock = tenant()
    entries = simulator.perform(Hire(establishment=place, start="2026-11-22"))
    ids = {name: hired(entries, name) for name in ("employees", "employments", "job-positions")}
    for moment, expected in ((-1, "upcoming"), (0, "active")):
        clock.moment = MIDNIGHT[place]
        clock.move(seconds=moment)
        assert {status(simulator, name, public_id) for name, public_id in ids.items()} == {expected}


def test_the_last_day_of_a_contract_is_still_worked() -> None:
    simulator, clock = tenant()
    who = hired(simulator.perform(Hire(start="2026-11-01")))
    simulator.perform(EndContract(employee=who, on="2026-11-21"))
    assert status(simulator, "employees", who) == "active"
    clock.moment = MIDNIGHT[PARIS]
    assert status(simulator, "employees", who) == "deactivated"


def test_a_flip_is_noted_at_its_midnight_and_moves_no_timestamp() -> None:
    simulator, clock = tenant()
    who = hired(simulator.perform(Hire(start="2026-11-22")))
    before = simulator.record("employees", who)
    noted = len(simulator.world.ledger)
    clock.moment = MIDNIGHT[PARIS]
    clock.move(hours=7)
    after = simulator.record("employees", who)
    assert before is not None
    assert after is not None
    assert after["lastUpdatedAt"] == before["lastUpdatedAt"]
    entry = next(e for e in simulator.world.ledger.after(noted) if (e.resource, e.id) == ("employees", who))
    assert (entry.what, entry.fields, entry.at) == ("midnight", ("status",), "2026-11-21T23:00:00.000Z")


def test_a_planned_move_takes_effect_on_its_day() -> None:
    simulator, clock = tenant()
    who = hired(simulator.perform(Hire(start="2026-11-01")))
    moved = simulator.perform(Move(employee=who, on="2026-11-22", establishment=PARIS))
    # Planned, it ends the position before; the person's own record does not show it yet.
    assert [(entry.resource, entry.kind) for entry in moved] == [
        ("job-positions", "updated"),
        ("job-positions", "created"),
    ]
    clock.moment = MIDNIGHT[PARIS]
    view = simulator.record("employees", who)
    assert view is not None
    assert view["applicableJobPosition"] == {
        "id": moved[1].id,
        "type": "job-position",
        "url": f"/lucca-api/job-positions/{moved[1].id}",
    }


def test_a_position_ends_the_day_before_the_next_or_with_the_contract() -> None:
    simulator, _ = tenant()
    entries = simulator.perform(Hire(start="2026-11-01"))
    who, first = hired(entries), hired(entries, "job-positions")
    second = simulator.perform(Move(employee=who, on="2026-12-01"))[-1].id
    ends = [simulator.record("job-positions", public_id) for public_id in (first, second)]
    assert [end and end["endsOn"] for end in ends] == ["2026-11-30", None]
    simulator.perform(EndContract(employee=who, on="2026-12-15"))
    ends = [simulator.record("job-positions", public_id) for public_id in (first, second)]
    assert [end and end["endsOn"] for end in ends] == ["2026-11-30", "2026-12-15"]


def test_a_contract_that_ends_early_deletes_the_positions_planned_for_later() -> None:
    simulator, _ = tenant()
    who = hired(simulator.perform(Hire(start="2026-11-01")))
    planned = simulator.perform(Move(employee=who, on="2026-12-01"))[-1].id
    ended = simulator.perform(EndContract(employee=who, on="2026-11-25"))
    assert ("job-positions", planned, "deleted") in {(e.resource, e.id, e.kind) for e in ended}
    assert simulator.record("job-positions", planned) is None


def test_days_that_nobody_looked_at_are_caught_up_one_by_one() -> None:
    simulator, clock = tenant()
    first = hired(simulator.perform(Hire(start="2026-11-23")))
    second = hired(simulator.perform(Hire(start="2026-11-25")))
    simulator.perform(EndContract(employee=first, on="2026-11-24"))
    noted = len(simulator.world.ledger)
    clock.move(days=10)
    simulator.world.catch_up()
    turned = [
        (entry.at[:10], entry.id, entry.fields)
        for entry in simulator.world.ledger.after(noted)
        if entry.resource == "employees" and entry.id in (first, second)
    ]
    assert turned == [
        ("2026-11-22", first, ("status",)),
        ("2026-11-24", first, ("status",)),
        ("2026-11-24", second, ("status",)),
    ]


def test_another_time_zone_moves_the_midnight_of_everybody_who_works_there() -> None:
    simulator, clock = tenant()
    who = hired(simulator.perform(Hire(establishment=MONTREAL, start="2026-11-22")))
    clock.moment = MIDNIGHT[PARIS]
    assert status(simulator, "employees", who) == "upcoming"
    moved = simulator.perform(
        Set(resource="business-establishments", id=MONTREAL, path="/timezoneId", value="Asia/Tokyo")
    )
    assert ("employees", who) in {(entry.resource, entry.id) for entry in moved}
    assert status(simulator, "employees", who) == "active"


async def test_the_api_shows_a_flip_with_a_new_etag() -> None:
    clock = HandClock(EVENING)
    async with visiting(unlimited(employees=10), clock) as visitor:
        visitor.simulator.perform(Hire(start="2026-11-22"))
        first = await visitor.get("employees?status=upcoming&sort=-createdAt")
        assert first.ids[0] == "11"
        clock.moment = MIDNIGHT[PARIS]
        await visitor.sign_in()
        second = await visitor.get(
            "employees?status=upcoming&sort=-createdAt", If_None_Match=first.headers["ETag"]
        )
        assert second.status == 200
        assert "11" not in second.ids
