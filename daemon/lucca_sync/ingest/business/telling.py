"""Something to tell of a person, and the event that it becomes. Pure: its id is derived, never drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lucca_sync.ingest.business.person import Ref
from lucca_sync.ingest.diff import diff
from lucca_sync.model.business import Phase
from lucca_sync.model.catalogue import described
from lucca_sync.model.event import PEOPLE, Business, Event, FieldChange, event_id
from lucca_sync.model.values import JsonObject


@dataclass(frozen=True, slots=True, repr=False)
class Telling:
    """What is told: `of` is the resource of `record` and `previous`, `about` the record that it follows from.

    `because` begins with the raw event that decides; there is none behind what the baseline held. `group` is
    what records have in common that are told as one, `acted` when somebody did it, where that is known.
    """

    name: str
    rule: str
    phase: Phase
    about: tuple[str, str]
    of: str
    record: JsonObject | None
    previous: JsonObject | None
    on: str | None
    because: tuple[Ref, ...]
    happened: datetime
    group: str = ""
    notice: int = 0
    acted: datetime | None = None

    def __repr__(self) -> str:
        return f"Telling({self.name} {'/'.join(self.about)})"

    def id_for(self, tenant: str, person: str) -> str:
        """Derive the id: from the deciding event, the name, the date and the record; never from timing."""
        decided = self.because[0].id if self.because else "baseline"
        told = f"{self.name}\n{self.on or ''}\n{self.notice}\n{'/'.join(self.about)}"
        return event_id((tenant, PEOPLE, person), decided.encode(), told.encode(), 0)

    def event(self, origin: "Origin", person: str, sequence: int) -> Event:
        """Make the event, the `sequence`-th about this person."""
        return Event(
            id=self.id_for(origin.tenant, person),
            tenant=origin.tenant,
            source=origin.source,
            resource=PEOPLE,
            singular="person",
            record_id=person,
            kind="business",
            happened=min(self.happened, origin.now),
            recorded=origin.now,
            sequence=sequence,
            employee=person,
            detected_by=self.because[0].detected_by if self.because else "due",
            record=self.record,
            previous=self.previous,
            changes=_changes(self.of, self.previous, self.record),
            business=Business(self.name, self.of, self.on, tuple(ref.id for ref in self.because)),
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """The tenant, its URL, and the instant at which something is told."""

    tenant: str
    source: str
    now: datetime


def folded(tellings: Sequence[Telling]) -> list[Telling]:
    """Tell as one what has a name and a group in common: of the earliest date, because of all of them."""
    found: dict[tuple[str, str, str], Telling] = {}
    for told in sorted(tellings, key=lambda one: (one.on or "", one.about)):
        key = (told.rule, told.name, told.group or "/".join(told.about))
        first = found.get(key)
        found[key] = told if first is None else replace(first, because=joined(first.because, told.because))
    places = {rule: place for place, rule in reversed(list(enumerate(one.rule for one in tellings)))}
    return sorted(found.values(), key=lambda one: places[one.rule])


def joined(first: Sequence[Ref], more: Sequence[Ref]) -> tuple[Ref, ...]:
    """Return the references of both, each once, the first ones first."""
    return tuple({ref.id: ref for ref in (*first, *more)}.values())


def _changes(of: str, previous: JsonObject | None, record: JsonObject | None) -> tuple[FieldChange, ...]:
    """List what differs in content: that another record has another id and other times tells nothing."""
    if previous is None or record is None:
        return ()
    bare = {"/id", "/createdAt", f"/{described(of).clock}"}
    return tuple(change for change in diff(previous, record) if change.path not in bare)
