"""Half-days and requests of the legacy API: mandatory filters, deltas, cancellations, odd spellings."""

import pytest

from lucca_sync.simulator.world.actions import (
    ApproveLeave,
    AskCancellation,
    CancelLeave,
    DenyLeave,
    EditLeave,
    EnterLeave,
    EraseLeave,
    Move,
    NoteLeave,
    RequestLeave,
)
from tests.simulator.legacy import ALL_DAYS, EVERYBODY, EVERYTHING, ask, ids, instant, items, leaves
from tests.simulator.visitor import NOON, Document, HandClock, Visitor, unlimited, visiting

EMPTY = unlimited(absences=0.0)
SINCE_NOON = "2026-11-22T12:00:00Z"
MONDAY = "2026-12-07"


def requested(visitor: Visitor, half_days: int = 2, approvers: int = 1) -> str:
    """Let employee 5 ask for time off; return the number of request and period, which are the same here."""
    action = RequestLeave(employee="5", start=MONDAY, half_days=half_days, approvers=approvers)
    [entry] = [entry for entry in visitor.simulator.perform(action) if entry.resource == "v3/leaveRequests"]
    return entry.id


@pytest.mark.parametrize(
    "query",
    [
        "",
        ALL_DAYS,
        EVERYBODY,
        "leavePeriod.ownerId=5",
        f"{ALL_DAYS}&leaveAccountId=1",
        f"{ALL_DAYS}&isActive=true",
    ],
)
async def test_leaves_without_both_a_date_and_an_owner_are_refused(query: str) -> None:
    """Trap 41."""
    async with visiting() as visitor:
        assert (await ask(visitor, f"leaves?{query}")).status == 400


@pytest.mark.parametrize(
    "owner",
    [
        EVERYBODY,
        "leavePeriod.ownerId=5",
        "leavePeriod.owner.departmentId=1",
        "leavePeriod.owner.legalEntityId=1",
    ],
)
async def test_each_owner_filter_is_enough_beside_a_date(owner: str) -> None:
    async with visiting() as visitor:
        assert (await ask(visitor, f"leaves?{ALL_DAYS}&{owner}")).status == 200


async def test_a_week_is_ten_half_days_without_the_weekend() -> None:
    """Trap 43: one absence of two weeks is twenty rows."""
    async with visiting(EMPTY) as visitor:
        requested(visitor, half_days=20)
        found = await leaves(visitor)
        assert len(found) == 20
        assert {item["leavePeriodId"] for item in found} == {1}
        days = [item["date"][:10] for item in found[::2]]
        assert days == [f"2026-12-{day:02}" for day in (7, 8, 9, 10, 11, 14, 15, 16, 17, 18)]


async def test_the_id_names_period_day_and_half_and_the_name_repeats_it() -> None:
    async with visiting(EMPTY) as visitor:
        requested(visitor)
        assert await ids(visitor, EVERYTHING) == ["1-20261207-AM", "1-20261207-PM"]
        single = (await ask(visitor, "leaves/1-20261207-PM")).json["data"]
        assert single["name"] == single["id"] == "1-20261207-PM"
        for wrong in (
            "1-20261207",
            "1-20261207-pm",
            "2-20261207-PM",
            "1-20261212-AM",
            "x",
            "1-2026-12-07-PM",
        ):
            assert (await ask(visitor, f"leaves/{wrong}")).status == 404


async def test_afternoons_keep_an_hour_of_zero() -> None:
    async with visiting(EMPTY) as visitor:
        requested(visitor)
        assert [(item["date"], item["isAm"]) for item in await leaves(visitor)] == [
            ("2026-12-07T00:00:00", True),
            ("2026-12-07T00:00:00", False),
        ]


async def test_the_spelling_of_the_half_can_be_the_other_one() -> None:
    async with visiting(unlimited(absences=0.0, half_day_name="isAM")) as visitor:
        requested(visitor)
        [morning, _] = await items(visitor, f"{EVERYTHING}&fields=isAm,date")
        assert morning["isAM"] is True
        assert len(await items(visitor, f"{EVERYTHING}&isam=true")) == 1


