"""From a changed record to what the journal writes: its new snapshot, the event it makes, who gets it.

Pure: identity, sequence and times are derived from what is passed in.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from lucca_sync.ingest.additive import told_by_data, unseen
from lucca_sync.ingest.canonical import Canonical, canonicalise, decode_content
from lucca_sync.ingest.diff import diff, parse_instant
from lucca_sync.journal.protocol import Known, Write
from lucca_sync.model.catalogue import Resource
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event, Eye, FieldChange, Kind, event_id
from lucca_sync.model.pointer import segment, text_at
from lucca_sync.model.values import JsonObject

Route: TypeAlias = Callable[[Event], tuple[Lane, ...]]
"""Tells along which lanes an event travels."""

_CREATED: Final = "createdAt"
_LONGEST_REQUEST: Final = 160


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and when something was seen: the tenant, its URL, the resource, the instant, the eye.

    `volatile` are the fields of the resource that are no content, by the settings. `request` is the path and
    query whose answer showed it.
    """

    tenant: str
    source: str
    resource: Resource
    seen: datetime
    eye: Eye
    volatile: tuple[str, ...] = ()
    request: str = ""


def write_first(record_id: str, canonical: Canonical, known: Known | None) -> Write:
    """Take a record into the snapshot without an event: the silent baseline, a filter that was widened."""
    return Write(record_id, canonical.encoded, canonical.digest, known.sequence if known else 0)


def write_forgotten(known: Known) -> Write:
    """Take a record out of the snapshot without an event: it is in Lucca, and no longer asked for."""
    return Write(known.id, None, b"", known.sequence)


def write_created(
    origin: Origin, record_id: str, canonical: Canonical, known: Known | None, route: Route
) -> Write:
    """Take in a record that was not there (or was gone) and tell of it."""
    told = _Telling(origin, record_id, known)
    return told.write(told.event("created", canonical, None, ()), canonical, route)


def write_updated(
    origin: Origin, canonical: Canonical, known: Known, route: Route, grown: Collection[str] = ()
) -> Write | None:
    """Take in a record that looks different; None when nothing is to be written.

    Without a leaf that differs (a bare `lastUpdatedAt`, other spelling, a field in `grown` that the API added
    for everybody) there is no event.
    """
    if canonical.encoded == known.content:
        return None
    previous = former(origin, known).content
    changes = told_by_data(diff(previous, canonical.content), unseen(grown, previous))
    quiet = {f"/{segment(name)}" for name in (origin.resource.clock, *origin.resource.quiet) if name}
    if not told_by_data(changes, quiet):
        if _older(origin.resource, canonical, known):
            return None  # a stale copy, and no other content: with its clock the next one would look new
        return Write(known.id, canonical.encoded, canonical.digest, known.sequence)
    told = _Telling(origin, known.id, known)
    return told.write(told.event("updated", canonical, previous, changes), canonical, route)


def former(origin: Origin, known: Known) -> Canonical:
    """Return a record's snapshot in today's canonical form: what counts as content may have changed since."""
    return canonicalise(decode_content(known.content or b"{}"), origin.resource, origin.volatile)


def write_deleted(origin: Origin, known: Known, route: Route) -> Write:
    """Take a record out of the snapshot and tell of it."""
    told = _Telling(origin, known.id, known)
    event = told.event("deleted", None, former(origin, known).content, ())
    return told.write(event, None, route)


def went_back(resource: Resource, canonical: Canonical, known: Known) -> bool:
    """Tell whether a listed row is older than the snapshot: lists may be served from a stale copy."""
    return canonical.digest != known.digest and _older(resource, canonical, known)


def went_on(resource: Resource, canonical: Canonical, known: Known) -> bool:
    """Tell whether a row was written later than the snapshot; yes where nothing says when it was."""
    clocks = _clocks(resource, canonical, known)
    return clocks is None or clocks[0] > clocks[1]


def _older(resource: Resource, canonical: Canonical, known: Known) -> bool:
    clocks = _clocks(resource, canonical, known)
    return clocks is not None and clocks[0] < clocks[1]


def _clocks(resource: Resource, canonical: Canonical, known: Known) -> tuple[datetime, datetime] | None:
    """Return when a row and its snapshot were last written, by Lucca's own word."""
    if resource.clock is None or known.content is None:
        return None
    seen = parse_instant(canonical.content.get(resource.clock))
    had = parse_instant(decode_content(known.content).get(resource.clock))
    return (seen, had) if seen is not None and had is not None else None


def born_anew(canonical: Canonical, known: Known) -> bool:
    """Tell whether a record shows another instant of its creation than before: it is a copy."""
    if known.content is None:
        return False
    seen = parse_instant(canonical.content.get(_CREATED))
    had = parse_instant(decode_content(known.content).get(_CREATED))
    return seen is not None and had is not None and seen != had


@dataclass(frozen=True, slots=True)
class _Telling:
    """Builds the event about one record."""

    origin: Origin
    record_id: str
    known: Known | None

    @property
    def sequence(self) -> int:
        return (self.known.sequence if self.known else 0) + 1

    def event(
        self, kind: Kind, now: Canonical | None, previous: JsonObject | None, changes: tuple[FieldChange, ...]
    ) -> Event:
        origin, resource = self.origin, self.origin.resource
        content = decode_content(now.encoded) if now else None  # in the order that `previous` has
        return Event(
            id=event_id(
                (origin.tenant, resource.name, self.record_id),
                now.digest if now else b"",
                self.known.digest if self.known and self.known.content is not None else b"",
                self.sequence,
            ),
            tenant=origin.tenant,
            source=origin.source,
            resource=resource.name,
            singular=resource.singular,
            record_id=self.record_id,
            kind=kind,
            happened=_happened(origin, content, previous),
            recorded=origin.seen,
            sequence=self.sequence,
            employee=text_at(content or previous or {}, resource.employee) if resource.employee else None,
            detected_by=origin.eye,
            record=content,
            previous=previous,
            changes=changes,
            request=_brief(origin.request),
        )

    def write(self, event: Event, now: Canonical | None, route: Route) -> Write:
        return Write(
            self.record_id,
            now.encoded if now else None,
            now.digest if now else b"",
            self.sequence,
            event,
            route(event),
        )


def _brief(request: str) -> str:
    """Cut an address that lists a hundred ids: it is kept with every event that the answer made."""
    return request if len(request) <= _LONGEST_REQUEST else f"{request[: _LONGEST_REQUEST - 1]}…"


def _happened(origin: Origin, content: JsonObject | None, previous: JsonObject | None) -> datetime:
    """Lucca's own time of the write where it moved with this change, else when we saw it.

    Computed fields (`status`, `applicable*`) flip without a write: an old clock says nothing about them.
    """
    clock = origin.resource.clock
    if clock is None or content is None:
        return origin.seen
    moved = parse_instant(content.get(clock))
    if moved is None or (previous is not None and moved == parse_instant(previous.get(clock))):
        return origin.seen
    return min(moved, origin.seen)
