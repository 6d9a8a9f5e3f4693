"""Dates that do not exist, such as 31 April: passed on as text, counted, never a reason to drop a record.

Pure. Lucca's own published sample of probationary periods holds one. Looks at encoded records, and only at
what could be wrong in them, because it is asked for every record of a first read.
"""

import re
from datetime import date
from typing import Final

_SUSPICIOUS: Final = re.compile(
    rb'-(?:(?<="0000-)\d\d-\d\d|(?:00|1[3-9]|[2-9]\d)-\d\d|(?:00|29|3\d|[4-9]\d))["T]'
)
"""From the dash after a year that is none, before a month that is none, or before a day that not every month
has."""
_DATE: Final = re.compile(rb'"(\d{4})-(\d\d)-(\d\d)["T]')
_YEAR: Final = len('"2026')
_YEAR_AND_MONTH: Final = len('"2026-04')


def impossible_dates(encoded: bytes) -> int:
    """Count the texts in an encoded record that are shaped like a date, or begin like one, and are none."""
    return sum(1 for found in _SUSPICIOUS.finditer(encoded) if _impossible(encoded, found.start()))


def _impossible(encoded: bytes, dash: int) -> bool:
    for before in (_YEAR, _YEAR_AND_MONTH):
        shaped = _DATE.match(encoded, max(dash - before, 0))
        if shaped is not None:
            return not _exists(*(int(part) for part in shaped.groups()))
    return False


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