async def test_durations_are_timespans_and_may_hold_days() -> None:
    """Trap 19: 24 hours are written 1.00:00:00."""
    async with visiting(EMPTY) as visitor:
        for account, minutes, start in (
            ("4", 210, "2026-12-07"),
            ("6", 1440, "2026-12-08"),
            ("1", None, "2026-12-09"),
        ):
            action = EnterLeave(employee="5", account=account, start=start, half_days=1, minutes=minutes)
            visitor.simulator.perform(action)
        assert [(item["value"], item["duration"]) for item in await leaves(visitor)] == [
            ("03:30:00", "03:30:00"),
            ("1.00:00:00", "1.00:00:00"),
            (None, "12:00:00"),
        ]


async def test_since_until_and_between_include_both_days() -> None:
    async with visiting(EMPTY) as visitor:
        requested(visitor, half_days=10)

        async def days(condition: str) -> list[str]:
            found = await items(visitor, f"leaves?{EVERYBODY}&date={condition}&fields=date&isAm=true")
            return [item["date"][8:10] for item in found]

        assert await days("2026-12-08") == ["08"]
        assert await days("since,2026-12-10") == ["10", "11"]
        assert await days("until,2026-12-08") == ["07", "08"]
        assert await days("between,2026-12-08,2026-12-09") == ["08", "09"]


async def test_a_request_shows_at_once_unconfirmed_and_is_confirmed_by_the_last_approver() -> None:
    async with visiting(EMPTY) as visitor:
        request = requested(visitor, approvers=2)
        assert [item["status"] for item in await leaves(visitor)] == [0, 0]
        said = [(await approved(visitor, request)) for _ in range(2)]
        assert [(shown["status"], shown["nextApproverId"]) for shown in said] == [(0, 2), (2, None)]
        [first, _] = await leaves(visitor)
        assert (first["status"], first["isActive"]) == (1, True)
        assert first["leavePeriod"]["isConfirmed"] is True
        assert instant(first["leavePeriod"]["confirmationDate"]) == instant(first["creationDate"]) == NOON
        assert [each["isApproved"] for each in said[1]["approvals"]] == [True, True]


async def approved(visitor: Visitor, request: str) -> Document:
    visitor.simulator.perform(ApproveLeave(request=request))
    return dict((await ask(visitor, f"leaveRequests/{request}")).json["data"])


async def delta(visitor: Visitor, since: str) -> tuple[set[str], set[str]]:
    """What the two calls of the documented recipe give: confirmed since, cancelled since."""
    base = f"leaves?{ALL_DAYS}&{EVERYBODY}&fields=id"
    confirmed = await ids(visitor, f"{base}&leavePeriod.confirmationDate=since,{since}")
    cancelled = await ids(visitor, f"{base}&cancellationDate=since,{since}&isActive=false")
    return set(confirmed), set(cancelled)


async def test_two_calls_show_what_was_confirmed_and_what_was_cancelled_since() -> None:
    clock = HandClock()
    async with visiting(EMPTY, clock) as visitor:
        old = requested(visitor)
        visitor.simulator.perform(ApproveLeave(request=old))
        visitor.simulator.perform(EnterLeave(employee="6", start=MONDAY, half_days=1))
        clock.move(hours=1)
        assert await delta(visitor, "2026-11-22T13:00:00Z") == (set(), set())
        visitor.simulator.perform(CancelLeave(period=old))
        visitor.simulator.perform(EnterLeave(employee="7", start=MONDAY, half_days=1))
        assert await delta(visitor, "2026-11-22T13:00:00Z") == (
            {"3-20261207-AM"},
            {"1-20261207-AM", "1-20261207-PM"},
        )
        assert await delta(visitor, "2026-11-22T13:00:01Z") == (set(), set())


async def test_cancelled_half_days_stay_readable_as_inactive() -> None:
    """Trap 45: summing all rows overpays."""
    async with visiting(EMPTY) as visitor:
        request = requested(visitor, half_days=4)
        visitor.simulator.perform(ApproveLeave(request=request))
        visitor.simulator.perform(CancelLeave(period="1", on="2026-12-08"))
        found = await leaves(visitor)
        assert [item["isActive"] for item in found] == [True, True, False, False]
        assert [item["cancellationDate"] is None for item in found] == [True, True, False, False]
        assert len(await leaves(visitor, "isActive=false")) == 2
        assert len(await leaves(visitor, "isActive=true")) == 2
        assert (await ask(visitor, "leaveRequests/1")).json["data"]["status"] == 2
        visitor.simulator.perform(CancelLeave(period="1"))
        assert (await ask(visitor, "leaveRequests/1")).json["data"]["status"] == 4
        [first, *_] = await leaves(visitor)
        assert (first["isActive"], first["leavePeriod"]["isConfirmed"]) == (False, True)


