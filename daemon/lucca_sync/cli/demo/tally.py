"""The demo's bookkeeping: what the simulated tenant changed, what arrived, and whether the two agree.

Pure: fed by the ledger and the receiver, asked by the view and for the verdict.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final, TypeAlias, cast

from lucca_sync.cli.demo.receiver import Arrival
from lucca_sync.cli.demo.wording import details_of
from lucca_sync.model.values import JsonObject
from lucca_sync.simulator import LedgerEntry

Truth: TypeAlias = Callable[[str, str], Mapping[str, object] | None]
"""What a record looks like at the source now; None when it is gone."""

_NOT_CONTENT: Final = frozenset({"url", "links", "embedded"})


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """An arrival as people are shown it."""

    at: datetime
    subject: str
    kind: str
    details: str
    eye: str
    seconds: float | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The demo in numbers. `waiting` counts records whose latest state has not arrived yet."""

    changes: int
    records: int
    events: int
    merged: int
    repeats: int
    unverified: int
    out_of_order: int
    waiting: int
    median_seconds: float
    slowest_seconds: float

    @property
    def good(self) -> bool:
        """Whether every change was delivered, verified and in order."""
        return not (self.waiting or self.unverified or self.out_of_order)


@dataclass(slots=True)
class Tally:
    """Keeps the books. `truth` asks the source."""

    truth: Truth
    _latest: dict[str, LedgerEntry] = field(default_factory=dict[str, LedgerEntry])
    _born: set[str] = field(default_factory=set[str])
    _changes: int = 0
    _seen: dict[str, str] = field(default_factory=dict[str, str])
    _last: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    _sequence: Counter[str] = field(default_factory=Counter[str])
    _delays: list[float] = field(default_factory=list[float])
    _repeats: int = 0
    _unverified: int = 0
    _out_of_order: int = 0

    def changed(self, entry: LedgerEntry) -> None:
        """Note a change at the source."""
        subject = f"{entry.resource}/{entry.id}"
        self._changes += 1
        self._latest[subject] = entry
        if entry.kind == "created":
            self._born.add(subject)

    def arrived(self, arrival: Arrival, now: datetime) -> Told:
        """Note an arrival and return it as people are shown it."""
        event = arrival.event
        subject, event_id = str(event["subject"]), str(event["id"])
        self._unverified += not arrival.verified or arrival.webhook_id != event_id
        entry = self._latest.get(subject)
        seconds = (now - _instant(entry)).total_seconds() if entry else None
        if event_id in self._seen:
            self._repeats += 1
        else:
            self._note(subject, event, seconds)
        return Told(
            now,
            subject,
            str(event["type"]).rpartition(".")[2],
            details_of(cast("JsonObject", event["data"])),
            str(event["detectedby"]),
            seconds,
            arrival.verified,
        )

    def figures(self) -> Figures:
        """Compare what arrived with what is."""
        return Figures(
            changes=self._changes,
            records=len(self._latest),
            events=len(self._seen),
            merged=max(0, self._changes - len(self._seen)),
            repeats=self._repeats,
            unverified=self._unverified,
            out_of_order=self._out_of_order,
            waiting=sum(1 for subject in self._latest if not self._up_to_date(subject)),
            median_seconds=median(self._delays) if self._delays else 0.0,
            slowest_seconds=max(self._delays, default=0.0),
        )

    def _note(self, subject: str, event: JsonObject, seconds: float | None) -> None:
        self._seen[str(event["id"])] = subject
        self._last[subject] = cast("JsonObject", event["data"])
        self._sequence[subject] += 1
        self._out_of_order += int(str(event["sequence"])) != self._sequence[subject]
        if seconds is not None:
            self._delays.append(seconds)

    def _up_to_date(self, subject: str) -> bool:
        """Tell whether the last event about a record shows it as it is now."""
        resource, _, record_id = subject.partition("/")
        now, told = self.truth(resource, record_id), self._last.get(subject)
        if now is None:
            came_and_went = told is None and subject in self._born
            return came_and_went or (told is not None and told["record"] is None)
        record = told["record"] if told else None
        if not isinstance(record, dict):
            return False
        plain = cast("JsonObject", _plain(now))
        return all(_plain(value) == plain.get(key) for key, value in record.items())


def _plain(value: object) -> object:
    """Content alone, whatever the order: no addresses, arrays as sets."""
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {key: _plain(part) for key, part in members.items() if key not in _NOT_CONTENT}
    if isinstance(value, list | tuple):
        return sorted((_plain(part) for part in cast("list[object]", value)), key=repr)
    return value


def _instant(entry: LedgerEntry) -> datetime:
    return datetime.fromisoformat(entry.at)
