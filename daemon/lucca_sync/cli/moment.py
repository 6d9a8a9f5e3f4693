"""Moments on the command line: how long ago (`7d`, `90m`), or a date or time as ISO 8601 writes it."""

from datetime import UTC, datetime, timedelta
from typing import Final

import click

from lucca_sync.kit.clock import SystemClock
from lucca_sync.kit.durations import parse_duration


class Moment(click.ParamType[datetime]):
    """Turns what a person writes into an aware instant in UTC; a time without a zone is taken as UTC."""

    name = "moment"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return what stands for the value in the help."""
        del param, ctx
        return "7d|2026-11-01|2026-11-01T08:00Z"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the value; fail with an example otherwise."""
        if isinstance(value, datetime):
            return value
        found = read_moment(str(value), SystemClock().now())
        if found is None:
            self.fail("must be like 7d (that long ago), 2026-11-01 or 2026-11-01T08:00:00Z", param, ctx)
        return found


MOMENT: Final = Moment()


def check_span(since: datetime | None, until: datetime | None) -> None:
    """Complain about a span that holds nothing."""
    if since is not None and until is not None and until <= since:
        raise click.UsageError("--until must be later than --since")


def read_moment(text: str, now: datetime) -> datetime | None:
    """Read a duration as that long before `now`, else a date or time; None when it is neither."""
    try:
        ago = parse_duration(text)
    except ValueError:
        return _read_instant(text)
    return now - ago if isinstance(ago, timedelta) else None


def _read_instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day there is can't be moved to each zone
        return None
