"""Folding a group of raw events into a person's state: what business events follow. Pure.

The order in which the resources of a group arrived makes no difference: all of it is taken in before any rule
is asked.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from lucca_sync.ingest.business.book import Active, Book
from lucca_sync.ingest.business.judge import Case, Scene, judged
from lucca_sync.ingest.business.person import Fact, Person, Raw, Ref
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.telling import Telling, folded, joined
from lucca_sync.ingest.business.timeline import starts
from lucca_sync.model.business import INDIRECT, TIMELINES
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import JsonObject

_HIRES: Final = frozenset({"employee.hired", "employee.rehired"})
_CONTRACTS: Final = "employments"
_PATIENCE: Final = timedelta(hours=1)
"""How long a contract waits for its employee, who may never be seen: that resource may be refused."""
_ONE_ACT: Final = timedelta(minutes=1)
"""What is written of one act bears times as near to each other as this."""
_ACTS: Final = 30
"""So many acts of a person are remembered."""
_REMEMBERED: Final = frozenset({*TIMELINES, *INDIRECT, "employees", "users"})
"""Of these it is remembered who has gone: coming back into view is no hire."""


@dataclass(frozen=True, slots=True, repr=False)
class Touched:
    """What a group of events did to one record: as it was, as it is, and the events, the last one first."""

    old: JsonObject | None
    new: JsonObject | None
    because: tuple[Ref, ...]
    happened: datetime
    again: bool = False


@dataclass(frozen=True, slots=True)
class Folding:
    """What folding takes beside the person: the rules, who it is, where they work."""

    book: Book
    places: Places
    who: str

    def fold(self, person: Person, group: Sequence[Raw]) -> list[Telling]:
        """Take a group of events into a person's state, and return what is told."""
        fresh = sorted((raw for raw in group if self._is_new(person, raw)), key=_order)
        in_order = (raw.position for raw in group if raw.event.resource not in INDIRECT)
        person.at = max(person.at, *in_order, 0)
        if not fresh:
            return []
        scene = Scene(self.who, person, self.places, min(raw.event.recorded for raw in fresh))
        touched = _replaced(scene, self._taken_in(scene, fresh))
        told = [one for rule in self.book.rules for one in self._asked(rule, scene, touched)]
        found = [one for one in folded(self._one_last_day(told)) if _is_first(person, one)]
        return [_with_company(one, touched) for one in found]

    def _one_last_day(self, told: Sequence[Telling]) -> Sequence[Telling]:
        """Tell as moved what is withdrawn of one contract and announced of another: it is one last day.

        Where the day stays the same, nothing is to be told.
        """
        rules = {rule.name for rule in self.book.rules if rule.manner == "ending"}
        endings = sorted((one for one in told if one.rule in rules), key=_day, reverse=True)
        gone = [one for one in endings if one.phase == "cancelled"]
        come = [one for one in endings if one.phase == "scheduled"]
        instead: dict[int, list[Telling]] = {}
        for before, after in zip(gone, come, strict=False):
            instead[id(before)] = []
            instead[id(after)] = [] if before.on == after.on else [self._moved(before, after)]
        return [other for one in told for other in instead.get(id(one), [one])]

    def _moved(self, before: Telling, after: Telling) -> Telling:
        rule = self.book.named(after.rule)
        name = after.name if rule is None else rule.names["rescheduled"]
        because = joined(after.because, before.because)
        return replace(after, name=name, phase="rescheduled", because=because)

    def given_up(self, person: Person, now: datetime) -> list[Telling]:
        """Tell what has waited for the person's own record for too long, without that."""
        told: list[Telling] = []
        for rule in self.book.rules:
            for key, waited in list(person.waiting.items()):
                until = patience(waited)
                if _is_about(key, rule) and until <= now:
                    record_id = key.split("/", 3)[3]
                    record = person.record(rule.resource, record_id)
                    happened = datetime.fromisoformat(waited[0].happened)
                    scene = Scene(self.who, person, self.places, until)
                    case = Case(scene, rule, record_id, record, None, waited, happened, alone=True)
                    told += judged(case, self.book.notices)
        for key in [key for key, waited in person.waiting.items() if patience(waited) <= now]:
            del person.waiting[key]  # there is no rule any more that it waited for
        return folded(self._one_last_day(told))

    def seed(self, person: Person, resource: str, now: datetime, passed_over: Collection[str] = ()) -> None:
        """Note in silence what the records of a resource have to come: nobody changed anything."""
        scene, waiting = Scene(self.who, person, self.places, now), dict(person.waiting)
        for rule in self.book.about(resource):
            if rule.manner != "moment":
                for record_id, fact in person.records(resource).items():
                    if record_id in passed_over:
                        continue
                    case = Case(scene, rule, record_id, fact.record, None, (), now, touched=False)
                    for _ in judged(case, self.book.notices):
                        pass
        person.waiting = waiting

    def _is_new(self, person: Person, raw: Raw) -> bool:
        """Tell whether an event was not folded in yet; of kept records their own count of events says so."""
        fact = person.records(raw.event.resource).get(raw.event.record_id)
        forgotten = person.forgotten.get(raw.event.resource, {}).get(raw.event.record_id)
        if fact is not None or forgotten is not None:
            return raw.event.sequence > (forgotten or 0 if fact is None else fact.sequence)
        # one that is found through another may have waited until it was known whom it concerns
        return raw.position > person.at or raw.event.resource in INDIRECT

    def _taken_in(self, scene: Scene, group: Sequence[Raw]) -> dict[tuple[str, str], Touched]:
        records: dict[tuple[str, str], list[Raw]] = {}
        for raw in group:
            records.setdefault((raw.event.resource, raw.event.record_id), []).append(raw)
        return {place: self._one_taken_in(scene, place, raws) for place, raws in records.items()}

    def _one_taken_in(self, scene: Scene, place: tuple[str, str], raws: Sequence[Raw]) -> Touched:
        resource, record_id = place
        first, last = raws[0].event, raws[-1].event
        if resource in self.book.kept:
            facts = scene.person.facts.setdefault(resource, {})
            if last.record is None:
                facts.pop(record_id, None)
                _forget(scene.person, resource, {record_id: last.sequence})
                _drop_dependents(scene.person, place)
            else:
                facts[record_id] = Fact(last.record, last.sequence)
                scene.person.forgotten.get(resource, {}).pop(record_id, None)
        again = self._is_back(scene, place, first.previous, last.record)
        refs = tuple(raw.ref for raw in reversed(raws))
        return Touched(first.previous, last.record, refs, last.happened, again)

    def _is_back(
        self, scene: Scene, place: tuple[str, str], old: JsonObject | None, new: JsonObject | None
    ) -> bool:
        """Remember who goes, and recognise who comes back."""
        resource, record_id = place
        if resource not in _REMEMBERED:
            return False
        gone = scene.person.gone.setdefault(resource, [])
        if old is not None and new is None and record_id not in gone and _was_in_force(scene, resource, old):
            gone.append(record_id)
        if old is not None or new is None or record_id not in gone:
            return False
        gone.remove(record_id)
        return True

    def _asked(
        self, rule: Active, scene: Scene, touched: dict[tuple[str, str], Touched]
    ) -> Iterator[Telling]:
        for record_id in sorted(self._concerned(rule, scene, touched)):
            case = self._case(rule, scene, record_id, touched)
            if case.record is not None or case.old is not None:
                yield from judged(case, self.book.notices)
            else:
                scene.person.waiting.pop(case.key(), None)
                scene.person.appointments.pop(case.key(), None)

    def _concerned(self, rule: Active, scene: Scene, touched: dict[tuple[str, str], Touched]) -> set[str]:
        """The records that changed, those whose neighbours did, and those that waited for the employee."""
        found = {record_id for resource, record_id in touched if resource == rule.resource}
        if found and rule.resource in TIMELINES:
            found |= self._movable(rule, scene)
        if (rule.shows, scene.who) in touched:
            found |= {key.split("/", 3)[3] for key in scene.person.waiting if _is_about(key, rule)}
        return found

    def _movable(self, rule: Active, scene: Scene) -> set[str]:
        appointed = scene.person.appointments.values()
        found = {one.record for one in appointed if (one.rule, one.resource) == (rule.name, rule.resource)}
        for record_id, fact in scene.person.records(rule.resource).items():
            ahead = not _was_in_force(scene, rule.resource, fact.record)
            if ahead or rule.manner == "ending":
                found.add(record_id)
        return found

    def _case(
        self, rule: Active, scene: Scene, record_id: str, touched: dict[tuple[str, str], Touched]
    ) -> Case:
        one = touched.get((rule.resource, record_id))
        waited = scene.person.waiting.get(f"{rule.name}/0/{rule.resource}/{record_id}")
        if one is not None and waited is None:
            return Case(scene, rule, record_id, one.new, one.old, one.because, one.happened, again=one.again)
        record = scene.person.record(rule.resource, record_id)
        if waited is not None:
            came = touched.get((rule.shows, scene.who))
            more = joined(() if one is None else one.because, () if came is None else came.because)
            happened = datetime.fromisoformat(waited[0].happened)
            return Case(scene, rule, record_id, record, None, joined(waited, more), happened)
        neighbour = min(place for place in touched if place[0] == rule.resource)
        cause = touched[neighbour]
        return Case(scene, rule, record_id, record, record, cause.because, cause.happened, touched=False)


