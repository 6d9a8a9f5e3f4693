"""Trying out, before a single event flows, whether Lucca and every target would play along.

Uses a few requests of the tenant's budget, writes nothing, and may run beside a daemon.
"""

from collections.abc import AsyncIterator
from typing import Final

import anyio

from lucca_sync.app.finding import CheckResult
from lucca_sync.app.passing import passing_client
from lucca_sync.app.telling_checks import telling_checks
from lucca_sync.app.translate import (
    absences_of,
    access_of,
    filters_of,
    probed_resources,
    resource_of,
    surroundings_of,
)
from lucca_sync.connector import CheckFailed
from lucca_sync.ingest.decode import UnreadablePage, decode_page
from lucca_sync.ingest.probing import Probing
from lucca_sync.kit.clock import SystemClock
from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.lucca.client import LuccaClient
from lucca_sync.lucca.errors import CredentialsRefused, RightMissing, ScopeMissing, SourceError, Unavailable
from lucca_sync.model.catalogue import Resource
from lucca_sync.registry import ConnectorPlan, Plan
from lucca_sync.settings.model import ResourceSettings, Tenant

CONNECTOR_SECONDS: Final = 60
CLOSE_SECONDS: Final = 5
"""What a connector may take to try itself out, and to close: a stranger's could wait for ever."""

_ATTRIBUTES: Final = "employee-attributes"
_SECTIONS_ADVICE: Final = (
    "if this tenant has attributes, look at the HR-file sections granted to the application in Lucca: "
    "with all sections selected it answers 200 and nothing; grant one dedicated section instead"
)
_EMPTY_ADVICE: Final = (
    "if there should be some, look at the establishments granted to the application in Lucca"
)


async def connection_checks(plan: Plan) -> AsyncIterator[CheckResult]:
    """Check each resource of each tenant, then each connector."""
    for name, tenant in plan.loaded.settings.tenants.items():
        async for result in _tenant_checks(name, tenant):
            yield result
        async for found in telling_checks(name, tenant):
            yield found
    for connector in plan.connectors:
        yield await _connector_check(connector)


async def _tenant_checks(name: str, tenant: Tenant) -> AsyncIterator[CheckResult]:
    async with passing_client(access_of(tenant), tenant.requests_per_minute) as client:
        seen = set[str]()
        for resource, wanted in tenant.resources.items():
            result = await _resource_check(client, f"tenant {name}: {resource}", resource, wanted)
            seen |= {resource} if result.ok else set()
            yield result
        for probed in (one for one in probed_resources(tenant) if one.name in seen):
            yield await _abilities_check(client, f"tenant {name}: Lucca's habits ({probed.name})", probed)


async def _resource_check(
    client: LuccaClient, subject: str, name: str, wanted: ResourceSettings
) -> CheckResult:
    resource = resource_of(name, wanted)
    filters = {**filters_of(wanted), **absences_of(resource, wanted, SystemClock())}
    url = client.first_url(resource, {**filters, "include": "links,totalCount"}, limit=1)
    try:
        answer = await client.page(url, resource=resource, etag=None, purpose="probe")
        page = decode_page(answer.body or b"")
    except (SourceError, SecretUnreadable, UnreadablePage) as error:
        return CheckResult(subject, ok=False, detail=str(error), hint=_advice(error))
    detail = f"{page.total if page.total is not None else len(page.items)} records visible"
    detail += ", with ETag" if answer.etag else ", without ETag: unchanged pages cost a download"
    if page.total == 0 or not page.items:
        return CheckResult(
            subject, ok=True, detail=detail, hint=_SECTIONS_ADVICE if name == _ATTRIBUTES else _EMPTY_ADVICE
        )
    return CheckResult(subject, ok=True, detail=detail)


async def _abilities_check(client: LuccaClient, subject: str, resource: Resource) -> CheckResult:
    """Show what the documentation leaves open; none of it is a fault."""
    try:
        found = await Probing(client, resource).find_out()
    except (SourceError, SecretUnreadable, UnreadablePage) as error:
        return CheckResult(subject, ok=False, detail=str(error), hint=_advice(error))
    said = ", ".join(f"{question}: {'yes' if answer else 'no'}" for question, answer in found.items())
    return CheckResult(subject, ok=True, detail=said or "too few records to tell")


def _advice(error: Exception) -> str:
    match error:
        case RightMissing():
            return "give the role of the API key that right in Lucca, under API keys"
        case ScopeMissing():
            return f"grant the scope {error.scope} to the application in Lucca"
        case CredentialsRefused():
            return "compare client_id and client_secret (or legacy_api_key) with those in Lucca"
        case Unavailable():
            return "try again in a minute; if it stays, look at the network between here and Lucca"
        case _:
            return ""


async def _connector_check(plan: ConnectorPlan) -> CheckResult:
    subject = f"connector {plan.name} ({plan.config.type})"
    try:
        with anyio.move_on_after(CONNECTOR_SECONDS) as scope:
            await _checked(plan)
    except CheckFailed as error:
        return CheckResult(subject, ok=False, detail=str(error))
    except Exception as error:  # noqa: BLE001 - foreign code may raise anything; its text could hold a secret
        return CheckResult(subject, ok=False, detail=f"failed with {type(error).__name__}")
    if scope.cancelled_caught:
        return CheckResult(subject, ok=False, detail=f"no answer within {CONNECTOR_SECONDS} s")
    return CheckResult(subject, ok=True, detail="ready")


async def _checked(plan: ConnectorPlan) -> None:
    connector = plan.cls(plan.config, surroundings_of(plan.name, SystemClock()))
    try:
        await connector.open()
        await connector.check()
    finally:
        with anyio.move_on_after(CLOSE_SECONDS, shield=True):
            await connector.close()
