"""What one rule says to one record of a person: told now, on its day, moved, withdrawn, or nothing. Pure.

A record whose date lies ahead is held against what it will replace; one in force against what it was before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

from lucca_sync.ingest.business.book import Active
from lucca_sync.ingest.business.person import Appointment, Person, Ref
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.telling import Telling
from lucca_sync.ingest.business.timeline import Neighbours, begins_anew, day_of, ends, starts
from lucca_sync.ingest.diff import diff
from lucca_sync.model.business import CAREERS, TIMELINES, Phase
from lucca_sync.model.values import Json, JsonObject

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """Whom it is about, where they work, and what the time was when the change was recorded."""

    who: str
    person: Person
    places: Places
    at: datetime


@dataclass(frozen=True, repr=False)
class Case:
    """A rule and a record: as it is (None: gone) and was (None: new) before a group of changes.

    `because` are the raw events about it, the last one first; a record is not `touched` when only others
    around it changed. `again` is a record that was in force, had gone, and is back. `alone`: the
    person's own record was waited for in vain.
    """

    scene: Scene
    rule: Active
    record_id: str
    record: JsonObject | None
    old: JsonObject | None
    because: tuple[Ref, ...]
    happened: datetime
    touched: bool = True
    again: bool = False
    alone: bool = False

    def key(self, notice: int = 0) -> str:
        """Name the appointment of this rule with this record."""
        return f"{self.rule.name}/{notice}/{self.rule.resource}/{self.record_id}"

    @property
    def appointments(self) -> dict[str, Appointment]:
        """What is to come for this person."""
        return self.scene.person.appointments

    @cached_property
    def neighbours(self) -> Neighbours:
        """The records around it."""
        known = self.scene.person.records(self.rule.resource)
        return Neighbours(self.rule.resource, self.record or self.old or {}, known)

    @cached_property
    def previous(self) -> JsonObject | None:
        """What the record replaces: the one before it, or what it was itself."""
        open_one = self.appointments.get(self.key())
        if self.rule.resource in TIMELINES:
            ahead = self.old is None or open_one is not None or not self._begun(self.old)
            return self.neighbours.before() if ahead or self.postponed else self.old
        return open_one.previous if open_one is not None and not open_one.done else self.old

    @property
    def postponed(self) -> bool:
        """Whether the record was in force, and is not any more: its first day lies ahead again."""
        if self.record is None or self.old is None or self.rule.resource not in TIMELINES:
            return False
        return self._begun(self.old) and not self._begun(self.record)

    @cached_property
    def data(self) -> Mapping[str, Json]:
        """What the expressions see."""
        record, previous = self.record, self.previous
        data: dict[str, Json] = {"record": record, "previous": previous}
        if self.rule.resource in TIMELINES:
            data |= {"earlier": self.neighbours.earlier, "next": self.neighbours.next()}
        if self.rule.resource in CAREERS:
            data["anew"] = begins_anew(self.rule.resource, previous, record)
        if "changes" in self.rule.source.when:
            found = diff(previous or {}, record or {})
            data["changes"] = [{"path": c.path, "before": c.before, "after": c.after} for c in found]
        return data

    @property
    def anew(self) -> bool:
        """Whether the contract that the record holds is another one, after a gap."""
        return begins_anew(self.rule.resource, self.old, self.record)

    @cached_property
    def holds(self) -> bool:
        """Whether the rule's condition holds."""
        return self.rule.holds(self.data)

    @cached_property
    def on(self) -> str | None:
        """The rule's date."""
        return self.rule.date(self.data)

    def lies_ahead(self, day: date, *, after: bool = False) -> bool:
        """Tell whether a day (`after`: its end) had not come yet."""
        if after and day >= date.max - _DAY:
            return True
        begins = self.scene.places.begins(day + _DAY if after else day, self.scene.person, self.record)
        return begins > self.scene.at

    def over(self) -> bool:
        """Tell whether the record's last day had passed: whatever it says now is history."""
        record = self.record or {}
        end = ends(self.rule.resource, record)
        return self.scene.places.has_ended(end, self.scene.person, record, self.scene.at)

    def goes_on(self) -> bool:
        """Tell whether the record is still there and it, or another one beside it, has not ended."""
        if self.record is None:
            return False
        resource, scene = self.rule.resource, self.scene
        all_of_them = [self.record, *(fact.record for fact in scene.person.records(resource).values())]
        lasts = (ends(resource, record) for record in all_of_them)
        return any(not scene.places.has_ended(end, scene.person, self.record, scene.at) for end in lasts)

    def _begun(self, record: JsonObject) -> bool:
        start = starts(self.rule.resource, record)
        return start is None or self.scene.places.begins(start, self.scene.person, record) <= self.scene.at

    def appoint(self, on: str, notice: int = 0, *, done: bool = False) -> None:
        """Note what comes on a date."""
        self.appointments[self.key(notice)] = Appointment(
            self.rule.name,
            notice,
            self.rule.resource,
            self.record_id,
            on,
            self.because,
            self.previous if self.rule.manner == "dated" else None,
            done,
        )

    def tell(self, phase: Phase, on: str | None) -> Iterator[Telling]:
        """Say something, if the rule has a name for it."""
        name = self.rule.names.get(phase)
        if name is None:
            return
        of, record, previous = self._shown(phase)
        group = self.rule.group(self.data, self.record_id)
        yield Telling(
            name,
            self.rule.name,
            phase,
            (self.rule.resource, self.record_id),
            of,
            record,
            previous,
            on,
            self.because,
            self.happened,
            group,
            acted=self.rule.acted(self.data),
        )

    def _shown(self, phase: Phase) -> tuple[str, JsonObject | None, JsonObject | None]:
        """Return what the event carries; of what is withdrawn also the record that was planned."""
        record = self.record
        if record is None and phase == "cancelled":
            record = self.old
        return carried(self.rule, self.scene, record, self.previous)