async def test_a_refused_request_leaves_inactive_half_days_that_were_never_confirmed() -> None:
    async with visiting(EMPTY) as visitor:
        visitor.simulator.perform(DenyLeave(request=requested(visitor)))
        [first, _] = await leaves(visitor)
        assert (first["isActive"], first["leavePeriod"]["confirmationDate"]) == (False, None)
        assert instant(first["cancellationDate"]) == NOON
        assert await ids(visitor, "leaveRequests?status=3") == ["1"]


async def test_a_wish_to_cancel_changes_the_request_alone_until_it_is_granted() -> None:
    async with visiting(EMPTY) as visitor:
        request = requested(visitor)
        visitor.simulator.perform(ApproveLeave(request=request))
        before = await leaves(visitor)
        visitor.simulator.perform(AskCancellation(request=request))
        assert await ids(visitor, "leaveRequests?status=5") == [request]
        assert await leaves(visitor) == before
        visitor.simulator.perform(DenyLeave(request=request))
        assert await ids(visitor, "leaveRequests?status=2") == [request]
        visitor.simulator.perform(AskCancellation(request=request))
        visitor.simulator.perform(CancelLeave(period="1"))
        shown = (await ask(visitor, f"leaveRequests/{request}")).json["data"]
        assert shown["status"] == 4
        assert [wish["isApproved"] for wish in shown["cancellationRequests"]] == [False, True]


@pytest.mark.parametrize("old", ["cancelled", "gone"])
async def test_editing_a_period_mints_new_ids_for_the_same_half_days(old: str) -> None:
    """Trap 44: the old ones are cancelled, or gone without a trace."""
    async with visiting(EMPTY) as visitor:
        visitor.simulator.perform(ApproveLeave(request=requested(visitor)))
        edit = EditLeave(period="1", old="gone" if old == "gone" else "cancelled")
        entries = [entry for entry in visitor.simulator.perform(edit) if entry.resource == "v3/leaves"]
        assert await ids(visitor, f"{EVERYTHING}&isActive=true") == ["2-20261207-AM", "2-20261207-PM"]
        inactive = await ids(visitor, f"{EVERYTHING}&isActive=false")
        assert inactive == ([] if old == "gone" else ["1-20261207-AM", "1-20261207-PM"])
        kinds = sorted((entry.id[0], entry.kind) for entry in entries)
        lost = "deleted" if old == "gone" else "updated"
        assert kinds == [("1", lost), ("1", lost), ("2", "created"), ("2", "created")]
        shown = (await ask(visitor, "leaveRequests/1")).json["data"]
        assert (shown["leavePeriodId"], shown["status"]) == (2, 2)


async def test_a_comment_changes_without_moving_any_timestamp() -> None:
    """Only a re-read of the window sees it: the deltas don't."""
    clock = HandClock()
    async with visiting(EMPTY, clock) as visitor:
        visitor.simulator.perform(ApproveLeave(request=requested(visitor)))
        before = await leaves(visitor)
        clock.move(hours=1)
        visitor.simulator.perform(NoteLeave(period="1", comment="vu"))
        after = await leaves(visitor)
        assert [{**item, "comment": "vu"} for item in before] == after != before
        assert await delta(visitor, "2026-11-22T12:30:00Z") == (set(), set())


async def test_an_erased_absence_leaves_no_trace() -> None:
    async with visiting(EMPTY) as visitor:
        requested(visitor)
        visitor.simulator.perform(EraseLeave(period="1"))
        assert await leaves(visitor) == []
        assert (await ask(visitor, "leaveRequests/1")).status == 404


async def test_an_id_watermark_never_sees_approvals() -> None:
    """Trap 49: the newest id stays the same while a request is approved."""
    async with visiting(EMPTY) as visitor:
        request = requested(visitor)
        newest = await ids(visitor, "leaveRequests?orderBy=id,desc&paging=0,1")
        visitor.simulator.perform(ApproveLeave(request=request))
        assert await ids(visitor, "leaveRequests?orderBy=id,desc&paging=0,1") == newest


