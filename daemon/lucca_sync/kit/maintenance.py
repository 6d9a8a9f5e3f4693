"""A maintenance window as people write it in YAML."""

import re
from datetime import time
from typing import Annotated, Final, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from lucca_sync.kit.windows import DAYS, Day, Weekly

_CLOCK_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _clock_time(value: object) -> object:
    """Take only text such as 22:30: YAML and pydantic read other things as times too."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not _CLOCK_TIME.fullmatch(value):
        raise ValueError('must be a time of the day in quotes: "HH:MM"')
    return time.fromisoformat(value)


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise ValueError("unknown time zone, such as Europe/Paris") from None
    return text


def _different(days: tuple[Day, ...]) -> tuple[Day, ...]:
    if not days or len(set(days)) < len(days):
        raise ValueError("must name days, each once")
    return days


ClockTime: TypeAlias = Annotated[
    time,
    BeforeValidator(_clock_time),
    PlainSerializer(lambda instant: f"{instant:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK_TIME.pattern}$", "examples": ["22:30"]}),
]


class MaintenanceWindow(BaseModel):
    """A time of the week in which nothing is sent; deliveries wait, and none counts as failed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    days: Annotated[tuple[Day, ...], AfterValidator(_different)] = DAYS
    """Days on which it begins: `mon` to `sun`. Default: each day."""

    begins: ClockTime = Field(alias="from")
    """When it begins, such as `"22:30"`."""

    until: ClockTime
    """When it ends; on the next day where that is not later than `from`."""

    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Paris"
    """Whose clock that is, an IANA name."""

    @property
    def weekly(self) -> Weekly:
        """The same as a window that can be reckoned with."""
        return Weekly(frozenset(self.days), self.begins, self.until, ZoneInfo(self.timezone))
