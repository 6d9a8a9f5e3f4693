"""The payload of the v2 API, rebuilt without the defects of the published mapper; null for what is lost."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import msgspec
import pytest
from msgspec import structs

from lucca_sync.egress.handout import handed_out
from lucca_sync.egress.leaves_v2 import in_old_shape, old_leave
from lucca_sync.egress.route import Route
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Known, ResourceName, StoreError, Write
from lucca_sync.model.delivery import Delivery, Lane
from lucca_sync.model.event import Event
from lucca_sync.model.values import Json, JsonObject
from tests.egress.events import NOW, changed, claim, event
from tests.egress.stage import Actor, Stage, running

OLD = Route("absences", frozenset({"leaves"}), ("crm",), shape="leaves-v2")
USER: JsonObject = {"id": 7, "mail": "ada@example.org", "login": "ada", "employeeNumber": "A-7"}


def half_day(**fields: Json) -> JsonObject:
    return {
        "id": "7-20260302-PM-1",
        "luccaId": "12-20260302-PM",
        "ownerId": 7,
        "date": "2026-03-02",
        "isAm": False,
        "leaveAccountId": 1,
        "leaveAccount": {"id": 1, "name": "Paid leave"},
        "leavePeriodId": 12,
        "status": 1,
        "duration": "PT12H",
        "isConfirmed": True,
        "isActive": True,
        "cancellationUserId": None,
        **fields,
    }


def about(record: JsonObject | None, previous: JsonObject | None) -> Event:
    return structs.replace(
        event(),
        resource="leaves",
        singular="leave",
        record_id="7-20260302-PM-1",
        record=record,
        previous=previous,
        employee="7",
    )


def test_a_half_day_looks_as_it_did() -> None:
    assert old_leave(half_day(), USER) == {
        "id": "7-02/03/2026 12:00:00-PM",
        "name": "Paid leave",
        "date": "2026-03-02T12:00:00",
        "leaveScope": "PM",
        "duration": 720,
        "status": 2,
        "accountLabel": "Paid leave",
        "accountCode": None,
        "owner": {"id": 7, "mail": "ada@example.org", "login": "ada", "matricule": "A-7"},
    }


def test_the_id_names_the_owner() -> None:
    """Defect 1 of the published mapper: the owner was looked for where it isn't, ids began "undefined"."""
    assert old_leave(half_day(isAm=True), None)["id"] == "7-02/03/2026 00:00:00-AM"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 2),
        ({"isConfirmed": False, "status": 0}, 0),
        ({"isActive": False}, 4),
        ({"isActive": False, "cancellationUserId": 3}, 4),
        ({"isActive": False, "isConfirmed": False, "status": 0, "cancellationUserId": 7}, 4),
        ({"isActive": False, "isConfirmed": False, "status": 0}, 4),
        ({"isActive": False, "isConfirmed": False, "status": 0, "cancellationUserId": 3}, 3),
        ({"isActive": None}, None),
    ],
)
def test_cancelled_is_not_rejected(fields: dict[str, Json], status: int | None) -> None:
    """Defect 2: whatever was inactive became rejected."""
    assert old_leave(half_day(**fields), None)["status"] == status


@pytest.mark.parametrize(
    ("duration", "minutes"), [("PT24H", 1440), ("PT12H", 720), ("PT3H30M", 210), ("PT0S", 0), (None, None)]
)
def test_a_whole_day_is_not_an_hour(duration: str | None, minutes: int | None) -> None:
    """Defect 3: the day form 1.00:00:00 became sixty minutes."""
    assert old_leave(half_day(duration=duration), None)["duration"] == minutes


@pytest.mark.parametrize(("morning", "date"), [(True, "2026-03-02T00:00:00"), (False, "2026-03-02T12:00:00")])
def test_an_afternoon_begins_at_noon(morning: bool, date: str) -> None:  # noqa: FBT001
    """Defect 4: the date was passed through, and v3 writes midnight for afternoons too."""
    assert old_leave(half_day(isAm=morning), None)["date"] == date


@pytest.mark.parametrize(("morning", "scope"), [(True, "AM"), (False, "PM"), (None, None)])
def test_the_scope_is_in_capitals(morning: bool | None, scope: str | None) -> None:  # noqa: FBT001
    """Defect 5: it was written small, from a field whose spelling varies."""
    assert old_leave(half_day(isAm=morning), None)["leaveScope"] == scope


def test_an_internal_id_is_no_payroll_code() -> None:
    """Defect 6: the account's internal id stood in for its code."""
    assert old_leave(half_day(), USER)["accountCode"] is None


