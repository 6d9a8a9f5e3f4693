"""Half-days told as leave periods: one record for a holiday, and it stays the same one."""

from datetime import timedelta

import anyio
import pytest

from lucca_sync.ingest.source import Window
from tests.ingest.absences import FakeAbsences, Scene, half_day

pytestmark = pytest.mark.looptime

HOURS = 3600
DAY = 24 * HOURS
HOLIDAY = "7-1-1"
JUST_NOW = "2026-03-02T12:04:00Z"


def company() -> FakeAbsences:
    tenant = FakeAbsences()
    tenant.away(1, "2026-03-09", "2026-03-20")
    return tenant


async def test_a_holiday_of_two_weeks_is_one_record_with_its_weekend_inside() -> None:
    """Trap 43: a two-week holiday is twenty rows."""
    scene = Scene(company(), "leave-periods")
    await scene.look()
    assert await scene.living("leave-periods") == [HOLIDAY]
    record = await scene.record("leave-periods", HOLIDAY)
    told = (
        "start",
        "startHalf",
        "end",
        "endHalf",
        "halves",
        "days",
        "isActive",
        "isConfirmed",
        "cancelledHalves",
    )
    assert [record[name] for name in told] == [
        *("2026-03-09", "AM", "2026-03-20", "PM"),
        *(20, 10, True, True, 0),
    ]
    assert record["employee"] == {"id": "7", "type": "employee"}
    assert record["leaveAccount"] == {"id": 1, "name": "Account 1"}
    assert record["hours"] is None


async def test_halves_of_days_at_the_ends_are_told() -> None:
    tenant = FakeAbsences()
    tenant.put(half_day(1, "2026-03-09", "PM"), half_day(1, "2026-03-10", "AM"))
    scene = Scene(tenant, "leave-periods")
    await scene.look()
    record = await scene.record("leave-periods", HOLIDAY)
    assert [record[name] for name in ("startHalf", "endHalf", "days")] == ["PM", "AM", 1]


@pytest.mark.parametrize("value", ["03:30:00", 3.5])
async def test_hours_are_added_up_where_the_account_counts_hours(value: str | float) -> None:
    tenant = FakeAbsences()
    tenant.away(1, "2026-03-09", "2026-03-10", value=value)
    scene = Scene(tenant, "leave-periods")
    await scene.look()
    assert (await scene.record("leave-periods", HOLIDAY))["hours"] == 14


async def test_one_period_on_two_accounts_is_two_records() -> None:
    tenant = FakeAbsences()
    tenant.put(half_day(1, "2026-03-09", "AM"), half_day(1, "2026-03-09", "PM", account=2))
    scene = Scene(tenant, "leave-periods")
    await scene.look()
    assert await scene.living("leave-periods") == ["7-1-1", "7-1-2"]


async def test_both_resources_are_fed_by_the_same_requests() -> None:
    alone, both = company(), company()
    await Scene(alone, "leaves").look()
    await Scene(both).look()
    assert both.asked == alone.asked


async def test_a_cancelled_day_inside_a_holiday_is_one_update() -> None:
    tenant = company()
    scene = Scene(tenant)
    await scene.look()
    await anyio.sleep(300)
    for half in ("AM", "PM"):
        tenant.rows[f"1-20260311-{half}"] |= {"isActive": False, "cancellationDate": JUST_NOW}
    await scene.look()
    (event,) = await scene.events("leave-periods")
    assert (event.kind, event.detected_by) == ("updated", "delta")
    record = event.record or {}
    assert (record["days"], record["cancelledHalves"], record["isActive"]) == (9, 2, True)


async def test_a_cancelled_holiday_is_an_update_that_says_so_and_counts_no_days() -> None:
    """Trap 45: adding up cancelled leaves overpays."""
    tenant = company()
    scene = Scene(tenant)
    await scene.look()
    await anyio.sleep(300)
    tenant.cancel(1, scene.clock.now())
    await scene.look()
    (event,) = await scene.events("leave-periods")
    record = event.record or {}
    assert (event.kind, record["isActive"], record["days"], record["start"]) == (
        "updated",
        False,
        0,
        "2026-03-09",
    )


@pytest.mark.parametrize("old", ["cancelled", "gone"])
async def test_an_edit_that_mints_a_new_period_is_one_update_of_the_old_record(old: str) -> None:
    """Trap 44: the new period takes the record of the one that it overlaps."""
    tenant = company()
    scene = Scene(tenant)
    await scene.look()
    for edit, (period, end) in enumerate([(5, "2026-03-18"), (6, "2026-03-17")], start=1):
        await anyio.sleep(300)
        former = {1: 1, 2: 5}[edit]
        if old == "gone":
            tenant.erase(former)
        else:
            tenant.cancel(former, scene.clock.now())
        created = (scene.clock.now() - timedelta(minutes=1)).isoformat()
        tenant.away(period, "2026-03-09", end, creationDate=created)
        await scene.look()
    await anyio.sleep(6 * HOURS)
    await scene.look()
    assert await scene.told("leave-periods") == [(HOLIDAY, "updated"), (HOLIDAY, "updated")]
    assert await scene.living("leave-periods") == [HOLIDAY]
    assert (await scene.record("leave-periods", HOLIDAY))["end"] == "2026-03-17"


