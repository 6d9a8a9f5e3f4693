"""Watching half-days of the legacy API: the window, what changes in between, what is no news."""

from datetime import timedelta
from urllib.parse import unquote

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.source import Window
from lucca_sync.lucca.errors import Unavailable
from lucca_sync.model.catalogue import CATALOGUE
from tests.ingest.absences import FakeAbsences, Scene, half_day

pytestmark = pytest.mark.looptime

HOURS = 3600
DAY = 24 * HOURS


def company() -> FakeAbsences:
    tenant = FakeAbsences()
    tenant.away(1, "2026-03-09", "2026-03-13")
    tenant.away(2, "2026-03-20", "2026-03-20", owner=8)
    return tenant


def deltas(tenant: FakeAbsences) -> list[str]:
    """What was asked for changes, without the trial at the start."""
    return [unquote(url) for url in tenant.asked if "greaterthan" in url and not url.endswith("paging=0,1")]


async def test_the_first_reading_is_silent_and_knows_every_half_day_by_owner_day_half_and_account() -> None:
    scene = Scene(company(), "leaves")
    await scene.look()
    assert await scene.told("leaves") == []
    living = await scene.living("leaves")
    assert len(living) == 12
    assert living[0] == "7-20260309-AM-1"
    record = await scene.record("leaves", "7-20260309-PM-1")
    assert (record["luccaId"], record["date"], record["isAm"]) == ("1-20260309-PM", "2026-03-09", False)
    assert (record["duration"], record["isConfirmed"], record["ownerId"]) == ("PT12H", True, 7)


async def test_every_question_has_a_date_and_an_owner() -> None:
    """Trap 41: leaves without both filters fail or time out."""
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    await anyio.sleep(300)
    await scene.look()
    questions = [unquote(url) for url in tenant.asked if "/leaves" in url]
    assert len(questions) > 3
    assert all("date=between," in url and "leavePeriod.ownerId=" in url for url in questions)


async def test_all_that_is_read_is_asked_for_by_name() -> None:
    """Trap 39, and a defect of the published mapper: without `fields` only id, name and url arrive."""
    tenant = company()
    await Scene(tenant, "leaves").look()
    fields = {url.partition("fields=")[2].partition("&")[0] for url in map(unquote, tenant.asked)}
    (asked,) = {one for one in fields if "date" in one}
    named = ("isAm", "leavePeriod[ownerId,isConfirmed,confirmationDate]", "isActive", "cancellationDate")
    assert all(name in asked for name in named)


async def test_former_employees_are_owners_too() -> None:
    """Trap 40: users who left are listed only when asked for; their absences would look deleted."""
    tenant = company()
    await Scene(tenant, "leaves").look()
    assert any("formerEmployees=true" in url for url in tenant.asked if "/users" in url)


async def test_a_confirmed_leave_is_found_by_the_call_for_what_was_confirmed_since() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    await anyio.sleep(300)
    row = half_day(3, "2026-04-01", owner=8)
    row["leavePeriod"] = {"ownerId": 8, "isConfirmed": True, "confirmationDate": "2026-03-02T12:04:00Z"}
    tenant.put(row)
    await scene.look()
    (event,) = await scene.events("leaves")
    assert (event.subject, event.kind, event.detected_by, event.employee) == (
        "leaves/8-20260401-AM-1",
        "created",
        "delta",
        "8",
    )


async def test_a_cancelled_leave_is_an_update_found_by_the_call_for_what_was_cancelled_since() -> None:
    """Trap 45: cancelled leaves stay readable, inactive."""
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    await anyio.sleep(300)
    tenant.cancel(2, scene.clock.now())
    await scene.look()
    told = await scene.events("leaves")
    assert [(event.record_id, event.kind) for event in told] == [
        ("8-20260320-AM-1", "updated"),
        ("8-20260320-PM-1", "updated"),
    ]
    assert "/isActive" in {change.path for change in told[0].changes}


async def test_the_question_since_when_is_in_utc_and_begins_before_the_last_run_began() -> None:
    """Traps 46 and 48: leaves take UTC with its Z; the watermark is the start of the run, rounded down."""
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    await anyio.sleep(330)
    await scene.look()
    await anyio.sleep(300)
    await scene.look()
    asked = [url for url in deltas(tenant) if "confirmationDate=since" in url]
    since = [url.partition("confirmationDate=since,")[2].partition("&")[0] for url in asked]
    assert since == ["2026-03-02T11:55:00.000Z", "2026-03-02T12:00:00.000Z"]


