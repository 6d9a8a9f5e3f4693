"""Change and Event: what happened to one record, and the CloudEvent that tells it.

Knows the wire shape that consumers depend on; knows nothing of stores, routes or targets. Structs: each
delivery makes an event twice, and a frozen dataclass this wide takes ten times as long to make.
"""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from lucca_sync.model.values import Json, JsonObject

Kind: TypeAlias = Literal["created", "updated", "deleted", "snapshot", "business"]
"""What an event tells: one of three changes of a record, or how a record stands (sent because a person
asked), or what changes mean for somebody (derived from events of the other kinds)."""
Eye: TypeAlias = Literal[
    "sweep", "page", "head", "count", "gap", "due", "hint", "feed", "delta", "confirmation", "person"
]
"""What saw a change first: a whole sweep, a page of a fixed address, a look at the newest records, a count,
a gap between two listed records, a date that came due, a webhook of Lucca's, its event feed, a query for what
changed since, a read by id. Of a snapshot: the person who asked for it."""

EYES: Final[tuple[Eye, ...]] = tuple(eye for eye in get_args(Eye) if eye != "person")
"""What sees changes."""
KINDS: Final[tuple[Kind, ...]] = ("created", "updated", "deleted")
"""What can happen to a record."""
PEOPLE: Final = "people"
"""What business events are about: their subject is `people/{employee id}`, with a sequence of its own."""
SEQUENCE_DIGITS: Final = 12


class FieldChange(msgspec.Struct, frozen=True):
    """One leaf that differs.

    `path` is a JSON Pointer; inside arrays of identified objects its segment is the id.
    """

    path: str
    before: Json
    after: Json

    def __repr__(self) -> str:
        return f"FieldChange({self.path})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Show tracebacks that rich draws no more than `repr` shows."""
        return [("path", self.path)]


class Business(msgspec.Struct, frozen=True):
    """What an event means for somebody.

    `name` is such as `employee.hired` or `position.changed.scheduled`. `of` is the resource whose record the
    event carries. `on` is the date (YYYY-MM-DD) on which it takes effect, None where it has none. `because`
    are the ids of the events that it was derived from.
    """

    name: str
    of: str
    on: str | None
    because: tuple[str, ...]


class Event(msgspec.Struct, frozen=True):
    """A journaled change of one record, or what follows from changes.

    `record` and `previous` are canonical (no links, no url, no embedded); `created` has no previous,
    `deleted` no record. `happened` is when Lucca says it happened, `recorded` when we noticed it, both UTC.
    `sequence` counts the events of this subject from 1; a `snapshot` repeats the one that it shows the record
    at. `request` is the path and query that showed the change, for people who ask why; empty when not known.
    """

    id: str
    tenant: str
    source: str
    resource: str
    singular: str
    record_id: str
    kind: Kind
    happened: datetime
    recorded: datetime
    sequence: int
    employee: str | None
    detected_by: Eye
    record: JsonObject | None
    previous: JsonObject | None
    changes: tuple[FieldChange, ...]
    business: Business | None = None
    request: str = ""

    def __repr__(self) -> str:
        return f"Event({self.subject} {self.kind} #{self.sequence} {self.id})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Show tracebacks that rich draws no more than `repr` shows."""
        return [("id", self.id)]

    @property
    def type(self) -> str:
        """`lucca.{resource in the singular}.{kind}`, or `lucca.{name}` of a business event."""
        return type_of(self.singular, self.kind, self.business.name if self.business else None)

    @property
    def subject(self) -> str:
        """`{resource}/{id}`: events of one subject are delivered in order."""
        return f"{self.resource}/{self.record_id}"

    @property
    def carries(self) -> str:
        """The resource that `record` and `previous` are of."""
        return self.business.of if self.business else self.resource

    @property
    def data(self) -> JsonObject:
        """The CloudEvent's data: record, previous and leaf changes; of a business event also when and why."""
        data: JsonObject = {
            "record": self.record,
            "previous": self.previous,
            "changes": [{"path": c.path, "before": c.before, "after": c.after} for c in self.changes],
        }
        if self.business is not None:
            data |= {"on": self.business.on, "because": list(self.business.because)}
        return data

    def cloudevent(self) -> JsonObject:
        """The event in CloudEvents 1.0 structured JSON form (https://cloudevents.io)."""
        envelope: JsonObject = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": rfc3339(self.happened),
            "datacontenttype": "application/json",
            "recordedtime": rfc3339(self.recorded),
            "sequence": f"{self.sequence:0{SEQUENCE_DIGITS}d}",
            "detectedby": self.detected_by,
            "data": self.data,
        }
        if self.employee is not None:
            envelope["partitionkey"] = self.employee
        if self.kind == "deleted":
            envelope["absence"] = "deleted-or-hidden"  # Lucca answers 404 to both
        return envelope


def type_of(singular: str, kind: str, business: str | None) -> str:
    """Return the CloudEvent's type; `business` names a business event, and is None for the others."""
    return f"lucca.{business or f'{singular}.{kind}'}"


def rfc3339(instant: datetime) -> str:
    """Render an aware instant in UTC with a trailing Z and milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_id(subject: tuple[str, str, str], content: bytes, previous: bytes, sequence: int) -> str:
    """Derive the id of a change: the same change has the same id, after a crash, a replay or a restore.

    `subject` is (tenant, resource, record id); `content` and `previous` are digests, empty for none.
    """
    digest = blake2b(digest_size=16)
    for part in (*(text.encode() for text in subject), content, previous, str(sequence).encode()):
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.hexdigest()