def patience(waited: Sequence[Ref]) -> datetime:
    """Return until when something waits for the person's own record."""
    return min(datetime.fromisoformat(ref.recorded) for ref in waited) + _PATIENCE


def _replaced(scene: Scene, touched: dict[tuple[str, str], Touched]) -> dict[tuple[str, str], Touched]:
    """Recognise a contract that was deleted and written anew at once: nobody was hired by that."""
    contracts = {place: one for place, one in touched.items() if place[0] == _CONTRACTS}
    gone = any(
        one.new is None and one.old is not None and _was_in_force(scene, _CONTRACTS, one.old)
        for one in contracts.values()
    )
    anew = {place: replace(one, again=True) for place, one in contracts.items() if one.old is None}
    return {**touched, **anew} if gone else touched


def _drop_dependents(person: Person, place: tuple[str, str]) -> None:
    """Forget, with a contract, what is found through it: nobody would know any more whom that concerns."""
    for resource, (through, path) in INDIRECT.items():
        if through != place[0]:
            continue
        facts = person.records(resource)
        lost = {key: fact.sequence for key, fact in facts.items() if text_at(fact.record, path) == place[1]}
        _forget(person, resource, lost)
        for key in lost:
            del facts[key]
        for key, one in list(person.appointments.items()):
            if one.resource == resource and one.record in lost:
                del person.appointments[key]


