"""Half-days of absence as the legacy API lists them, and as the records that we keep of them.

Pure. A half-day is known by its owner, date, half and account: Lucca's own id names the period, and an edited
period gets a new one. Facts: /api-reference/legacy/timmi-absences/leaves, guides/migrate-from-leaves-v2.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

import msgspec
import xxhash

from lucca_sync.ingest.decode import Item
from lucca_sync.ingest.diff import parse_instant
from lucca_sync.model.values import Json, JsonObject

_ROW: Final = msgspec.json.Decoder(dict[str, object])
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_TIMESPAN: Final = re.compile(r"(-)?(?:(\d+)\.)?(\d+):(\d\d):(\d\d)(?:\.\d+)?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIMESPANS: Final = ("duration", "value")
_REPLACED: Final = frozenset({"id", "name", "url", "leavePeriod", "isam"})


@dataclass(frozen=True, slots=True, repr=False)
class HalfDay:
    """One half-day: who is away when, on which account, in which of Lucca's periods.

    `place` sorts by time: `2026-03-02-AM`. `hours` are given on accounts that count hours. `content` is the
    record that we keep.
    """

    owner: str
    account: str
    period: str
    place: str
    active: bool
    hours: float | None
    content: JsonObject

    @property
    def id(self) -> str:
        """The id that stays when the period is edited."""
        return str(self.content["id"])

    @property
    def day(self) -> str:
        """The date."""
        return self.place[:10]


@dataclass(frozen=True, slots=True, repr=False)
class HalfDays:
    """The half-days of a listing, one a place and account; `unidentified` counts rows that are none."""

    all: tuple[HalfDay, ...] = ()
    unidentified: int = 0

    def __add__(self, other: "HalfDays") -> "HalfDays":
        return HalfDays((*self.all, *other.all), self.unidentified + other.unidentified)


def read_half_days(rows: Sequence[msgspec.Raw]) -> HalfDays:
    """Read listed rows; of several with one identity see `valid`."""
    read = [read_half_day(row) for row in rows]
    found = tuple(half for half in read if half is not None)
    return HalfDays(found, len(read) - len(found))


def read_half_day(row: msgspec.Raw) -> HalfDay | None:
    """Read one row; None when it cannot be told whose it is, or when."""
    try:
        fields = cast("JsonObject", _ROW.decode(row))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    period = _object(fields.get("leavePeriod"))
    lucca_id = _text(fields.get("id"))
    owner = _text(period.get("ownerId")) or _text(_object(period.get("owner")).get("id"))
    account = _text(fields.get("leaveAccountId")) or _text(_object(fields.get("leaveAccount")).get("id"))
    number = _text(fields.get("leavePeriodId")) or _text(period.get("id")) or lucca_id.partition("-")[0]
    day, half = _text(fields.get("date"))[:10], _half(fields, lucca_id)
    if not (owner and account and number and half and _DAY.fullmatch(day)):
        return None
    content: JsonObject = {
        **{name: value for name, value in fields.items() if _kept(name)},
        **{name: plain_duration(fields[name]) for name in _TIMESPANS if name in fields},
        "id": f"{owner}-{day.replace('-', '')}-{half}-{account}",
        "luccaId": lucca_id,
        "ownerId": _number(owner),
        "date": day,
        "isAm": half == "AM",
        "leaveAccountId": _number(account),
        "leavePeriodId": _number(number),
        "isConfirmed": period.get("isConfirmed"),
        "confirmationDate": period.get("confirmationDate"),
    }
    active, hours = fields.get("isActive") is not False, _hours(fields.get("value"))
    return HalfDay(owner, account, number, f"{day}-{half}", active, hours, content)


def valid(halves: Iterable[HalfDay]) -> list[HalfDay]:
    """Keep one of those that share an identity: the active one, else the newest.

    An edited period leaves its cancelled half-days beside their successors.
    """
    best: dict[str, HalfDay] = {}
    for half in halves:
        other = best.get(half.id)
        if other is None or _rank(half) > _rank(other):
            best[half.id] = half
    return list(best.values())


def items_of(records: Iterable[JsonObject]) -> Iterator[Item]:
    """Make items of records, as if they had been listed so."""
    for record in records:
        raw = _ENCODER.encode(record)
        yield Item(str(record["id"]), xxhash.xxh3_128_digest(raw), msgspec.Raw(raw))


def encoded(record: JsonObject) -> bytes:
    """Write a record as the body of an answer."""
    return _ENCODER.encode(record)


def plain_duration(value: Json) -> Json:
    """Write a .NET timespan (`1.00:00:00` is a day) as an ISO 8601 duration; leave anything else as it is."""
    span = timespan(value)
    if span is None:
        return value
    hours, seconds = divmod(int(abs(span).total_seconds()), 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = "".join(
        f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count
    )
    return f"{'-' if span < timedelta() else ''}PT{parts or '0S'}"


def timespan(value: Json) -> timedelta | None:
    """Read a .NET timespan, days included; None when it is none."""
    found = _TIMESPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    sign, days, hours, minutes, seconds = found.groups()
    try:
        span = timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    except OverflowError:
        return None
    return -span if sign else span


def _hours(value: Json) -> float | None:
    """Read the value of a half-day on an account in hours: a number or a timespan."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    span = timespan(value)
    return None if span is None else span.total_seconds() / 3600


def _kept(name: str) -> bool:
    return name not in _REPLACED and name.casefold() not in _REPLACED


def _half(fields: JsonObject, lucca_id: str) -> str:
    """Return AM or PM: the field's spelling varies, and a row without it tells by its id."""
    for name, value in fields.items():
        if name.casefold() == "isam" and isinstance(value, bool):
            return "AM" if value else "PM"
    end = lucca_id.rpartition("-")[2]
    return end if end in {"AM", "PM"} else ""


def _rank(half: HalfDay) -> tuple[bool, float, int, str]:
    created = parse_instant(half.content.get("creationDate"))
    number = int(half.period) if half.period.isdecimal() else 0
    return half.active, created.timestamp() if created else 0.0, number, half.period


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _number(text: str) -> Json:
    return int(text) if text.isdecimal() else text
