"""A journal on disk whose deliveries stand in every state, and the settings that go with it."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from lucca_sync.journal.protocol import DeliveryEntry, DeliveryFilter, ResourceName, Settlement
from lucca_sync.journal.sqlite import open_sqlite, read_sqlite
from lucca_sync.journal.sqlite.journal import SqliteJournal
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import FieldChange
from lucca_sync.testing.events import NOON, an_event
from tests.cli.store import write_of

CRM: Final = Lane("people", "crm")
SETTINGS: Final = """\
version: 1
tenants:
  acme:
    url: https://acme.ilucca.net
    client_id: ${NOBODY_SET_THIS}
    client_secret: ${NOR_THIS}
    resources: {employees: {}, departments: {}}
store: sqlite:journal.db
connectors:
  crm: {type: webhook, url: "https://crm.example.org", secret: "${NOR_THAT}"}
  chat: {type: webhook, url: "https://chat.example.org", secret: "${NOR_THAT}"}
routes:
  people: {resources: [employees], to: [crm]}
  adults: {resources: [employees], when: "record.age == 'adult'", to: [chat]}
"""
HIRED = {name: an_event(kind="created", record_id=name, record={"id": name}, changes=()) for name in "12345"}
RENAMED = an_event(
    record_id="1",
    sequence=2,
    record={"id": "1", "familyName": "New"},
    changes=(FieldChange("/familyName", "Old", "New"),),
)
EMPLOYEES = ResourceName("acme", "employees")


async def fill(path: Path) -> None:
    """Journal five hires: 1 dead (with a rename behind), 2 dead, 3 retrying, 4 parked, 5 done."""
    journal = await open_sqlite(path)
    await journal.commit_writes(EMPLOYEES, NOON, [write_of(event, CRM) for event in HIRED.values()])
    await _settle(journal, "1", "dead", "the target answered 404")
    await _settle(journal, "2", "dead", "the target answered 404")
    await _settle(journal, "3", "retrying", "the target answered 503", hours=6)
    await _settle(journal, "4", "parked", "no employee number")
    await _settle(journal, "5", "done", "")
    await journal.commit_writes(EMPLOYEES, NOON, [write_of(RENAMED, CRM)])
    await journal.close()


async def _settle(
    journal: SqliteJournal, record_id: str, state: str, reason: str, hours: int | None = None
) -> None:
    claims = await journal.claim(CRM, now=NOON, lease=timedelta(minutes=1), limit=10)
    (mine,) = [claim for claim in claims if claim.event.record_id == record_id]
    await journal.release([claim for claim in claims if claim is not mine])
    due = None if hours is None else NOON + timedelta(hours=hours)
    await journal.settle([Settlement(mine.key, mine.attempt, state, NOON, reason, due)])  # type: ignore[arg-type]


async def deliveries(path: Path) -> Sequence[DeliveryEntry]:
    """Return every delivery in the store."""
    reader = await read_sqlite(path)
    found = await reader.deliveries(after=0, limit=1000, wanted=DeliveryFilter())
    await reader.close()
    return found


async def claim_one(path: Path) -> int:
    """Leave one delivery in flight, as a daemon that was killed does; return its number."""
    journal = await open_sqlite(path)
    (claim,) = await journal.claim(CRM, now=NOON, lease=timedelta(days=999), limit=1)
    await journal.close()
    return claim.key


async def reopen(path: Path) -> None:
    """Open the store as the daemon does, and close it."""
    await (await open_sqlite(path)).close()
