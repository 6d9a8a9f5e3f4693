"""`lucca-sync check`: are the settings right, and with --connect, would Lucca and the targets play along?"""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import click

from lucca_sync.cli.exits import CONFIG, FAILED
from lucca_sync.cli.options import config_option, output_option
from lucca_sync.cli.output import Cell, Row, Screen, as_json, screen
from lucca_sync.kit.durations import format_duration
from lucca_sync.model.event import KINDS
from lucca_sync.registry import Plan, load_all
from lucca_sync.settings.model import Route, Tenant
from lucca_sync.settings.pace import least_requests
from lucca_sync.settings.problems import Problem, SettingsError

if TYPE_CHECKING:
    from lucca_sync.app.finding import CheckResult

_WELL: Final = Cell("✓", "green")
_BAD: Final = Cell("✗", "bold red")


@click.command()
@config_option
@click.option("--connect", is_flag=True, help="Also try Lucca's tenants and every target.")
@output_option
def check(config: Path, output: str, *, connect: bool) -> None:
    """Check the settings without starting anything; with --connect, ask Lucca and every target as well.

    Offline, every mistake in the file is told at once, as file:line:column, and nothing leaves this machine.
    With --connect, each resource of each tenant is asked for one record (that takes a request each), and each
    connector proves what it can without sending an event.

    \b
    Examples:
      lucca-sync check                       the file lucca-sync.yaml in this folder
      lucca-sync check -c acme.yaml --connect
      lucca-sync check --output json         for a pipeline; exit code 78 if the settings are wrong
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    try:
        plan = load_all(config, os.environ)
    except SettingsError as error:
        if output == "json":
            click.echo(as_json({"valid": False, "problems": _as_dicts(error.problems)}, indent=2))
            raise SystemExit(CONFIG) from None
        raise
    well = (
        _told_as_json(plan, connect=connect) if output == "json" else _told(plan, screen(), connect=connect)
    )
    if not well:
        raise SystemExit(FAILED)


def _told(plan: Plan, out: Screen, *, connect: bool) -> bool:
    summarise(plan, out)
    if not connect:
        return True
    out.line()
    out.line(Cell("Connections", "bold"))
    failed = anyio.run(count_failed, _connection_checks(plan), partial(show_result, out))
    out.line()
    verdict = f"{failed} of the checks failed" if failed else "all checks passed"
    out.line(_BAD if failed else _WELL, f" {verdict}")
    return not failed


def _told_as_json(plan: Plan, *, connect: bool) -> bool:
    summary = as_dict(plan)
    results: list[CheckResult] = []
    failed = anyio.run(count_failed, _connection_checks(plan), results.append) if connect else 0
    if connect:
        summary["checks"] = [asdict(result) for result in results]
    click.echo(as_json(summary, indent=2))
    return not failed


def _connection_checks(plan: Plan) -> "AsyncIterator[CheckResult]":
    from lucca_sync.app.checks import connection_checks  # noqa: PLC0415 - offline, nobody pays for the client

    return connection_checks(plan)


async def count_failed(results: "AsyncIterator[CheckResult]", tell: "Callable[[CheckResult], object]") -> int:
    """Tell of each result as it comes; return how many were bad."""
    failed = 0
    async for result in results:
        tell(result)
        failed += not result.ok
    return failed


def show_result(out: Screen, result: "CheckResult") -> None:
    """Write a result and, below it, what to do about it."""
    out.line("  ", _WELL if result.ok else _BAD, f" {result.subject}: {result.detail}")
    if result.hint:
        out.line("      ", Cell(f"→ {result.hint}", "yellow"))


def summarise(plan: Plan, out: Screen) -> None:
    """Write what the settings ask for, in the words of the settings."""
    loaded, settings = plan.loaded, plan.loaded.settings
    out.line(_WELL, f" {loaded.locator.file} is valid")
    for name, tenant in settings.tenants.items():
        out.line()
        out.line(Cell(f"Tenant {name}", "bold"), f"  {tenant.url}")
        out.table(_resource_rows(tenant), indent=2)
        out.line("  ", requests_in_words(tenant))
    out.line()
    out.line(Cell("Routes", "bold"), "" if settings.routes else "  none")
    out.table([_route_row(name, route) for name, route in settings.routes.items()], indent=2)
    out.line()
    out.line(Cell("Connectors", "bold"), "" if plan.connectors else "  none")
    out.table([(connector.name, connector.config.type) for connector in plan.connectors], indent=2)
    out.line()
    out.line(
        Cell("Store", "bold"),
        f"  {settings.store}, delivered events kept {format_duration(settings.retention)}, "
        f"their ids and attempts {format_duration(settings.history)}",
    )
    out.line(Cell("Server", "bold"), f"  {settings.server.listen}")
    _warn(loaded.warnings, out)


def _resource_rows(tenant: Tenant) -> Iterator[Row]:
    for name, section in tenant.resources.items():
        extra = "all records as events at first" if section.baseline == "snapshot" else ""
        yield name, f"every {format_duration(section.every)}", extra


def requests_in_words(tenant: Tenant) -> str:
    """Say what the looks cost: the product can't know here how many records there are."""
    least, share = least_requests(tenant), tenant.requests_per_minute
    return f"{least:.3g} of {share:g} requests a minute as long as no resource has more than 100 records"


def _route_row(name: str, route: Route) -> Row:
    what = " and ".join(filter(None, (_changes_of(route), _business_of(route))))
    tenants = f" of {', '.join(route.tenants)}" if route.tenants else ""
    condition = " when it fits" if route.when else ""
    return name, f"{what}{tenants}{condition}", f"→ {', '.join(route.to)}"


def _changes_of(route: Route) -> str:
    """Say which changes of records a route gets; nothing where it gets business events alone."""
    kinds = [kind for kind in route.types if kind in KINDS]
    if not kinds:
        return ""
    resources = "all resources" if route.resources is None else ", ".join(route.resources)
    return resources if len(kinds) == len(KINDS) else f"{resources} ({', '.join(kinds)})"


def _business_of(route: Route) -> str:
    return ", ".join(name for name in route.types if name not in KINDS)


def _warn(warnings: tuple[Problem, ...], out: Screen) -> None:
    if warnings:
        out.line()
        out.line(Cell("Probably not meant", "bold yellow"))
    for warning in warnings:
        out.line("  ", str(warning))


def as_dict(plan: Plan) -> dict[str, object]:
    """Return the same summary for programs."""
    loaded, settings = plan.loaded, plan.loaded.settings
    return {
        "valid": True,
        "file": loaded.locator.file,
        "hash": loaded.hash,
        "tenants": {name: _tenant_dict(tenant) for name, tenant in settings.tenants.items()},
        "routes": {name: route.model_dump(mode="json") for name, route in settings.routes.items()},
        "connectors": {connector.name: connector.config.type for connector in plan.connectors},
        "store": settings.store,
        "listen": settings.server.listen,
        "warnings": _as_dicts(loaded.warnings),
    }


def _tenant_dict(tenant: Tenant) -> Mapping[str, object]:
    return {
        "url": tenant.url,
        "requests_per_minute": tenant.requests_per_minute,
        "least_requests_per_minute": round(least_requests(tenant), 3),
        "resources": {name: format_duration(section.every) for name, section in tenant.resources.items()},
    }


def _as_dicts(problems: tuple[Problem, ...]) -> list[dict[str, object]]:
    return [asdict(problem) for problem in problems]