async def test_an_edit_that_changes_no_day_is_no_event() -> None:
    tenant = company()
    scene = Scene(tenant)
    await scene.look()
    await anyio.sleep(300)
    tenant.erase(1)
    tenant.away(5, "2026-03-09", "2026-03-20", creationDate=JUST_NOW)
    await scene.look()
    assert await scene.told("leave-periods") == []


async def test_another_holiday_elsewhere_is_another_record() -> None:
    tenant = company()
    scene = Scene(tenant)
    await scene.look()
    await anyio.sleep(300)
    tenant.cancel(1, scene.clock.now())
    tenant.away(5, "2026-05-04", "2026-05-05", creationDate=JUST_NOW)
    await scene.look()
    assert await scene.told("leave-periods") == [("7-1-1", "updated"), ("7-5-1", "created")]


async def test_a_period_that_is_gone_is_looked_for_among_its_owners_before_it_is_deleted() -> None:
    tenant = company()
    scene = Scene(tenant)
    await scene.look()
    tenant.erase(1)
    await anyio.sleep(6 * HOURS)
    await scene.look()
    # All that there was is gone: that is held, whoever did it.
    assert await scene.told("leave-periods") == []
    tenant.away(2, "2026-06-08", "2026-06-08", owner=8)
    await anyio.sleep(6 * HOURS)
    await scene.look()
    assert (HOLIDAY, "deleted") in await scene.told("leave-periods")


async def test_a_period_skipped_by_a_list_is_not_gone() -> None:
    tenant = company()
    tenant.away(2, "2026-06-08", "2026-06-08", owner=8)
    scene = Scene(tenant, "leave-periods")
    await scene.look()
    tenant.users = [8]
    await anyio.sleep(6 * HOURS)
    await scene.look()
    assert await scene.told("leave-periods") == []


async def test_a_period_does_not_shrink_as_the_window_moves_over_it_and_is_forgotten_when_it_is_past() -> (
    None
):
    tenant = FakeAbsences()
    tenant.away(1, "2025-12-29", "2026-01-09", value="07:00:00")
    tenant.away(2, "2026-06-08", "2026-06-08")
    scene = Scene(tenant)
    await scene.look()
    before = await scene.record("leave-periods", HOLIDAY)
    assert (before["start"], before["days"], before["hours"]) == ("2025-12-29", 10, 140)
    for _ in range(8):
        await anyio.sleep(DAY)
        await scene.look()
    assert await scene.record("leave-periods", HOLIDAY) == before
    await anyio.sleep(DAY)
    await scene.look()
    assert await scene.living("leave-periods") == ["7-2-1"]
    assert await scene.told("leave-periods") == []


async def test_an_edit_of_the_part_in_the_window_keeps_the_part_before_it() -> None:
    tenant = FakeAbsences()
    tenant.away(1, "2025-12-29", "2026-01-09")
    scene = Scene(tenant)
    await scene.look()
    await anyio.sleep(4 * DAY)
    await scene.look()
    for half in ("AM", "PM"):
        tenant.rows[f"1-20260109-{half}"] |= {"isActive": False, "cancellationDate": "2026-03-06T12:00:00Z"}
    await scene.look()
    record = await scene.record("leave-periods", HOLIDAY)
    assert (record["start"], record["end"], record["days"]) == ("2025-12-29", "2026-01-08", 9)


async def test_a_period_that_a_wider_window_brings_into_sight_is_nobodys_news() -> None:
    tenant = company()
    tenant.away(5, "2025-11-03", "2025-11-04")
    scene = Scene(tenant)
    await scene.look()
    wider = Scene(tenant, journal=scene.journal, window=Window(past=timedelta(days=150)))
    await anyio.sleep(6 * HOURS)
    await wider.look()
    assert await wider.living("leave-periods") == ["7-1-1", "7-5-1"]
    assert await wider.told("leave-periods") == []


async def test_a_period_cancelled_before_we_knew_it_is_no_record() -> None:
    tenant = company()
    scene = Scene(tenant)
    await scene.look()
    await anyio.sleep(300)
    tenant.away(5, "2026-05-04", "2026-05-05", isActive=False, cancellationDate=JUST_NOW)
    await scene.look()
    assert await scene.living("leave-periods") == [HOLIDAY]
