"""What is held back, as a store tells it to a command, and the decision that a command leaves there.

Works beside a running daemon: looking takes nothing, and a decision is one note.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lucca_sync.app.stores import leave_note_in, reading_store
from lucca_sync.ingest.held import (
    DECIDED,
    HELD,
    Decision,
    Held,
    decision_key,
    decode_decision,
    decode_held,
    encoded,
    resources_in,
)
from lucca_sync.journal.protocol import ResourceName


@dataclass(frozen=True, slots=True)
class HeldNow:
    """What is held of a resource, and the decision about it that no daemon has taken up yet."""

    name: ResourceName
    held: Held
    waiting: Decision | None


async def held_sets(store: Path) -> Sequence[HeldNow]:
    """Return all that is held, as a store tells it; also while a daemon runs on it."""
    async with reading_store(store) as reader:
        held = resources_in(await reader.notes(HELD), HELD)
        decided = resources_in(await reader.notes(DECIDED), DECIDED)
    found = {name: decode_held(note) for name, note in held.items()}
    return [HeldNow(name, one, _waiting(one, decided.get(name))) for name, one in found.items() if one]


def _waiting(held: Held, note: bytes | None) -> Decision | None:
    decision = decode_decision(note) if note else None
    return decision if decision is not None and decision.since == held.since else None


async def leave_decision(store: Path, name: ResourceName, decision: Decision) -> None:
    """Leave a decision for the daemon on this store: it takes it up within seconds, or when it starts."""
    await leave_note_in(store, decision_key(name), encoded(decision))
