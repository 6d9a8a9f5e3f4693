"""Changes ready to be journaled, and stores filled with them: many events about fewer subjects.

Made without Lucca: one employee of `bench.tenant` a subject, whose family name differs at each event.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import Final

import msgspec

from bench.tenant import HOST, employee
from lucca_sync.ingest.canonical import Canonical, canonicalise
from lucca_sync.journal.protocol import ResourceName, Write
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Event, FieldChange, event_id

TENANT: Final = "bench"
EMPLOYEES: Final = CATALOGUE["employees"]
NAME: Final = ResourceName(TENANT, EMPLOYEES.name)
LANE: Final = Lane("everything", "receiver")
SINCE: Final = datetime(2026, 1, 2, 10, 11, 12, tzinfo=UTC)
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
AT_ONCE: Final = 1000
"""Writes a transaction when a store is filled; how fast that goes is measured elsewhere."""


def record(number: int) -> Canonical:
    """An employee before the first edit."""
    return canonicalise(employee(number, 0), EMPLOYEES)


def edited(before: Canonical, edit: int) -> Canonical:
    """The same employee under another name: all else is canonical already."""
    content = {**before.content, "familyName": f"Family edited {edit}"}
    encoded = _ENCODER.encode(content)
    return Canonical(content, encoded, blake2b(encoded, digest_size=16).digest())


def first_states(subjects: int) -> Iterator[Write]:
    """Take every subject in without telling of it."""
    for number in range(1, subjects + 1):
        state = record(number)
        yield Write(str(number), state.encoded, state.digest, 0)


def edits(subjects: int, times: int, *lanes: Lane) -> Iterator[Write]:
    """Edit every subject once, then every one again, and so on; each edit is an event for these lanes."""
    befores = {number: record(number) for number in range(1, subjects + 1)}
    for edit in range(1, times + 1):
        for number, before in befores.items():
            after = befores[number] = edited(before, edit)
            yield _told(number, edit, before, after, lanes)


def _told(number: int, edit: int, before: Canonical, after: Canonical, lanes: tuple[Lane, ...]) -> Write:
    old, new = before.content["familyName"], after.content["familyName"]
    event = Event(
        id=event_id((TENANT, EMPLOYEES.name, str(number)), after.digest, before.digest, edit),
        tenant=TENANT,
        source=HOST,
        resource=EMPLOYEES.name,
        singular=EMPLOYEES.singular,
        record_id=str(number),
        kind="updated",
        happened=SINCE,
        recorded=SINCE,
        sequence=edit,
        employee=str(number),
        detected_by="page",
        record=after.content,
        previous=before.content,
        changes=(FieldChange("/familyName", old, new),),
    )
    return Write(str(number), after.encoded, after.digest, edit, event, lanes)


def dealt(writes: Iterable[Write], size: int) -> Iterator[list[Write]]:
    """Deal writes out, so many for each transaction."""
    left = iter(writes)
    while some := list(islice(left, size)):
        yield some


async def fill(store: Path, subjects: int, times: int, told: Callable[[int], None] = lambda _: None) -> None:
    """Make a store whose events all wait for the webhook; `told` gets how many of them there are so far."""
    journal = await open_sqlite(store)
    try:
        done = -subjects
        for some in dealt(chain(first_states(subjects), edits(subjects, times, LANE)), AT_ONCE):
            await journal.commit_writes(NAME, SystemClock().now(), some)
            done += len(some)
            told(max(done, 0))
    finally:
        await journal.close()
