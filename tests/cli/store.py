"""A journal on disk with a few events, one delivered, one failing, made as the daemon makes it."""

from datetime import timedelta
from pathlib import Path

from lucca_sync.journal.protocol import ResourceName, Settlement, Write
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event, FieldChange
from lucca_sync.testing.events import NOON, an_event

CRM, CHAT = Lane("people", "crm"), Lane("news", "chat")
HIRED = an_event(kind="created", record_id="7", record={"id": "7", "givenName": "Ada"}, changes=())
RENAMED = an_event(
    record_id="7",
    sequence=2,
    recorded=NOON + timedelta(minutes=1),
    record={"id": "7", "givenName": "Grace", "tags": None},
    previous={"id": "7", "givenName": "Ada", "tags": ["a"]},
    changes=(FieldChange("/givenName", "Ada", "Grace"), FieldChange("/tags", ["a"], None)),
)
GONE = an_event(
    kind="deleted",
    tenant="other",
    resource="departments",
    singular="department",
    record_id="3",
    recorded=NOON + timedelta(minutes=2),
    previous={"id": "3", "name": "Sales\x1b[31m"},
    employee=None,
    changes=(),
)


def write_of(event: Event, *lanes: Lane) -> Write:
    content = None if event.kind == "deleted" else b"{}"
    return Write(
        event.record_id, content, b"" if content is None else b"d" * 16, event.sequence, event, lanes
    )


async def fill(path: Path) -> None:
    """Write three events; deliver the first to both lanes, once after a failure."""
    journal = await open_sqlite(path)
    employees, departments = ResourceName("acme", "employees"), ResourceName("other", "departments")
    await journal.commit_writes(employees, NOON, [write_of(HIRED, CRM, CHAT)])
    await journal.commit_writes(employees, NOON, [write_of(RENAMED, CRM)])
    earlier = Write("3", b"{}", b"d" * 16, 0)
    await journal.commit_writes(departments, NOON, [earlier])
    await journal.commit_writes(departments, NOON, [write_of(GONE)])
    for number, lane in enumerate((CRM, CHAT)):
        (claim,) = await journal.claim(lane, now=NOON, lease=timedelta(minutes=1), limit=1)
        if number == 0:
            due = NOON + timedelta(seconds=5)
            failed = Settlement(claim.key, claim.attempt, "retrying", NOON, "the target answered 503", due)
            await journal.settle([failed])
            (claim,) = await journal.claim(lane, now=due, lease=timedelta(minutes=1), limit=1)
        at = NOON + timedelta(seconds=10)
        await journal.settle([Settlement(claim.key, claim.attempt, "done", at)])
    await journal.close()
