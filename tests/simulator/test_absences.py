"""Absences as they live: what is refused, what the ledger notes, and what the current API shows."""

from collections import Counter
from functools import partial
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lucca_sync.simulator import LedgerEntry, Refused, Simulator, SimulatorOptions
from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.actions import (
    AnyAction,
    ApproveLeave,
    AskCancellation,
    CancelLeave,
    Delete,
    DenyLeave,
    EditLeave,
    EndContract,
    EnterLeave,
    EraseLeave,
    NoteLeave,
    RequestLeave,
    Set,
)
from tests.simulator.visitor import HandClock, unlimited, visiting

SHOWN = partial(SimulatorOptions, absences=0.0, leaves_v5=True, requests_per_minute=0)
MONDAY = "2026-12-07"
Picture = dict[tuple[str, str], View]


def numbers(top: int) -> st.SearchStrategy[str]:
    return st.integers(1, top).map(str)


DETAILS = {
    "employee": numbers(4),
    "account": numbers(7),
    "start": st.sampled_from([None, MONDAY, "2026-12-11", "2026-12-12", "2026-10-01"]),
    "afternoon": st.booleans(),
    "half_days": st.integers(0, 12),
}
ACTIONS: st.SearchStrategy[AnyAction] = st.one_of(
    st.builds(RequestLeave, approvers=st.integers(1, 3), **DETAILS),
    st.builds(EnterLeave, minutes=st.none() | st.just(90), **DETAILS),
    st.builds(ApproveLeave, request=numbers(6)),
    st.builds(DenyLeave, request=numbers(6)),
    st.builds(AskCancellation, request=numbers(6)),
    st.builds(CancelLeave, period=numbers(8), on=st.none() | st.sampled_from([MONDAY, "2026-12-08"])),
    st.builds(
        EditLeave,
        period=numbers(8),
        half_days=st.none() | st.integers(1, 6),
        account=st.none() | numbers(6),
        old=st.sampled_from(["cancelled", "gone"]),
    ),
    st.builds(NoteLeave, period=numbers(8), comment=st.sampled_from([None, "a"])),
    st.builds(EraseLeave, period=numbers(8)),
    st.builds(
        Set,
        resource=st.just("v3/leaves"),
        id=st.just("1-20261207-AM"),
        path=st.just("/color"),
        value=st.text(),
    ),
    st.builds(Set, resource=st.just("leave-accounts"), id=numbers(6), path=st.just("/name"), value=st.text()),
    st.builds(
        Delete, resource=st.sampled_from(["leaves", "leave-requests", "leave-accounts"]), id=numbers(8)
    ),
    st.builds(Delete, resource=st.just("employees"), id=numbers(4)),
)
RESOURCES = (
    "leave-accounts",
    "leaves",
    "leave-requests",
    "v3/leaves",
    "v3/leaveRequests",
    "v3/users",
    "employees",
)


def picture(simulator: Simulator) -> Picture:
    return {
        (resource, str(view["id"])): view for resource in RESOURCES for view in simulator.records(resource)
    }


def kinds(before: Picture, after: Picture) -> dict[tuple[str, str], str]:
    return {
        key: "created" if key not in before else "deleted" if key not in after else "updated"
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }


@settings(max_examples=150)
@given(moments=st.lists(st.tuples(st.booleans(), ACTIONS), max_size=14))
def test_the_ledger_notes_exactly_which_absences_look_different(
    moments: list[tuple[bool, AnyAction]],
) -> None:
    """In both generations of the API, and nothing when an action is refused."""
    clock = HandClock()
    simulator = Simulator(SHOWN(employees=4), clock)
    for later, action in moments:
        clock.move(minutes=int(later))
        before = picture(simulator)
        try:
            entries = simulator.perform(action)
        except Refused:
            entries = []
        noted = {(entry.resource, entry.id): entry.kind for entry in entries if entry.resource in RESOURCES}
        assert noted == kinds(before, picture(simulator))


def of(entries: list[LedgerEntry], resource: str) -> list[tuple[str, str]]:
    return [(entry.id, entry.kind) for entry in entries if entry.resource == resource]


def test_a_request_appears_in_both_generations_and_an_approval_changes_both() -> None:
    simulator = Simulator(SHOWN(), HandClock())
    entries = simulator.perform(RequestLeave(employee="5", start=MONDAY, half_days=1))
    assert of(entries, "leaves") == of(entries, "leave-requests") == [("1", "created")]
    assert of(entries, "v3/leaveRequests") == [("1", "created")]
    assert of(entries, "v3/leaves") == [("1-20261207-AM", "created")]
    entries = simulator.perform(ApproveLeave(request="1"))
    assert of(entries, "leaves") == of(entries, "leave-requests") == [("1", "updated")]
    assert of(entries, "v3/leaves") == [("1-20261207-AM", "updated")]


