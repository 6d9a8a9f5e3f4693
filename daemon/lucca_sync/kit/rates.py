"""Rates as people write them in YAML: `10/s`, `600/1m`, `1/2s`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, TypeAlias

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from lucca_sync.kit.durations import format_duration, parse_duration

_RATE: Final = re.compile(r"(\d{1,6})/((?:\d+(?:\.\d+)?)?(?:ms|s|m|h|d))")
_LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PerTime:
    """So many in so long."""

    count: int
    time: timedelta

    @property
    def interval(self) -> float:
        """Seconds from one to the next when they are spread evenly."""
        return self.time.total_seconds() / self.count

    def __str__(self) -> str:
        return f"{self.count}/{format_duration(self.time)}"


def parse_rate(text: object) -> PerTime:
    """Turn `10/s` or `600/1m` into a rate; refuse anything else with ValueError."""
    if isinstance(text, PerTime):
        return text
    found = _RATE.fullmatch(text) if isinstance(text, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError("must be a rate such as 10/s, 600/1m or 1/2s")
    span = parse_duration(found[2] if found[2][0].isdigit() else f"1{found[2]}")
    if not isinstance(span, timedelta) or not timedelta(0) < span <= _LONGEST:
        raise ValueError("must count within at most 1d")
    return PerTime(int(found[1]), span)


Rate: TypeAlias = Annotated[
    PerTime,
    PlainValidator(parse_rate),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d+/(\d+(\.\d+)?)?(ms|s|m|h|d)$", "examples": ["10/s", "600/1m"]}
    ),
]