async def test_what_changes_while_a_run_asks_is_asked_for_again() -> None:
    """Trap 48: a watermark at the end of a run would lose what happened during it."""
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    for slow in (0.0, 1000.0, 0.0):
        await anyio.sleep(300)
        tenant.slow = slow
        await scene.look()
    asked = [url for url in deltas(tenant) if "confirmationDate=since" in url]
    assert "since,2026-03-02T12:05:00.000Z" in asked[-1]


async def test_a_failed_run_leaves_the_watermark_where_it_was() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    await anyio.sleep(300)
    tenant.trouble = [Unavailable("no", "unreachable")]
    await scene.watch.once()
    assert scene.watch.failing
    await anyio.sleep(300)
    await scene.look()
    since = {url.partition("onDate=since,")[2].partition("&")[0] for url in deltas(tenant)}
    assert since == {"2026-03-02T11:55:00.000Z"}


async def test_what_two_questions_show_twice_is_told_once() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    tenant.cancel(2, scene.clock.now() + timedelta(minutes=4))
    for _ in range(3):
        await anyio.sleep(120)
        await scene.look()
    assert len(await scene.told("leaves")) == 2


async def test_an_edited_period_with_new_ids_changes_nothing_of_its_half_days() -> None:
    """Trap 44: an edit mints new ids; half-days are compared by owner, date, half and account."""
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    await anyio.sleep(300)
    tenant.erase(1)
    tenant.away(9, "2026-03-09", "2026-03-13", creationDate="2026-03-02T12:04:00Z")
    await scene.look()
    assert await scene.told("leaves") == []
    assert (await scene.record("leaves", "7-20260309-AM-1"))["leavePeriodId"] == 9


async def test_of_two_rows_for_one_half_day_the_active_one_counts() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    await anyio.sleep(300)
    tenant.cancel(1, scene.clock.now())
    tenant.away(9, "2026-03-09", "2026-03-11")
    await scene.look()
    cancelled = {record_id for record_id, _ in await scene.told("leaves")}
    assert cancelled == {f"7-2026031{day}-{half}-1" for day in (2, 3) for half in ("AM", "PM")}


async def test_a_half_day_that_is_gone_is_asked_for_by_luccas_id_before_anybody_is_told() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    tenant.erase(2)
    await anyio.sleep(6 * HOURS)
    await scene.look()
    assert await scene.told("leaves") == [("8-20260320-AM-1", "deleted"), ("8-20260320-PM-1", "deleted")]
    assert "/api/v3/leaves/2-20260320-AM" in tenant.asked


async def test_other_resources_are_asked_for_by_their_own_addresses() -> None:
    """An establishment that is looked at beside half-days is none of them, and no period."""
    tenant = company()
    scene = Scene(tenant, "leaves", "leave-periods")
    for post, _ in scene.watch.posts:
        await post.lookout.source.record(CATALOGUE["business-establishments"], "1", "confirm")
    assert tenant.asked == ["/lucca-api/business-establishments/1"] * 2


async def test_a_half_day_moved_to_another_account_under_its_id_is_another_half_day() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    for half in ("AM", "PM"):
        tenant.rows[f"2-20260320-{half}"] |= {"leaveAccountId": 4, "leaveAccount": {"id": 4, "name": "x"}}
    await anyio.sleep(6 * HOURS)
    await scene.look()
    assert sorted(await scene.told("leaves")) == [
        ("8-20260320-AM-1", "deleted"),
        ("8-20260320-AM-4", "created"),
        ("8-20260320-PM-1", "deleted"),
        ("8-20260320-PM-4", "created"),
    ]


async def test_a_half_day_that_a_list_merely_skipped_is_not_gone() -> None:
    """Trap 47: rows are skipped while data moves; no one list is believed about an absence."""
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    tenant.hidden = {"2-20260320-AM"}
    await anyio.sleep(6 * HOURS)
    await scene.look()
    assert await scene.told("leaves") == []
    assert "/api/v3/leaves/2-20260320-AM" in tenant.asked