def _is_first(person: Person, told: Telling) -> bool:
    """Tell whether an act is told for the first time, not once more because the rest of it came later.

    The rest is told after all where it begins earlier than what was told.
    """
    if told.acted is None:
        return True
    key, on = f"{told.rule}/{told.group}", told.on or ""
    acted, since = person.told.pop(key, (None, ""))
    again = acted is not None and abs(told.acted - acted) <= _ONE_ACT and since <= on
    person.told[key] = (told.acted, since if again else on)
    others = sorted((person.told[other], other) for other in person.told if other != key)
    for _, oldest in others[: -_ACTS + 1]:  # the state's own order is one of names
        del person.told[oldest]
    return not again


def _forget(person: Person, resource: str, records: Mapping[str, int]) -> None:
    """Remember of records that are dropped how far they were folded: they may be read again."""
    if resource in INDIRECT and records:
        person.forgotten.setdefault(resource, {}).update(records)


def _with_company(told: Telling, touched: dict[tuple[str, str], Touched]) -> Telling:
    """Give a hire all the new records that came along with it as reasons."""
    if told.rule not in _HIRES or told.phase not in {"plain", "scheduled"}:
        return told
    new = (touched[place] for place in sorted(touched) if touched[place].old is None)
    return replace(told, because=joined(told.because, [ref for one in new for ref in one.because]))


def _was_in_force(scene: Scene, resource: str, record: JsonObject) -> bool:
    start = starts(resource, record)
    return start is None or scene.places.begins(start, scene.person, record) <= scene.at


def _is_about(key: str, rule: Active) -> bool:
    return key.startswith(f"{rule.name}/0/{rule.resource}/")


def _day(told: Telling) -> str:
    return told.on or ""


def _order(raw: Raw) -> tuple[str, str, int]:
    return raw.event.resource, raw.event.record_id, raw.event.sequence
