"""`lucca-sync simulate`: an invented Lucca tenant to rehearse with, and what one needs to know to do so."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TypedDict, Unpack

import anyio
import click
import msgspec
from rich.console import Console
from rich.text import Text

from lucca_sync.cli.rate import PER_MINUTE
from lucca_sync.simulator import PRESETS, LedgerEntry, Simulator, SimulatorOptions
from lucca_sync.simulator.options import EventsKept, EventsOrder

DEFAULT_PORT = 8400
_COLOURS = {"created": "green", "updated": "yellow", "deleted": "red"}
_INTRODUCTION = """\
A simulated Lucca tenant with {employees} invented employees is at your service.

  API            {url}/lucca-api/employees
  token          {url}/connect/token
  client id      {client_id}
  client secret  {client_secret}
  legacy key     {api_key}
  limit          {limit}
  life           {life}
  time           {time}
  misbehaviours  {misbehaviours}

Paste this into your settings:

tenants:
  simulated:
    url: {url}
    token_url: {url}/connect/token
    client_id: {client_id}
    client_secret: {client_secret}
    legacy_api_key: {api_key}
    requests_per_minute: {share}
    resources:
      employees: {{every: 30s}}
      employments: {{every: 1m}}
      job-positions: {{every: 1m}}
      departments: {{every: 1m}}
      employee-attributes: {{every: 2m}}

Play with it:

  curl {url}/control/
  curl {url}/control/changes -d '{{"action": "rename", "employee": "12"}}'
  curl {url}/control/changes -d '{{"action": "hire", "given_name": "Zoé", "family_name": "Renoir"}}'
  curl -X PUT {url}/control/life -d '{{"per_minute": 20}}'
  curl {url}/control/misbehaviours -d '["429-storm", "resets"]'
  curl -X DELETE {url}/control/misbehaviours

Ctrl-C ends it.
"""


class Chosen(TypedDict):
    """The options of the command line."""

    employees: int
    seed: int
    alive_per_minute: float
    host: str
    port: int
    requests_per_minute: int
    speed: float
    misbehave: tuple[str, ...]
    events: EventsKept
    events_order: EventsOrder
    webhook_host: tuple[str, ...]
    leaves_v5: bool
    no_gzip: bool
    verbose: bool


class _Terminal(Console):
    """Ends the command in order when nobody reads its output any more, as with `| head`."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)


_EPILOG = "\b\nMisbehaviours (all of them, and more, at /control/ while it runs):\n" + "\n".join(
    f"  {name:21} {preset.what}" for name, preset in PRESETS.items()
)


@click.command(short_help="An invented Lucca tenant to rehearse with.", epilog=_EPILOG)
@click.option(
    "--employees",
    default=50,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="How many people it begins with.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same people and life.")
@click.option(
    "--alive",
    "alive_per_minute",
    type=PER_MINUTE,
    default=0.0,
    help="Changes by themselves, in its own time, e.g. 20/min.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="The port to listen on; 0 for one that is free.",
)
@click.option(
    "--requests-per-minute",
    default=50,
    show_default=True,
    type=click.IntRange(0),
    help="The tenant's limit; 0 for none.",
)
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="How many times faster its world lives: days, life, limit, tokens, webhook retries.",
)
@click.option(
    "--misbehave",
    multiple=True,
    type=click.Choice(list(PRESETS)),
    metavar="NAME",
    help="A misbehaviour from the list below; may be given several times.",
)
@click.option(
    "--events",
    default="while-subscribed",
    show_default=True,
    type=click.Choice(["while-subscribed", "always"]),
    help="When /lucca-api/events remembers.",
)
@click.option(
    "--events-order",
    default="oldest-first",
    show_default=True,
    type=click.Choice(["oldest-first", "newest-first", "unordered"]),
    help="How /lucca-api/events lists.",
)
@click.option(
    "--webhook-host",
    multiple=True,
    help="A host that webhooks may be sent to besides this machine; may be given several times.",
)
@click.option("--leaves-v5", is_flag=True, help="Switch on the absences of the current API.")
@click.option("--no-gzip", is_flag=True, help="Answer without compression.")
@click.option("--verbose", is_flag=True, help="Print the new values of each change as well.")
def simulate(**chosen: Unpack[Chosen]) -> None:
    """Serve an invented Lucca tenant, with its token endpoint and a control API, until Ctrl-C.

    What it prints first can be pasted into settings, and shows how to change people by hand. Nothing leaves
    this machine.

    \b
    Examples:
      lucca-sync simulate --alive 20/min
      lucca-sync simulate --employees 5000 --misbehave 429-storm
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    options = SimulatorOptions(
        employees=chosen["employees"],
        seed=chosen["seed"],
        alive_per_minute=chosen["alive_per_minute"],
        requests_per_minute=chosen["requests_per_minute"],
        speed=chosen["speed"],
        events=chosen["events"],
        events_order=chosen["events_order"],
        webhook_hosts=frozenset(chosen["webhook_host"]),
        leaves_v5=chosen["leaves_v5"],
        gzip=not chosen["no_gzip"],
    )
    host, port = chosen["host"], chosen["port"]
    console = _Terminal(highlight=False, soft_wrap=True)
    simulator = Simulator(options)
    simulator.misbehave_as(*chosen["misbehave"])
    simulator.world.ledger.listen(_printer(simulator, console, verbose=chosen["verbose"]))
    try:
        anyio.run(_serve, simulator, host, port, console, chosen["misbehave"])
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error


async def _serve(
    simulator: Simulator, host: str, port: int, console: Console, misbehave: Sequence[str]
) -> None:
    # Caught before anything is printed: whoever reads the introduction may already end it.
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with simulator.serving(host, port) as url:
            console.print(_introduction(simulator.options, url, misbehave), markup=False)
            async for _ in signals:
                break
    console.print("The simulated tenant is gone.")


def _introduction(options: SimulatorOptions, url: str, misbehave: Sequence[str]) -> str:
    reachable = url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    limit, life = options.requests_per_minute, options.alive_per_minute
    return _INTRODUCTION.format(
        url=reachable,
        employees=options.employees,
        client_id=options.client_id,
        client_secret=options.client_secret,
        api_key=options.api_key,
        limit=f"{limit} requests a minute" if limit else "none",
        life=f"{life:g} changes a minute" if life else "none: it changes when you tell it to",
        time=f"{options.speed:g} times as fast as here" if options.speed != 1 else "as here",
        misbehaviours=", ".join(misbehave) or "none until you switch some on",
        share=_share(limit, options.speed),
    )


def _share(limit: int, speed: float) -> str:
    """Return what a client may ask for in one of its own minutes."""
    return f"{limit * speed:g}" if limit else "600"


def _printer(simulator: Simulator, console: Console, *, verbose: bool) -> Callable[[LedgerEntry], None]:
    """Return what prints a line for each change: which record and what, values only if asked for."""

    def line_of(entry: LedgerEntry) -> None:
        line = Text(f"{entry.at[11:19]}  ")
        line.append(f"{entry.kind:8}", style=_COLOURS[entry.kind])
        line.append(f"{entry.resource}/{entry.id}  {entry.what}  {', '.join(entry.fields)}".rstrip())
        if verbose:
            line.append(_values(simulator, entry), style="dim")
        console.print(line)

    return line_of


def _values(simulator: Simulator, entry: LedgerEntry) -> str:
    view = simulator.record(entry.resource, entry.id)
    if view is None or not entry.fields:
        return ""
    values = {name: view.get(name) for name in entry.fields}
    return "  " + msgspec.json.encode(values).decode()