def test_without_the_absences_of_v5_the_ledger_holds_only_those_of_v3() -> None:
    simulator = Simulator(unlimited(absences=0.0), HandClock())
    entries = simulator.perform(RequestLeave(employee="5", start=MONDAY))
    assert {entry.resource for entry in entries} == {"v3/leaves", "v3/leaveRequests"}


REFUSED: list[AnyAction] = [
    RequestLeave(employee="999"),
    RequestLeave(employee="5", account="99"),
    RequestLeave(employee="5", half_days=0),
    RequestLeave(employee="5", start="tomorrow"),
    RequestLeave(employee="5", start=MONDAY, half_days=1),
    EnterLeave(employee="5", start="2026-12-04", half_days=4),
    RequestLeave(employee="6", approvers=3),
    ApproveLeave(request="9"),
    AskCancellation(request="1"),
    CancelLeave(period="1", on="2026-12-25"),
    EditLeave(period="1", start="2026-12-16"),
    NoteLeave(period="1", comment=None),
    Delete(resource="leave-accounts", id="1"),
    Delete(resource="leave-requests", id="1"),
    Delete(resource="v3/leaves", id="1-20261207-AM"),
]


@pytest.mark.parametrize("action", REFUSED, ids=[f"{action.what} {n}" for n, action in enumerate(REFUSED)])
def test_what_makes_no_sense_is_refused_and_changes_nothing(action: AnyAction) -> None:
    simulator = Simulator(SHOWN(), HandClock())
    simulator.perform(RequestLeave(employee="5", start=MONDAY))
    simulator.perform(RequestLeave(employee="5", start="2026-12-16"))
    before, last = picture(simulator), len(simulator.ledger)
    with pytest.raises(Refused):
        simulator.perform(action)
    assert (picture(simulator), len(simulator.ledger)) == (before, last)


def test_hours_on_two_accounts_fit_into_one_half_day_and_on_one_they_do_not() -> None:
    simulator = Simulator(SHOWN(), HandClock())
    simulator.perform(EnterLeave(employee="5", account="4", start=MONDAY, half_days=1, minutes=60))
    simulator.perform(EnterLeave(employee="5", account="6", start=MONDAY, half_days=1, minutes=60))
    with pytest.raises(Refused):
        simulator.perform(EnterLeave(employee="5", account="4", start=MONDAY, half_days=1, minutes=60))


def test_a_cancelled_half_day_may_be_taken_again() -> None:
    simulator = Simulator(SHOWN(), HandClock())
    simulator.perform(RequestLeave(employee="5", start=MONDAY))
    simulator.perform(CancelLeave(period="1"))
    simulator.perform(RequestLeave(employee="5", start=MONDAY))
    assert [view["status"] for view in simulator.records("leaves")] == ["cancelled", "tentative"]


def test_deleting_a_person_takes_the_absences_along_and_the_name_from_requests() -> None:
    simulator = Simulator(SHOWN(), HandClock())
    simulator.perform(RequestLeave(employee="5", start=MONDAY))
    asked = simulator.record("leave-requests", "1")
    assert asked is not None
    boss = str(cast("View", asked["expectedApprover"])["id"])
    simulator.perform(Delete(resource="employees", id=boss))
    asked = simulator.record("leave-requests", "1")
    assert asked is not None
    assert asked["expectedApprover"] is None
    simulator.perform(Delete(resource="employees", id="5"))
    assert not list(simulator.records("v3/leaves"))
    assert not list(simulator.records("v3/leaveRequests"))


def test_life_takes_time_off_in_every_way_unless_the_company_never_does() -> None:
    seen = {absences: lived(absences) for absences in (1.0, 0.0)}
    assert seen[1.0].keys() >= {
        *("request-leave", "approve-leave", "deny-leave", "ask-cancellation", "cancel-leave"),
        *("enter-leave", "edit-leave", "note-leave"),
    }
    assert not [what for what in seen[0.0] if "leave" in what or "cancellation" in what]


def lived(absences: float) -> Counter[str]:
    clock = HandClock()
    simulator = Simulator(SimulatorOptions(employees=150, absences=absences), clock)
    for _ in range(900):
        clock.move(minutes=3)
        simulator.step()
    return Counter(entry.what for entry in simulator.ledger.after(0))


def test_the_people_are_the_same_with_and_without_absences() -> None:
    without, with_them = (Simulator(unlimited(absences=share), HandClock()) for share in (0.0, 2.5))
    assert list(without.records("employees")) == list(with_them.records("employees"))
    again = Simulator(unlimited(absences=2.5), HandClock())
    assert list(again.records("v3/leaves")) == list(with_them.records("v3/leaves"))


def test_a_large_company_starts_with_fewer_absences_each() -> None:
    small, large = (Simulator(SimulatorOptions(employees=size), HandClock()) for size in (200, 8_000))
    each = [one.world.records.count("leaves") / one.options.employees for one in (small, large)]
    assert each[1] < each[0] / 2


