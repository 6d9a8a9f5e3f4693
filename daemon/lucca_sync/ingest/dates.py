"""Dates that do not exist, such as 31 April: passed on as text, counted, never a reason to drop a record.

Pure. Lucca's own published sample of probationary periods holds one.
"""

import re
from datetime import date
from typing import Final

from lucca_sync.model.values import Json

_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:$|T)")


def impossible_dates(value: Json) -> int:
    """Count the texts in a value that are shaped like a date and are none."""
    if isinstance(value, str):
        return 1 if value[4:8:3] == "--" and _impossible(value) else 0
    count = 0
    if isinstance(value, dict):
        for part in value.values():
            if part is not None:
                count += impossible_dates(part)
    elif isinstance(value, list):
        for part in value:
            count += impossible_dates(part)
    return count


def _impossible(text: str) -> bool:
    shaped = _DATE.match(text)
    if shaped is None:
        return False
    try:
        date(*(int(part) for part in shaped.groups()))
    except ValueError:
        return True
    return False
