"""Records of a person that follow each other (contracts, positions): what comes before, what after. Pure."""

from collections.abc import Mapping
from datetime import MAXYEAR, date, timedelta
from typing import Final

from lucca_sync.ingest.business.person import Fact
from lucca_sync.model.business import CAREERS, TIMELINES, Timeline
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import JsonObject

_DAY: Final = timedelta(days=1)
_NEVER: Final = date.max
_EARLIEST: Final = date.min + 2 * _DAY
"""There is a day before, and every time zone has it: .NET writes 0001-01-01 where it knows no date."""


def day_of(text: str | None) -> date | None:
    """Read a date, or the date of a timestamp; None for one that does not exist, or never comes."""
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    return None if day.year == MAXYEAR else max(day, _EARLIEST)


def starts(resource: str, record: JsonObject | None) -> date | None:
    """Return a record's first day, None where it has none or its resource is no timeline."""
    line = TIMELINES.get(resource)
    return None if line is None or record is None else day_of(text_at(record, line.start))


def ends(resource: str, record: JsonObject) -> date:
    """Return a record's last day; one far away where it is open or its resource is no timeline."""
    line = TIMELINES.get(resource)
    return _NEVER if line is None else day_of(text_at(record, line.end)) or _NEVER


def begins_anew(resource: str, old: JsonObject | None, record: JsonObject | None) -> bool:
    """Tell whether a record that holds one contract at a time shows a later one, after days without any."""
    line = CAREERS.get(resource)
    if line is None or old is None or record is None:
        return False
    ended, begins = day_of(text_at(old, line.end)), day_of(text_at(record, line.start))
    return ended is not None and begins is not None and begins > ended + _DAY


class Neighbours:
    """The records around one record of a person."""

    def __init__(self, resource: str, record: JsonObject, known: Mapping[str, Fact]) -> None:
        self._line: Timeline | None = TIMELINES.get(resource)
        self._resource = resource
        self._record = record
        own = record.get("id")
        self._others = [fact.record for key, fact in known.items() if key != str(own)]

    @property
    def earlier(self) -> bool:
        """Whether there is any record that begins before this one."""
        start = starts(self._resource, self._record)
        return start is not None and any(begins < start for begins, _ in self._dated())

    def before(self) -> JsonObject | None:
        """Return what this record replaces: the last one before, if it lasts until this one begins."""
        start = starts(self._resource, self._record)
        if start is None:
            return None
        earlier = [(begins, record) for begins, record in self._dated() if begins < start]
        last = max(earlier, key=_place, default=None)
        return last[1] if last is not None and self._reaches(last[1], self._record) else None

    def next(self) -> JsonObject | None:
        """Return what goes on after this record's last day: it follows without a gap, or lasts longer."""
        own = self._lasts(self._record)
        going_on = [
            found
            for found in self._dated()
            if self._reaches(self._record, found[1]) and (own[0] == _NEVER or self._lasts(found[1]) > own)
        ]
        start = starts(self._resource, self._record)
        later = [found for found in going_on if start is None or found[0] > start]
        first = min(later or (going_on if own[0] != _NEVER else []), key=_place, default=None)
        return None if first is None else first[1]

    def _lasts(self, record: JsonObject) -> tuple[date, date, str]:
        """Tell until when a record lasts; of those that end together one is the last."""
        begins = starts(self._resource, record) or _EARLIEST
        return ends(self._resource, record), begins, str(record.get("id"))

    def _reaches(self, one: JsonObject, other: JsonObject) -> bool:
        """Tell whether no day lies between a record's last day and the first of a later one."""
        start, within = starts(self._resource, other), self._line.within if self._line else ()
        if within and text_at(one, within) is not None and text_at(one, within) == text_at(other, within):
            return True
        return start is not None and ends(self._resource, one) >= start - _DAY

    def _dated(self) -> list[tuple[date, JsonObject]]:
        found = ((starts(self._resource, record), record) for record in self._others)
        return [(begins, record) for begins, record in found if begins is not None]


def _place(found: tuple[date, JsonObject]) -> tuple[date, str]:
    return found[0], str(found[1].get("id"))
