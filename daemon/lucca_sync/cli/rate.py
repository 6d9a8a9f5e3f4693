"""How often, on the command line: `20/min`, `2/s`, `100/h`, or just a number a minute."""

from collections.abc import Mapping
from typing import Final

import click

_PER_MINUTE: Final[Mapping[str, float]] = {
    "": 1.0,
    "s": 60.0,
    "sec": 60.0,
    "min": 1.0,
    "m": 1.0,
    "h": 1 / 60,
    "hour": 1 / 60,
}


class PerMinute(click.ParamType[float]):
    """Turns what a person writes into a number a minute."""

    name = "rate"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number of times a minute."""
        if isinstance(value, float):
            return value
        number, _, unit = str(value).partition("/")
        try:
            rate = float(number) * _PER_MINUTE[unit.strip()]
        except (ValueError, KeyError):
            rate = -1.0
        if not 0 <= rate < float("inf"):
            self.fail("a rate is written like 20/min, 2/s or 100/h", param, ctx)
        return rate


PER_MINUTE: Final = PerMinute()
