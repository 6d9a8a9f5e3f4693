"""Identity, sequence and times of events."""

from datetime import UTC, datetime, timedelta

from rich.pretty import pretty_repr

from lucca_sync.ingest.canonical import canonicalise
from lucca_sync.ingest.emit import Origin, went_back, write_created, write_deleted, write_updated
from lucca_sync.journal.protocol import Known, Write
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event
from lucca_sync.model.values import JsonObject

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EMPLOYEES = CATALOGUE["employees"]
LANE = Lane("people", "crm")


def origin() -> Origin:
    return Origin("acme", "https://acme.ilucca.net", EMPLOYEES, NOW, "sweep")


def everywhere(event: Event) -> tuple[Lane, ...]:
    return (LANE,)


def known(record: JsonObject, sequence: int = 4) -> Known:
    canonical = canonicalise(record, EMPLOYEES)
    return Known("1", canonical.encoded, canonical.digest, sequence)


def updated(before: JsonObject, after: JsonObject) -> Write | None:
    return write_updated(origin(), canonicalise(after, EMPLOYEES), known(before), everywhere)


def event_of(write: Write | None) -> Event:
    assert write is not None
    assert write.event is not None
    return write.event


BEFORE: JsonObject = {
    "id": "1",
    "familyName": "Old",
    "status": "active",
    "lastUpdatedAt": "2026-02-01T00:00:00Z",
}


def test_an_update_tells_before_after_and_who_gets_it() -> None:
    write = updated(BEFORE, {**BEFORE, "familyName": "New", "lastUpdatedAt": "2026-02-28T00:00:00Z"})
    event = event_of(write)
    assert write is not None
    assert write.lanes == (LANE,)
    assert (event.kind, event.sequence, event.employee) == ("updated", 5, "1")
    assert [change.path for change in event.changes] == ["/familyName", "/lastUpdatedAt"]
    assert event.previous == BEFORE
    assert event.happened == datetime(2026, 2, 28, tzinfo=UTC)


def test_a_bare_clock_bump_is_kept_without_an_event() -> None:
    write = updated(BEFORE, {**BEFORE, "lastUpdatedAt": "2026-02-28T00:00:00Z"})
    assert write is not None
    assert write.event is None
    assert write.sequence == 4


def test_nothing_new_is_nothing_to_write() -> None:
    assert updated(BEFORE, {**BEFORE, "links": {"employments": {"href": "elsewhere"}}}) is None


def test_a_flip_without_a_write_in_lucca_happened_when_we_saw_it() -> None:
    assert event_of(updated(BEFORE, {**BEFORE, "status": "deactivated"})).happened == NOW


def test_a_clock_ahead_of_ours_does_not_put_the_event_into_the_future() -> None:
    later = (NOW + timedelta(hours=1)).isoformat()
    assert event_of(updated(BEFORE, {**BEFORE, "familyName": "New", "lastUpdatedAt": later})).happened == NOW


def test_a_clock_outside_the_calendar_says_nothing() -> None:
    """Year 1 is what .NET writes for "never"; east of Greenwich that is before all time in UTC."""
    for clock in ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"):
        assert event_of(updated(BEFORE, {**BEFORE, "status": "x", "lastUpdatedAt": clock})).happened == NOW


def test_the_same_change_has_the_same_id_and_another_has_another() -> None:
    new: JsonObject = {**BEFORE, "familyName": "New"}
    assert event_of(updated(BEFORE, new)).id == event_of(updated(BEFORE, new)).id
    assert (
        event_of(updated(BEFORE, new)).id != event_of(updated(BEFORE, {**BEFORE, "familyName": "Newer"})).id
    )
    back_and_forth = write_updated(origin(), canonicalise(new, EMPLOYEES), known(BEFORE, 6), everywhere)
    assert event_of(updated(BEFORE, new)).id != event_of(back_and_forth).id


def test_a_deletion_tells_the_last_known_content_and_that_it_may_only_be_hidden() -> None:
    event = event_of(write_deleted(origin(), known(BEFORE), everywhere))
    assert (event.record, event.previous) == (None, BEFORE)
    assert event.cloudevent()["absence"] == "deleted-or-hidden"


def test_a_record_that_comes_back_is_created_again_and_goes_on_counting() -> None:
    gone = Known("1", None, b"", 5)
    event = event_of(write_created(origin(), "1", canonicalise(BEFORE, EMPLOYEES), gone, everywhere))
    assert (event.kind, event.sequence, event.previous) == ("created", 6, None)


def test_a_row_older_than_the_snapshot_is_recognised() -> None:
    stale = canonicalise(
        {**BEFORE, "familyName": "Older", "lastUpdatedAt": "2026-01-01T00:00:00Z"}, EMPLOYEES
    )
    fresh = canonicalise(
        {**BEFORE, "familyName": "Newer", "lastUpdatedAt": "2026-02-02T00:00:00Z"}, EMPLOYEES
    )
    assert went_back(EMPLOYEES, stale, known(BEFORE))
    assert not went_back(EMPLOYEES, fresh, known(BEFORE))


def test_the_cloudevent_has_the_agreed_shape() -> None:
    event = event_of(updated(BEFORE, {**BEFORE, "familyName": "New"}))
    shape = event.cloudevent()
    assert shape["specversion"] == "1.0"
    assert shape["type"] == "lucca.employee.updated"
    assert shape["source"] == "https://acme.ilucca.net"
    assert shape["subject"] == "employees/1"
    assert shape["sequence"] == "000000000005"
    assert shape["partitionkey"] == "1"
    assert shape["data"] == {
        "record": {**BEFORE, "familyName": "New"},
        "previous": BEFORE,
        "changes": [{"path": "/familyName", "before": "Old", "after": "New"}],
    }


def test_values_do_not_show_in_repr() -> None:
    event = event_of(updated(BEFORE, {**BEFORE, "familyName": "Canary"}))
    write = updated(BEFORE, {**BEFORE, "familyName": "Canary"})
    assert "Canary" not in repr(event) + repr(write) + repr(event.changes) + repr(
        known({"id": "1", "a": "Canary"})
    )


def test_values_do_not_show_in_tracebacks_that_rich_draws() -> None:
    event = event_of(updated(BEFORE, {**BEFORE, "familyName": "Canary"}))
    shown = pretty_repr(event) + pretty_repr(event.changes)
    assert event.id in shown
    assert "Canary" not in shown
