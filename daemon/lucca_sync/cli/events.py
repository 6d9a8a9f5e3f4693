"""`lucca-sync events`: what changed, as the journal tells it, and what became of each delivery."""

from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Final, Protocol, TypedDict, Unpack, get_args

import anyio
import click

from lucca_sync.app.stores import reading_store
from lucca_sync.cli.entries import change_rows, delivery_as_dict, entry_as_dict, show_entry, tail_pieces
from lucca_sync.cli.exits import FAILED
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.output import Screen, as_json, screen
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.journal.protocol import DeliveryHistory, EventEntry, EventFilter
from lucca_sync.model.event import Kind

_PAUSE: Final = 0.5
"""Seconds between two looks at the journal while following it."""
_AT_ONCE: Final = 500


class Wanted(TypedDict):
    """What `events tail` was asked for."""

    tenant: str | None
    resource: str | None
    record: str | None
    kind: Kind | None
    count: int
    follow: bool
    values: bool
    output: str


@click.group()
def events() -> None:
    """Look at what changed and what became of it, also while the daemon runs.

    Needs only the settings' `store`: neither secrets nor variables have to be there.
    """


@events.command(short_help="Print the newest events; -f follows them.")
@config_option
@store_option
@click.option(
    "-n",
    "--count",
    default=20,
    show_default=True,
    type=click.IntRange(0, 2**31),
    help="Events to begin with.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on as events arrive; Ctrl-C ends it.")
@click.option("--tenant", help="Only events of this tenant.")
@click.option("--resource", help="Only events of this resource, e.g. employees.")
@click.option("--record", help="Only events of the record with this id.")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="Only events of this kind.")
@click.option("--values", is_flag=True, help="Show values before and after: personal data, on your screen.")
@output_option
def tail(config: Path, store: Path | None, **wanted: Unpack[Wanted]) -> None:
    """Print the newest events, oldest first: when, id, what happened to whom, which fields differ.

    \b
    Examples:
      lucca-sync events tail -f
      lucca-sync events tail --resource employees --record 42 --values
      lucca-sync events tail -n 1000 -o json | jq .subject
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    path = store_at(config, store)
    tell = _teller(wanted)
    try:
        anyio.run(_tail, path, wanted, tell)
    except KeyboardInterrupt:
        if not wanted["follow"]:
            raise


@events.command(short_help="Print one event with its values and attempts.")
@click.argument("event_id", metavar="ID")
@config_option
@store_option
@output_option
def show(event_id: str, config: Path, store: Path | None, output: str) -> None:
    """Print one event: every value before and after, and every attempt to deliver it.

    ID is the event's id or enough of its beginning. Prints personal data, because you ask for it.

    \b
    Example:
      lucca-sync events show 4f1c0a9be2d1
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    found = anyio.run(_find, store_at(config, store), event_id)
    if found is None:
        click.echo("lucca-sync: no event, or more than one, has an id that begins like this", err=True)
        raise SystemExit(FAILED)
    entry, deliveries = found
    if output == "json":
        whole = entry_as_dict(entry, values=True)
        click.echo(as_json({**whole, "deliveries": [delivery_as_dict(one) for one in deliveries]}, indent=2))
    else:
        show_entry(entry, deliveries, screen())


class Events(Protocol):
    """What following takes of a journal."""

    async def newest(self, *, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return the last `limit` events, oldest first."""
        ...

    async def events(self, *, after: int, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        """Return up to `limit` events beyond position `after`, in order."""
        ...


async def follow_journal(
    reader: Events, wanted: EventFilter, *, count: int, follow: bool
) -> AsyncGenerator[EventEntry]:
    """Yield the last `count` wanted events and then, when following, each new one, for ever."""
    newest = await reader.newest(limit=max(count, 1), wanted=wanted)
    for entry in newest[:count]:
        yield entry
    position = newest[-1].position if newest else 0
    while follow:
        fresh = await reader.events(after=position, limit=_AT_ONCE, wanted=wanted)
        for entry in fresh:
            yield entry
            position = entry.position
        if not fresh:
            await anyio.sleep(_PAUSE)


async def _tail(path: Path, wanted: Wanted, tell: Callable[[EventEntry], None]) -> None:
    chosen = EventFilter(wanted["tenant"], wanted["resource"], wanted["record"], wanted["kind"])
    async with reading_store(path) as reader:
        async for entry in follow_journal(reader, chosen, count=wanted["count"], follow=wanted["follow"]):
            tell(entry)


async def _find(path: Path, event_id: str) -> tuple[EventEntry, list[DeliveryHistory]] | None:
    async with reading_store(path) as reader:
        entry = await reader.event(event_id)
        return None if entry is None else (entry, list(await reader.history(entry.position)))


def _teller(wanted: Wanted) -> Callable[[EventEntry], None]:
    values = wanted["values"]
    if wanted["output"] == "json":
        return lambda entry: click.echo(as_json(entry_as_dict(entry, values=values)))
    out = screen()
    return lambda entry: _tell(entry, out, values=values)


def _tell(entry: EventEntry, out: Screen, *, values: bool) -> None:
    out.line(*tail_pieces(entry))
    if values:
        out.table(change_rows(entry.event), indent=4)
