"""Durations as people write them in YAML: `30s`, `2m`, `1h`, `3d`, `1h30m`."""

import re
from datetime import timedelta
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_WHOLE: Final = re.compile(rf"(?:{_PART.pattern})+")
LONGEST: Final = timedelta(days=36500)
"""A hundred years: whoever writes more means "for ever", and calendars end."""


def parse_duration(text: object) -> object:
    """Turn `90s` or `1h30m` into a timedelta.

    Leave a timedelta alone; refuse anything else with ValueError.
    """
    if isinstance(text, timedelta):
        return text
    if not isinstance(text, str) or not _WHOLE.fullmatch(text):
        message = "must be a duration such as 30s, 2m, 1h30m or 3d"
        raise ValueError(message)
    seconds = sum(float(n) * _SECONDS[unit] for n, unit in _PART.findall(text))
    if seconds > LONGEST.total_seconds():
        message = f"must be at most {LONGEST.days}d"
        raise ValueError(message)
    return timedelta(seconds=seconds)


def format_duration(span: timedelta) -> str:
    """Write a duration the way people write it: the largest units first, no zero parts."""
    left = round(span.total_seconds() * 1000)
    parts: list[str] = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


_TEXT: Final = {
    "type": "string",
    "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d|w))+$",
    "examples": ["30s", "2m", "1h"],
}

Duration: TypeAlias = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(_TEXT),
]
PositiveDuration: TypeAlias = Annotated[Duration, Field(gt=timedelta(0))]


def _switched(value: object) -> object:
    if value is False or value is None:
        return None
    span = parse_duration(value)
    if isinstance(span, timedelta) and span < timedelta(seconds=1):
        raise ValueError("must be at least 1s, or false to switch it off")
    return span


SwitchableDuration: TypeAlias = Annotated[
    timedelta | None,
    BeforeValidator(_switched),
    PlainSerializer(lambda span: format_duration(span) if span else False),
    WithJsonSchema({"anyOf": [_TEXT, {"const": False}]}),
]
"""A duration, or `false` to switch something off (None)."""