async def test_a_deletion_is_noticed_when_something_else_of_that_person_changes() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    await anyio.sleep(300)
    tenant.erase(2)
    tenant.away(3, "2026-05-04", "2026-05-04", owner=8, creationDate="2026-03-02T12:04:00Z")
    await scene.look()
    assert ("8-20260320-AM-1", "deleted") in await scene.told("leaves")


async def test_a_half_day_typed_in_again_after_its_deletion_is_created_again() -> None:
    tenant = company()
    scene = Scene(tenant, "leaves")
    await scene.look()
    tenant.erase(2)
    await anyio.sleep(6 * HOURS)
    await scene.look()
    tenant.away(4, "2026-03-20", "2026-03-20", owner=8)
    await anyio.sleep(6 * HOURS)
    await scene.look()
    assert (await scene.told("leaves"))[2:] == [
        ("8-20260320-AM-1", "created"),
        ("8-20260320-PM-1", "created"),
    ]


async def test_half_days_fall_out_of_the_past_without_a_word_and_new_ones_come_in_at_the_far_end() -> None:
    tenant = company()
    tenant.away(5, "2026-01-05", "2026-01-05")
    tenant.away(6, "2027-03-03", "2027-03-03")
    scene = Scene(tenant, "leaves")
    await scene.look()
    assert "7-20260105-AM-1" in await scene.living("leaves")
    assert "7-20270303-AM-1" not in await scene.living("leaves")
    await anyio.sleep(5 * DAY)
    await scene.look()
    assert "7-20260105-AM-1" not in await scene.living("leaves")
    assert await scene.told("leaves") == [("7-20270303-AM-1", "created"), ("7-20270303-PM-1", "created")]


async def test_a_wider_window_in_the_settings_tells_nobody_of_what_was_always_there() -> None:
    tenant = company()
    tenant.away(5, "2025-12-01", "2025-12-01")
    tenant.away(6, "2027-06-01", "2027-06-01")
    scene = Scene(tenant, "leaves")
    await scene.look()
    wide = Window(past=timedelta(days=120), future=timedelta(days=600))
    wider = Scene(tenant, "leaves", journal=scene.journal, window=wide, clock=scene.clock)
    wider.watch.survey_now()
    await anyio.sleep(6 * HOURS)
    await wider.look()
    assert {"7-20251201-AM-1", "7-20270601-PM-1"} <= set(await wider.living("leaves"))
    assert await wider.told("leaves") == []


async def test_where_changes_cannot_be_asked_for_everything_is_read_each_time_and_that_is_said_once() -> None:
    tenant = company()
    tenant.refused = {"cancellationDate"}
    scene = Scene(tenant, "leaves")
    with capture_logs() as logs:
        await scene.look()
        for _ in range(3):
            await anyio.sleep(300)
            tenant.put(half_day(3, "2026-04-01", owner=8, comment=str(anyio.current_time())))
            await scene.look()
    assert [entry["event"] for entry in logs].count("changes_cannot_be_asked_for") == 1
    assert len(await scene.told("leaves")) == 3
    assert deltas(tenant) == []


async def test_a_question_that_is_ignored_is_not_taken_for_an_answer() -> None:
    """Traps 1 and 2: an ignored filter shows everything; changes of tomorrow must be none."""
    tenant = company()
    tenant.ignored = {"leavePeriod.confirmationDate"}
    scene = Scene(tenant, "leaves")
    with capture_logs() as logs:
        await scene.look()
        await anyio.sleep(300)
        await scene.look()
    assert "changes_cannot_be_asked_for" in {entry["event"] for entry in logs}


@pytest.mark.parametrize("limit", [{"most": 4}, {"heavy": 1}])
async def test_too_many_people_at_once_are_asked_for_in_halves(limit: dict[str, int]) -> None:
    """Trap 9: a 408 is not repeated unchanged."""
    tenant = company()
    tenant.heavy = limit.get("heavy", tenant.heavy)
    scene = Scene(tenant, "leaves")
    await scene.look()
    assert len(await scene.living("leaves")) == 12


async def test_rows_that_belong_to_nobody_are_quarantined_and_cost_no_other() -> None:
    tenant = company()
    stray = half_day(3, "2026-04-01")
    stray["leavePeriod"] = {"ownerId": 7}
    stray |= {"date": None, "id": "stray"}
    scene = Scene(tenant, "leaves")
    tenant.rows["stray"] = {**stray, "date": "2026-13"}
    await scene.look()
    assert len(await scene.living("leaves")) == 12