def carried(
    rule: Active, scene: Scene, record: JsonObject | None, previous: JsonObject | None
) -> tuple[str, JsonObject | None, JsonObject | None]:
    """Return the resource, the record and the previous one that an event shows: the employee's, if known."""
    if rule.shows != rule.resource:
        shown = scene.person.record(rule.shows, scene.who)
        if shown is not None:
            return rule.shows, shown, None
    return rule.resource, record, previous if rule.manner in {"moment", "dated"} else None


def judged(case: Case, notices: tuple[int, ...]) -> Iterator[Telling]:
    """Return what a rule tells of a record, and note what is to come."""
    match case.rule.manner:
        case "moment":
            yield from _moment(case)
        case "dated":
            yield from _dated(case)
        case "ending":
            yield from _ending(case)
        case "notice":
            for days in notices:
                _notice(case, days)


def _moment(case: Case) -> Iterator[Telling]:
    ended = case.record is not None and case.rule.resource in TIMELINES and case.over()
    if case.touched and not case.again and not ended and case.holds:
        yield from case.tell("plain", case.on)


def _dated(case: Case) -> Iterator[Telling]:
    appointed = case.appointments.get(case.key())
    if appointed is not None:
        yield from _kept(case, appointed)
    elif case.record is None or not case.holds:
        case.scene.person.waiting.pop(case.key(), None)
    elif _is_incomplete(case):
        case.scene.person.waiting[case.key()] = case.because
    else:
        case.scene.person.waiting.pop(case.key(), None)
        yield from _first_told(case)


def _kept(case: Case, appointed: Appointment) -> Iterator[Telling]:
    """Hold what is to come against the record as it is now."""
    if case.record is None or not case.holds or case.on is None:
        yield from case.tell("cancelled", appointed.on)
        del case.appointments[case.key()]
    elif case.on != appointed.on:
        case.appoint(case.on)
        day = day_of(case.on)
        if day is not None and case.lies_ahead(day):
            yield from case.tell("rescheduled", case.on)


def _is_incomplete(case: Case) -> bool:
    """Tell whether the person's own record is still to come: a contract may be seen before its employee."""
    rule, scene = case.rule, case.scene
    if case.alone or rule.shows == rule.resource:
        return False
    return scene.person.record(rule.shows, scene.who) is None


def _first_told(case: Case) -> Iterator[Telling]:
    day = day_of(case.on)
    if case.on is not None and day is not None and case.lies_ahead(day):
        yield from case.tell("rescheduled" if case.postponed else "scheduled", case.on)
        case.appoint(case.on)
    elif case.touched and not case.again and not case.over():
        yield from case.tell("plain", case.on)


def _ending(case: Case) -> Iterator[Telling]:
    """A last day: announced when it is seen, be it with the contract itself; then come, moved or withdrawn.

    One that the first look found was never announced, and is moved and withdrawn all the same.
    """
    waited = case.scene.person.waiting.pop(case.key(), None)
    appointed = None if case.anew else case.appointments.get(case.key())
    on, day = case.on, day_of(case.on) if case.record is not None and case.holds else None
    if on is None or day is None:
        yield from () if waited else _withdrawn(case, appointed)
        case.appointments.pop(case.key(), None)
    elif appointed is None or waited is not None:
        come = waited is None if appointed is None else appointed.done
        yield from _announced(case, on, day, known=waited is not None, come=come)
    elif appointed.on != on:
        ahead = case.lies_ahead(day, after=True)
        case.appoint(on, done=appointed.done and not ahead)
        yield from case.tell("rescheduled", on) if ahead else ()


def _withdrawn(case: Case, appointed: Appointment | None) -> Iterator[Telling]:
    """Take back what was announced; once that day has come only if somebody is here again for it."""
    if appointed is not None and not (appointed.done and not case.goes_on()):
        yield from case.tell("cancelled", appointed.on)


def _announced(case: Case, on: str, day: date, *, known: bool, come: bool) -> Iterator[Telling]:
    """Announce a last day; of a contract that had ended when it was first seen nobody is told anything.

    One that is `known` has waited for the employee; it may have `come` meanwhile, and was told then.
    """
    ahead = case.lies_ahead(day, after=True)
    case.appoint(on, done=not ahead and come)
    if ahead and _is_incomplete(case):
        case.scene.person.waiting[case.key()] = case.because
    elif ahead:
        yield from case.tell("scheduled", on)
    elif case.old is not None and not known:
        yield from case.tell("plain", on)


def _notice(case: Case, days: int) -> None:
    """Note when to tell of a date beforehand; told once for each date, even late, but not after it."""
    key, on = case.key(days), case.on
    appointed, day = case.appointments.get(key), day_of(on)
    if case.record is None or not case.holds or on is None or day is None:
        case.appointments.pop(key, None)
    elif appointed is None or appointed.on != on:
        case.appoint(on, days, done=not case.lies_ahead(day, after=True))
