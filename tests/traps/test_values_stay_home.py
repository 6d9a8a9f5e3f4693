"""Trap 55: bank accounts and insurance numbers reach no log, no metric, no note, and no route unasked."""

from typing import Final

import pytest
from msgspec import structs
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from lucca_sync.egress.handout import handed_out
from lucca_sync.egress.route import Route, Router
from lucca_sync.egress.transform import cut
from lucca_sync.lucca.errors import Unavailable
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.event import Event
from lucca_sync.model.values import JsonObject
from tests.egress.events import claim
from tests.ingest.braking import of
from tests.ingest.tenant import FakeTenant
from tests.ingest.watching import Scene

pytestmark = pytest.mark.looptime

RECORDS: Final = "employee-personal-records"
CANARY: Final = "FR7630006000011234567890189"


def confidence(number: int, canary: str = CANARY) -> JsonObject:
    return {
        "employee": {"id": str(number), "type": "employee"},
        "bankAccount": {"format": "iban", "accountIdentifier": f"{canary}-{number}"},
        "insuranceNumber": {"format": "frenchSSN", "value": f"{canary}-{number}"},
        "birthDate": "2026-04-31",
    }


async def watched(people: int) -> Scene:
    tenant = FakeTenant(page_size=20)
    for number in range(people):
        tenant.put(str(number), **confidence(number))
    scene = Scene(tenant, watched=of(RECORDS))
    scene.metrics.initialise_tenant("acme", [RECORDS])
    await scene.look()
    return scene


def garbled(body: bytes) -> bytes:
    return body[:-30]


def beyond_numbers(body: bytes) -> bytes:
    return body.replace(b'"format":"iban"', b'"format":1e99999', 1)


def without_identity(body: bytes) -> bytes:
    return body.replace(b'"id":"3"', b'"id":null', 1)


async def told_while_things_go_wrong(scene: Scene) -> None:
    """Let everything happen that makes a resource's watch speak: bad bodies, trouble, faults, the brake."""
    tenant = scene.tenant
    for spoil in (garbled, beyond_numbers, without_identity):
        tenant.bodies = {"/first": spoil}
        tenant.put("1", bankAccount={"accountIdentifier": CANARY + spoil.__name__})
        await scene.look()
    tenant.bodies = {}
    tenant.trouble = {"/first": [Unavailable("the answer did not come back whole", "unreachable")]}
    await scene.look()
    for number in range(60):
        tenant.put(str(number), bankAccount=None)
    await scene.look()
    tenant.records.clear()
    await scene.look()


async def test_no_trouble_makes_a_value_known_to_logs_metrics_or_notes() -> None:
    scene = await watched(60)
    with capture_logs() as logs:
        await told_while_things_go_wrong(scene)
    spoken = {line["event"] for line in logs}
    assert {"look_failed", "page_quarantined", "record_quarantined", "brake_held"} <= spoken
    notes = await scene.journal.notes("")
    assert notes
    exported = generate_latest(scene.metrics.registry)
    everything = f"{logs}{dict(notes)}{exported!r}{await scene.events()}"
    assert CANARY not in everything
    assert "iban" not in everything


async def changed_account() -> Event:
    scene = await watched(3)
    scene.tenant.put("1", **confidence(1, "new-account"))
    await scene.look()
    (event,) = await scene.events()
    return event


async def test_a_route_that_names_no_fields_gets_nothing_of_a_personal_record() -> None:
    event = await changed_account()
    resource = CATALOGUE[RECORDS]
    assert not Router([Route("all", None, ("chat",))]).lanes(event)
    shown = cut(structs.replace(event, kind="created"), None, resource)
    assert (shown.record or {}).keys() == {"id", "employee", "lastUpdatedAt"}
    assert shown.changes == ()


async def test_a_route_gets_the_one_field_that_it_names_and_no_other() -> None:
    event = await changed_account()
    bank = Route("bank", frozenset({RECORDS}), ("payroll",), fields=frozenset({"bankAccount"}))
    assert Router([bank]).lanes(event)
    handed = handed_out(claim(event), bank)
    assert isinstance(handed, Delivery)
    shown = handed.event
    assert (shown.record or {}).keys() == (shown.previous or {}).keys() == {"id", "bankAccount"}
    assert {change.path.split("/")[1] for change in shown.changes} == {"bankAccount"}
