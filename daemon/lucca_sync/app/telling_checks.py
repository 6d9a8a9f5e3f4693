"""Trying out whether a tenant tells of changes by itself: its list of events, our webhook endpoint there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from lucca_sync.app.finding import CheckResult
from lucca_sync.app.hints import listens, telling_access
from lucca_sync.app.passing import passing_client
from lucca_sync.ingest.decode import UnreadablePage, decode_page
from lucca_sync.kit.secret import SecretUnreadable
from lucca_sync.lucca.client import LuccaClient
from lucca_sync.lucca.endpoints import ACTIVE, Endpoints
from lucca_sync.lucca.errors import ScopeMissing, SourceError
from lucca_sync.lucca.feed import EVENTS, NoEvent, decode_event, order_of
from lucca_sync.settings.model import Tenant

_ORDERS: Final = {
    "newest": "newest first",
    "oldest": "oldest first",
    "any": "too few to tell their order",
    "none": "in no order: of no use",
}
_WITHOUT: Final = "not needed: sweeps see the same, later"
_REGISTER: Final = "run `lucca-sync hints register {name} --url https://…/hints/{name}` once the daemon runs"


async def telling_checks(name: str, tenant: Tenant) -> AsyncIterator[CheckResult]:
    """Check what the settings want to hear of, with a request or two."""
    if not listens(tenant):
        return
    async with passing_client(telling_access(tenant), tenant.requests_per_minute) as client:
        if tenant.eyes.feed:
            yield await _feed(client, f"tenant {name}: events", tenant.url)
        if tenant.hints is not None:
            yield await _endpoint(client, f"tenant {name}: webhooks", name)
            for secret in tenant.hints.secrets:
                try:
                    secret.reveal()
                except SecretUnreadable as error:
                    hint = _REGISTER.format(name=name)
                    yield CheckResult(f"tenant {name}: webhooks", ok=True, detail=str(error), hint=hint)


async def _feed(client: LuccaClient, subject: str, url: str) -> CheckResult:
    """Say whether the list of events is of use; that it is not is no fault."""
    try:
        answer = await client.page(client.first_url(EVENTS), resource=EVENTS, etag=None, purpose="probe")
        items = decode_page(answer.body or b"").items
        now = datetime.min.replace(tzinfo=UTC)
        events = [decode_event(item.raw, url, now, "feed") for item in items]
    except ScopeMissing as missing:
        hint = f"to use it, grant the scope {missing.scope}"
        return CheckResult(subject, ok=True, detail=f"not granted, and {_WITHOUT}", hint=hint)
    except (SourceError, SecretUnreadable, UnreadablePage, NoEvent) as error:
        return CheckResult(subject, ok=True, detail=f"{error}; {_WITHOUT}")
    return CheckResult(
        subject, ok=True, detail=f"{len(events)} on the first page, {_ORDERS[order_of(events)]}"
    )


async def _endpoint(client: LuccaClient, subject: str, name: str) -> CheckResult:
    try:
        ours = await Endpoints(client).ours(name)
    except ScopeMissing as missing:
        hint = f"grant the scope {missing.scope}, and a suspension is noticed and undone"
        return CheckResult(subject, ok=True, detail="Lucca does not let us see how they stand", hint=hint)
    except (SourceError, SecretUnreadable) as error:
        return CheckResult(subject, ok=False, detail=str(error))
    if not ours:
        return CheckResult(subject, ok=True, detail="none are sent here", hint=_REGISTER.format(name=name))
    states = ", ".join(sorted(endpoint.status for endpoint in ours))
    well = states == ACTIVE
    hint = "" if well else f"`lucca-sync hints status {name}` says what to do"
    return CheckResult(subject, ok=well, detail=f"{len(ours)} endpoint of ours: {states}", hint=hint)
