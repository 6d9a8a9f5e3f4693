"""What has come due for a person: told on its day, or as soon as the daemon is there to tell it. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from msgspec import structs

from lucca_sync.ingest.business.book import Active, Book
from lucca_sync.ingest.business.judge import Scene, carried
from lucca_sync.ingest.business.person import Appointment, Person
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.telling import Telling
from lucca_sync.ingest.business.timeline import day_of, ends
from lucca_sync.model.business import INDIRECT
from lucca_sync.model.pointer import text_at

_DAY: Final = timedelta(days=1)


def due_at(appointment: Appointment, rule: Active, person: Person, places: Places) -> datetime | None:
    """Return when something comes; None when it has come already, or has no day in the calendar."""
    day = day_of(appointment.on)
    if appointment.done or day is None or not date.min + timedelta(days=400) < day < date.max - _DAY:
        return None
    record = person.record(appointment.resource, appointment.record)
    shift = _DAY if rule.manner == "ending" else -timedelta(days=appointment.notice)
    return places.begins(day + shift, person, record)


def next_due(person: Person, book: Book, places: Places) -> Mapping[str, datetime]:
    """Return when each appointment of a person comes, by key."""
    found: dict[str, datetime] = {}
    for key, one in person.appointments.items():
        rule = book.named(one.rule)
        due = None if rule is None else due_at(one, rule, person, places)
        if due is not None and rule is not None and rule.resource == one.resource:
            found[key] = due
    return found


def fired(scene: Scene, book: Book, seen_to: Mapping[str, datetime]) -> Iterator[Telling]:
    """Tell what has come by now, as far as each resource has been looked at since."""
    person = scene.person
    due = next_due(person, book, scene.places)
    for key in sorted(due, key=lambda one: (due[one], one)):
        one = person.appointments[key]
        rule, seen = book.named(one.rule), seen_to.get(one.resource)
        if rule is None or seen is None or due[key] > min(seen, scene.at):
            continue
        if not _is_void(scene, one, due[key]):
            yield _told(scene, rule, one, due[key])
        if rule.manner == "dated":
            del person.appointments[key]
        else:
            person.appointments[key] = structs.replace(one, done=True)


def _is_void(scene: Scene, one: Appointment, due: datetime) -> bool:
    """Tell whether a notice comes too late: the contract that it is about has ended before."""
    if one.resource not in INDIRECT:
        return False
    through, path = INDIRECT[one.resource]
    record = scene.person.record(one.resource, one.record) or {}
    contract = scene.person.record(through, text_at(record, path) or "")
    if contract is None:
        return False
    return scene.places.has_ended(ends(through, contract), scene.person, contract, due)


def _told(scene: Scene, rule: Active, one: Appointment, due: datetime) -> Telling:
    record = scene.person.record(one.resource, one.record)
    of, shown, previous = carried(rule, scene, record, one.previous)
    return Telling(
        rule.names["effective"],
        rule.name,
        "effective",
        (one.resource, one.record),
        of,
        shown,
        previous,
        one.on,
        one.because,
        due,
        notice=one.notice,
    )