@pytest.mark.parametrize("status", [404, 403])
async def test_the_absences_of_v5_are_there_only_where_they_are_switched_on(status: int) -> None:
    options = unlimited(leaves_v5_refusal=403 if status == 403 else 404)
    async with visiting(options) as visitor:
        for resource in ("leaves", "leaves/1", "leave-accounts", "leave-requests"):
            assert (await visitor.get(resource)).status == status
        assert "leaves" not in visitor.simulator.counts()
    async with visiting(unlimited(leaves_v5=True)) as visitor:
        for resource in ("leaves", "leaves/1", "leave-accounts", "leave-requests"):
            assert (await visitor.get(resource)).status == 200


async def test_the_scope_of_leaves_covers_the_accounts_but_not_the_requests() -> None:
    async with visiting(unlimited(leaves_v5=True)) as visitor:
        await visitor.sign_in("leaves.readonly")
        assert (await visitor.get("leaves")).status == 200
        assert (await visitor.get("leave-accounts")).status == 200
        assert (await visitor.get("leave-requests")).status == 403


async def test_a_leave_of_v5_is_one_period_with_its_days_and_its_account() -> None:
    async with visiting(SHOWN()) as visitor:
        action = RequestLeave(employee="5", start="2026-12-11", afternoon=True, half_days=4)
        visitor.simulator.perform(action)
        leave = (await visitor.get("leaves/1?include=embedded,links")).json
        bounds = [leave[name] for name in ("startsOn", "startPosition", "endsOn", "endPosition")]
        assert bounds == ["2026-12-11", "secondHalfDay", "2026-12-15", "firstHalfDay"]
        assert [(day["date"], day["range"]) for day in leave["days"]] == [
            ("2026-12-11", "secondHalfDay"),
            ("2026-12-14", "allDay"),
            ("2026-12-15", "firstHalfDay"),
        ]
        assert leave["totalDuration"] == {"iso": "P2D", "value": 2.0, "unit": "days"}
        assert leave["embedded"]["leave-account"]["1"]["name"] == "Congés payés"
        assert leave["links"]["leaveRequest"]["href"].endswith("/lucca-api/leave-requests/1")


async def test_hours_are_durations_of_hours() -> None:
    async with visiting(SHOWN()) as visitor:
        action = EnterLeave(employee="5", account="4", start=MONDAY, half_days=2, minutes=105)
        visitor.simulator.perform(action)
        duration = (await visitor.get("leaves/1")).json["totalDuration"]
        assert duration == {"iso": "PT3H30M", "value": 3.5, "unit": "hours"}


async def test_the_lists_of_v5_take_the_documented_filters() -> None:
    async with visiting(unlimited(leaves_v5=True, employees=60)) as visitor:
        pages = await visitor.walk("leaves?limit=100")
        everything = [item for page in pages for item in page.items]

        async def found(query: str) -> list[str]:
            return [
                public_id
                for page in await visitor.walk(f"leaves?limit=100&{query}")
                for public_id in page.ids
            ]

        standing = [item["id"] for item in everything if item["status"] != "cancelled"]
        assert await found("status=tentative,confirmed") == standing
        later = [item["id"] for item in everything if item["startsOn"] >= "2027-01-01"]
        assert await found("startsOn.between=2027-01-01--..") == later
        assert 0 < len(standing) < len(everything)


def test_v5_says_rejected_where_v3_says_denied_and_knows_no_cancelled_request() -> None:
    simulator = Simulator(SHOWN(), HandClock())
    for day in ("2026-12-07", "2026-12-08", "2026-12-09"):
        simulator.perform(RequestLeave(employee="5", start=day, half_days=1))
    simulator.perform(DenyLeave(request="1"))
    simulator.perform(ApproveLeave(request="2"))
    simulator.perform(CancelLeave(period="2"))
    assert [view["status"] for view in simulator.records("v3/leaveRequests")] == [3, 4, 0]
    assert [view["status"] for view in simulator.records("leave-requests")] == [
        "rejected",
        "approved",
        "pending",
    ]
    assert [view["status"] for view in simulator.records("leaves")] == ["cancelled", "cancelled", "tentative"]


async def test_the_control_api_tells_and_changes_absences_of_both_generations() -> None:
    async with visiting(SHOWN()) as visitor:
        change = {"action": "request-leave", "employee": "5", "start": MONDAY, "half_days": 1}
        reply = await visitor.control("POST", "changes", change)
        assert {entry["resource"] for entry in reply.json["entries"]} >= {"leaves", "v3/leaves"}
        shown = await visitor.control("GET", "records/v3/leaves/1-20261207-AM")
        assert (shown.status, shown.json["isActive"]) == (200, True)
        assert (await visitor.control("GET", "records/v3/users/5")).json["id"] == 5


def test_somebody_who_leaves_keeps_the_absences_that_were_planned() -> None:
    simulator = Simulator(SHOWN(), HandClock())
    simulator.perform(RequestLeave(employee="5", start=MONDAY))
    entries = simulator.perform(EndContract(employee="5", on="2026-11-30"))
    assert not of(entries, "v3/leaves")
    assert of(entries, "v3/users") == [("5", "updated")]
