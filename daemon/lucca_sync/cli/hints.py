"""`lucca-sync hints`: Lucca's own webhooks for a tenant: set up, look at, take away."""

import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import anyio
import click

from lucca_sync.app.registration import NotRegistered, Registrar, Standing, registrar
from lucca_sync.app.stores import reading_store, store_path
from lucca_sync.cli.exits import FAILED, TRY_LATER
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.output import Screen, as_json, screen
from lucca_sync.journal.protocol import StoreError
from lucca_sync.lucca.errors import SourceError, Unavailable
from lucca_sync.model.event import rfc3339
from lucca_sync.registry import load_all
from lucca_sync.settings.model import Settings, Tenant

Found = TypeVar("Found")

_ADVICE: Final = {
    "active": "",
    "suspended": "Lucca stopped sending after bad answers: the daemon switches it on again within the hour, "
    "`hints register` at once",
    "inactive": "switched off: `hints register` with the same address switches it on",
}


@click.group()
def hints() -> None:
    """Lucca's own webhooks: with them changes arrive within seconds.

    The daemon takes them in at /hints/TENANT of its server, which must be reachable from the internet over
    https, at best through a proxy that lets only this path in. The OAuth application needs the scopes
    webhook-endpoints.readwrite and, for a ping, webhook-deliveries.readwrite.
    """


@hints.command(short_help="Have Lucca send its webhooks here.")
@click.argument("tenant", required=False)
@click.option("--url", required=True, help="The address as Lucca sees it: https://…/hints/TENANT.")
@click.option(
    "--replace", is_flag=True, help="Make a new endpoint and secret, and take the former ones away."
)
@config_option
@output_option
def register(tenant: str | None, url: str, config: Path, output: str, *, replace: bool) -> None:
    """Have Lucca send its webhooks here: the daemon has to be running, and reachable under the address.

    Makes an endpoint for the topics of the resources that are watched, writes its secret to the file named by
    `hints.secret_file`, switches the endpoint on and waits for a ping. May be run again.

    \b
    Example:
      lucca-sync hints register acme --url https://hooks.example.org/hints/acme
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    name, wanted, _ = _chosen(config, tenant)

    async def work(desk: Registrar) -> bool:
        return await desk.register(url, replace=replace)

    tried_out = _done(name, wanted, output, work)
    if output == "json":
        click.echo(as_json({"tenant": name, "url": url, "done": tried_out}, indent=2))
    if not tried_out:
        raise SystemExit(FAILED)


@hints.command(short_help="Show how the endpoint stands at Lucca.")
@click.argument("tenant", required=False)
@config_option
@output_option
def status(tenant: str | None, config: Path, output: str) -> None:
    """Show how the endpoint stands at Lucca, what failed to be delivered, and when the last hint came.

    The exit code is 1 unless there is exactly one endpoint, and it is active.
    """
    name, wanted, settings = _chosen(config, tenant)

    async def work(desk: Registrar) -> tuple[Sequence[Standing], datetime | None]:
        return await desk.standing(), await _last_hint(settings, name)

    standing, last = _done(name, wanted, output, work)
    if output == "json":
        click.echo(as_json(_as_dict(name, standing, last), indent=2))
    else:
        _show(screen(), name, standing, last)
    if [one.endpoint.status for one in standing] != ["active"]:
        raise SystemExit(FAILED)


@hints.command(short_help="Take the endpoint away at Lucca.")
@click.argument("tenant", required=False)
@config_option
@output_option
def unregister(tenant: str | None, config: Path, output: str) -> None:
    """Take the endpoint away at Lucca; sweeps see everything as before. The secret's file is left alone."""
    name, wanted, _ = _chosen(config, tenant)
    count = _done(name, wanted, output, Registrar.unregister)
    if output == "json":
        click.echo(as_json({"tenant": name, "taken_away": count}, indent=2))
    elif not count:
        screen().line("no endpoint at Lucca leads here")


def _chosen(config: Path, tenant: str | None) -> tuple[str, Tenant, Settings]:
    """Return the tenant that is meant: the only one, where none is named."""
    settings = load_all(config, os.environ).loaded.settings
    if tenant is None and len(settings.tenants) == 1:
        tenant = next(iter(settings.tenants))
    if tenant not in settings.tenants:
        known = ", ".join(settings.tenants)
        raise click.UsageError(f"name one of the tenants: {known}")
    return tenant, settings.tenants[tenant], settings


def _done(name: str, tenant: Tenant, output: str, work: Callable[[Registrar], Awaitable[Found]]) -> Found:
    """Do the work; say in words what Lucca refuses. Steps go where a program that reads isn't disturbed."""
    tell = screen(sys.stderr if output == "json" else sys.stdout).line

    async def working() -> Found:
        async with registrar(name, tenant, tell) as desk:
            return await work(desk)

    try:
        return anyio.run(working)
    except (NotRegistered, SourceError) as error:
        click.echo(f"lucca-sync: {error}", err=True)
        raise SystemExit(TRY_LATER if isinstance(error, Unavailable) else FAILED) from None


async def _last_hint(settings: Settings, name: str) -> datetime | None:
    try:
        async with reading_store(store_path(settings)) as reader:
            return await reader.last_hint(name)
    except StoreError:
        return None


def _as_dict(name: str, standing: Sequence[Standing], last: datetime | None) -> dict[str, object]:
    return {
        "tenant": name,
        "last_hint": rfc3339(last) if last else None,
        "endpoints": [
            {
                "id": one.endpoint.id,
                "status": one.endpoint.status,
                "url": one.endpoint.webhookUrl,
                "topics": list(one.endpoint.topics or ()),
                "waiting": one.waiting,
                "failed": one.failed,
            }
            for one in standing
        ],
    }


def _show(out: Screen, name: str, standing: Sequence[Standing], last: datetime | None) -> None:
    if not standing:
        out.line(f"{name}: no endpoint at Lucca leads here: `lucca-sync hints register {name} --url …`")
    for one in standing:
        endpoint = one.endpoint
        out.line(
            f"{name}: endpoint {endpoint.id} is {endpoint.status}, for {len(endpoint.topics or ())} topics"
        )
        out.line(f"  {endpoint.webhookUrl}")
        if one.failed is not None:
            out.line(f"  deliveries at Lucca: {_many(one.waiting)} waiting, {_many(one.failed)} given up")
        if advice := _ADVICE.get(endpoint.status):
            out.line(f"  → {advice}")
    if len(standing) > 1:
        out.line("  → take all but one away in Lucca, or run `hints register` with --replace")
    out.line(f"  last hint taken: {rfc3339(last) if last else 'never'}")


def _many(count: int | None) -> str:
    most = 100
    return f"{most} or more" if count is not None and count >= most else str(count or 0)