async def test_establishment_and_department_are_those_of_today() -> None:
    async with visiting(EMPTY) as visitor:
        requested(visitor)
        by_place = f"leaves?{ALL_DAYS}&fields=id&leavePeriod.owner.legalEntityId="
        visitor.simulator.perform(Move(employee="5", establishment="3", on="2026-11-22"))
        assert len(await ids(visitor, f"{by_place}3")) == 2
        assert await ids(visitor, f"{by_place}1,2,4,5") == []
        department = (await ask(visitor, "users/5?fields=departmentId")).json["data"]["departmentId"]
        assert len(await ids(visitor, f"leaves?{ALL_DAYS}&leavePeriod.owner.departmentId={department}")) == 2


async def test_filters_give_what_one_picks_from_everything() -> None:
    async with visiting() as visitor:
        everything = await leaves(visitor)

        async def check(query: str, expected: list[Document]) -> None:
            assert 0 < len(expected) < len(everything)
            assert await leaves(visitor, query) == expected

        await check("leaveAccountId=3", [item for item in everything if item["leaveAccountId"] == 3])
        await check("leavePeriodId=4,5", [item for item in everything if item["leavePeriodId"] in (4, 5)])
        await check("isActive=false", [item for item in everything if not item["isActive"]])
        await check("isAm=true", [item for item in everything if item["isAm"]])
        confirmed = [item for item in everything if item["leavePeriod"]["isConfirmed"]]
        await check("leavePeriod.isConfirmed=true", confirmed)
        await check(
            "cancellationDate=notequal,null", [item for item in everything if item["cancellationDate"]]
        )
        created = [item for item in everything if instant(item["creationDate"]).month >= 10]
        await check("creationDate=since,2026-10-01", created)


async def test_no_half_day_is_taken_twice_and_everything_was_written_in_the_past() -> None:
    async with visiting(unlimited(employees=120)) as visitor:
        found = await leaves(visitor)
        active = [item for item in found if item["isActive"]]
        places = {
            (item["leavePeriod"]["ownerId"], item["date"], item["isAm"], item["leaveAccountId"])
            for item in active
        }
        assert len(places) == len(active) > 1000
        for item in found:
            for text in (
                item["creationDate"],
                item["cancellationDate"],
                item["leavePeriod"]["confirmationDate"],
            ):
                assert text is None or instant(text) <= NOON
        states = {item["status"] for item in await items(visitor, "leaveRequests?fields=status")}
        assert states >= {0, 2, 3, 4}


async def test_the_amount_of_absences_is_as_asked_for() -> None:
    async with visiting(unlimited(employees=300, absences=2.5)) as visitor:
        half_days = visitor.simulator.legacy_counts()["v3/leaves"]
    per_month = half_days / 2 / 300 / 14
    assert 1.8 < per_month < 2.8


OWN = (
    "id,date,isAm,leaveAccountId,leavePeriodId,status,value,duration,creationDate,isActive,cancellationDate,"
    "cancellationUserId,comment,leavePeriod[id,ownerId,isConfirmed,confirmationDate]"
)


async def test_on_the_wire_a_life_changes_exactly_the_half_days_that_the_ledger_names() -> None:
    clock = HandClock()
    async with visiting(unlimited(employees=30), clock) as visitor:
        changes = 0
        for _ in range(25):
            before = {item["id"]: item for item in await items(visitor, f"{EVERYTHING}&fields={OWN}")}
            clock.move(minutes=1)
            reply = await visitor.control("POST", "steps", {"count": 4})
            after = {item["id"]: item for item in await items(visitor, f"{EVERYTHING}&fields={OWN}")}
            named = {entry["id"] for entry in reply.json["entries"] if entry["resource"] == "v3/leaves"}
            changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
            assert changed <= named
            assert named <= changed | {key for key in named if key not in before and key not in after}
            changes += len(changed)
        assert changes > 50


async def test_a_stale_list_shows_a_half_day_as_it_was_before() -> None:
    """Trap 18: by id it is answered as it is."""
    async with visiting(EMPTY) as visitor:
        visitor.simulator.perform(ApproveLeave(request=requested(visitor)))
        visitor.simulator.misbehave(stale={"v3/leaves": ["1-20261207-AM"]})
        query = f"{EVERYTHING}&fields=url,status,leavePeriod[isConfirmed]"
        [stale, fresh] = await items(visitor, query)
        assert (stale["status"], stale["leavePeriod"]["isConfirmed"], fresh["status"]) == (0, False, 1)
        assert stale["url"].startswith(visitor.url)
        assert (await ask(visitor, "leaves/1-20261207-AM")).json["data"]["status"] == 1