def test_the_clock_has_twenty_four_hours_and_midnight_is_zero() -> None:
    """Defect 7: a grammar with a twelve-hour clock, and samples that contradict it."""
    ids = [old_leave(half_day(isAm=morning), None)["id"] for morning in (True, False)]
    assert ids == ["7-02/03/2026 00:00:00-AM", "7-02/03/2026 12:00:00-PM"]


def test_what_was_not_asked_for_or_cannot_be_rebuilt_is_null_and_nothing_breaks() -> None:
    """Defect 8: fields that had not been asked for by name were read all the same."""
    bare = old_leave({"id": "7-20260302-PM-1"}, None)
    owner = bare.pop("owner")
    assert set(bare.values()) == {None}
    assert owner == {"id": None, "mail": None, "login": None, "matricule": None}


def test_changes_are_told_in_the_old_words() -> None:
    told = in_old_shape(about(half_day(isActive=False), half_day()), USER)
    assert [(change.path, change.before, change.after) for change in told.changes] == [("/status", 2, 4)]
    assert (told.subject, told.id) == ("leaves/7-20260302-PM-1", event().id)


@pytest.mark.parametrize("kind", ["created", "deleted"])
def test_who_came_and_who_went_have_one_side_only(kind: str) -> None:
    record = half_day() if kind == "created" else None
    whole = about(record, None if kind == "created" else half_day())
    told = in_old_shape(structs.replace(whole, kind="created" if kind == "created" else "deleted"), USER)
    assert (told.record is None, told.previous is None, told.changes) == (
        kind == "deleted",
        kind == "created",
        (),
    )


def test_a_route_that_asks_for_the_old_shape_gets_it_and_no_other_does() -> None:
    given = claim(about(half_day(isActive=False), half_day()))
    shaped, plain = handed_out(given, OLD, USER), handed_out(given, replace(OLD, shape=None), USER)
    assert isinstance(shaped, Delivery)
    assert isinstance(plain, Delivery)
    assert (shaped.event.record or {})["leaveScope"] == "PM"
    assert "leaveScope" not in (plain.event.record or {})


@pytest.mark.parametrize(
    ("fields", "answer"),
    [({"value": 2}, "no"), ({"cancellationUserId": 3}, "no"), ({"isActive": False}, "yes")],
)
def test_what_the_old_shape_does_not_show_makes_no_delivery(fields: dict[str, Json], answer: str) -> None:
    told = structs.replace(
        about(half_day(**fields), half_day()), changes=changed(*(f"/{name}" for name in fields))
    )
    assert OLD.asks_for(told) == answer
    assert replace(OLD, shape=None).asks_for(told) == "yes"


def test_a_hidden_field_stays_hidden_in_the_old_shape() -> None:
    cut = replace(OLD, fields=frozenset({"date", "ownerId", "isActive"}))
    told = structs.replace(about(half_day(isActive=False), half_day()), changes=changed("/isActive"))
    shaped = handed_out(claim(told), cut, USER)
    assert isinstance(shaped, Delivery)
    assert (shaped.event.record or {})["accountLabel"] is None


class Forgetful(MemoryJournal):
    """A journal that cannot find users the first time."""

    failures = 1

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        if name.resource == "users" and ids and self.failures:
            self.failures -= 1
            raise StoreError("the disk is slow today", "io")
        return await super().known(name, ids)


async def told_of(journal: MemoryJournal) -> Stage:
    """Journal a user and a change of a leave of theirs."""
    stage = Stage(journal=journal)
    users = ResourceName("acme", "users")
    await journal.commit_writes(users, NOW, [Write("7", msgspec.json.encode(USER), b"1", 0)])
    await stage.journal_events(about(half_day(isActive=False), half_day()), lanes=[Lane("absences", "crm")])
    return stage


@pytest.mark.looptime
async def test_the_owner_is_looked_up_among_the_users_when_the_event_leaves() -> None:
    stage, actor = await told_of(MemoryJournal()), Actor()
    async with running(stage.egress(actor, [OLD])):
        await stage.until_settled()
    (delivery,) = actor.calls[0].deliveries
    assert (delivery.event.record or {})["owner"] == old_leave(half_day(), USER)["owner"]


@pytest.mark.looptime
async def test_an_event_waits_rather_than_leave_without_its_owner_while_the_store_cannot_be_read() -> None:
    stage, actor = await told_of(Forgetful()), Actor()
    async with running(stage.egress(actor, [OLD])):
        await stage.until_settled()
    (delivery,) = actor.calls[0].deliveries
    assert (delivery.event.record or {})["owner"] == old_leave(half_day(), USER)["owner"]
    (history,) = await stage.histories()
    assert [attempt.state for attempt in history.attempts] == ["retrying", "done"]
