"""`lucca-sync explain`: why an event was or was not sent, from the request that showed it to each attempt."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import anyio
import click

from lucca_sync.app.explaining import Explanation, Way, explained
from lucca_sync.cli.entries import (
    change_rows,
    delivery_as_dict,
    delivery_pieces,
    entry_as_dict,
    instant_text,
    what_of,
)
from lucca_sync.cli.exits import FAILED
from lucca_sync.cli.obstacles import windows_in
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.output import Cell, Row, Screen, as_json, screen
from lucca_sync.cli.stored import store_at, store_option
from lucca_sync.ingest.business.aside import Aside
from lucca_sync.model.event import Event, Eye, rfc3339
from lucca_sync.settings.load import read_routes

_ANSWER_STYLES: Final = {"yes": "green", "no": "dim", "unclear": "bold red"}
_SEEN: Final[dict[Eye, str]] = {
    "sweep": "a look at the whole resource",
    "page": "a look at a page of a fixed address",
    "head": "a look at the newest records",
    "count": "a count that differed",
    "gap": "a gap between two listed records",
    "due": "a date that came due",
    "hint": "a webhook of Lucca's",
    "feed": "Lucca's list of events",
    "delta": "a query for what changed since",
    "confirmation": "a read by id",
    "person": "nobody: a person asked for it",
}


@click.command()
@click.argument("event_id", metavar="EVENT")
@config_option
@store_option
@click.option("--values", is_flag=True, help="Show values before and after: personal data, on your screen.")
@output_option
def explain(event_id: str, config: Path, store: Path | None, output: str, *, values: bool) -> None:
    """Tell the whole story of one event: who saw it, in which answer, what differed, which routes want it and
    why, and every attempt to deliver it.

    EVENT is the event's id or enough of its beginning; `lucca-sync events tail` and `lucca-sync dead list`
    show ids. The routes are judged as the settings have them now. Works beside a running daemon, and needs
    neither secrets nor variables.

    \b
    Examples:
      lucca-sync explain 4f1c0a9be2d1
      lucca-sync explain 4f1c0a9be2d1 -o json | jq '.routes[] | select(.answer == "no") | .why'
    """  # noqa: D205, D301 - a long first sentence; \b is how click is told to leave a paragraph as it is
    routes = read_routes(config, os.environ)
    story = anyio.run(explained, store_at(config, store), event_id, routes, windows_in(config))
    if story is None:
        click.echo("lucca-sync: no event, or more than one, has an id that begins like this", err=True)
        raise SystemExit(FAILED)
    if output == "json":
        click.echo(as_json(as_dict(story, values=values), indent=2))
    else:
        show(story, screen(), values=values)


def as_dict(story: Explanation, *, values: bool) -> dict[str, object]:
    """Return the story for programs."""
    return {
        **entry_as_dict(story.entry, values=values),
        "request": story.entry.event.request,
        "because": [entry_as_dict(one, values=values) for one in story.because],
        "set_aside": _aside_as_dict(story.aside) if story.aside else None,
        "routes": [_way_as_dict(way) for way in story.ways],
    }


def _aside_as_dict(aside: Aside) -> dict[str, object]:
    return {"since": rfc3339(aside.since), "fault": aside.fault, "tried": rfc3339(aside.tried)}


def _way_as_dict(way: Way) -> dict[str, object]:
    return {
        "route": way.lane.route,
        "connector": way.lane.connector,
        "answer": way.verdict.answer,
        "why": way.verdict.why,
        "remark": way.remark,
        "delivery": delivery_as_dict(way.delivery) if way.delivery else None,
    }


def show(story: Explanation, out: Screen, *, values: bool) -> None:
    """Write the story for people."""
    event = story.entry.event
    out.line(Cell(f"{event.subject} {event.type}", "bold"), f"  of tenant {event.tenant}")
    out.table(_origin_rows(event), indent=2)
    for cause in story.because:
        what = f"  {cause.event.subject} {what_of(cause.event)}"
        out.line("  because of  ", Cell(cause.event.id, "dim"), what)
    if story.aside is not None:
        since, fault = instant_text(story.aside.since), story.aside.fault
        out.line(
            Cell("  no business events of this person follow", "yellow"),
            f" from changes since {since}: they met a fault of ours ({fault}) and are tried again every hour",
        )
    out.line()
    _show_difference(story, out, values=values)
    out.line()
    out.line(Cell("Routes, as the settings have them now", "bold"), "" if story.ways else "  none")
    for way in story.ways:
        _show_way(way, out)


def _origin_rows(event: Event) -> Iterator[Row]:
    yield "id", event.id
    yield "sequence", f"{event.sequence} of this subject"
    yield "happened", instant_text(event.happened)
    yield "noticed", f"{instant_text(event.recorded)} by {_SEEN[event.detected_by]} ({event.detected_by})"
    if event.request:
        yield "asked", f"GET {event.request}"
    if event.business is not None and event.business.on:
        yield "takes effect", event.business.on


def _show_difference(story: Explanation, out: Screen, *, values: bool) -> None:
    event = story.entry.event
    if story.entry.emptied:
        out.line("What differed is no longer kept: the event is older than `retention`.")
    elif values:
        out.table(change_rows(event), head=("path", "before", "", "after"), indent=2)
    elif event.changes:
        out.line(Cell("Differs in", "bold"), "  ", Cell("  ".join(one.path for one in event.changes), "cyan"))
    else:
        out.line("The record as a whole: there is no single difference. `--values` shows it.")


def _show_way(way: Way, out: Screen) -> None:
    answer = Cell(way.verdict.answer, _ANSWER_STYLES[way.verdict.answer])
    out.line(
        "  ", Cell(f"{way.lane.route} → {way.lane.connector}", "bold"), "  ", answer, f": {way.verdict.why}"
    )
    if way.remark:
        out.line("    ", Cell(way.remark, "yellow"))
    if way.delivery is not None:
        pieces, attempts = delivery_pieces(way.delivery)
        out.line(f"    delivery {way.delivery.key}: ", *pieces)
        out.table(attempts, indent=6)
        if way.delivery.state == "dead":
            replay = f"lucca-sync dead replay {way.delivery.key} --yes"
            out.line("    once mended: ", Cell(replay, "cyan"))
