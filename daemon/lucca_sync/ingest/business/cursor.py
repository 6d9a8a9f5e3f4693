"""How far a tenant's raw events have been folded, as a note in the store: retention must not overtake it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

PREFIX: Final = "business/"
ASIDE: Final = "business-aside/"
"""Notes of people who are set aside: `lucca_sync.ingest.business.aside`."""
_LOOKED_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seeded:
    """A resource whose baseline was taken in: under which rules, and when that baseline had ended.

    `looked` is when its snapshot was last gone through.
    """

    digest: str
    until: datetime | None
    looked: datetime | None = None

    def is_recent(self, now: datetime) -> bool:
        """Tell whether the snapshot need not be gone through again yet."""
        return self.looked is not None and abs(now - self.looked) < _LOOKED_EVERY


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where folding stands: every event up to `position` was folded, and what was recorded before `since`.

    `seeded` are the resources whose snapshots were taken in, by name.
    """

    position: int
    since: datetime
    seeded: Mapping[str, Seeded] = field(default_factory=dict[str, Seeded])


@dataclass(frozen=True, slots=True)
class _Needed:
    """What notes of both kinds hold: since when events are needed."""

    since: datetime


_DECODER: Final = msgspec.json.Decoder(Cursor)
_NEEDED: Final = msgspec.json.Decoder(_Needed)


def key_of(tenant: str) -> str:
    """Return the key of a tenant's note."""
    return f"{PREFIX}{tenant}"


def encode(cursor: Cursor) -> bytes:
    """Write the note."""
    return msgspec.json.encode(cursor)


def decode(note: bytes) -> Cursor:
    """Read the note."""
    return _DECODER.decode(note)


def folded_until(notes: Mapping[str, bytes], tenants: Collection[str]) -> datetime | None:
    """Return the instant from which on events are still needed; None when nobody needs any.

    `notes` are those under `PREFIX` and `ASIDE`; of tenants that the settings have no longer nobody reads on.
    """
    keys, asides = {key_of(tenant) for tenant in tenants}, tuple(f"{ASIDE}{tenant}/" for tenant in tenants)
    needed = (note for key, note in notes.items() if key in keys or key.startswith(asides))
    return min((_NEEDED.decode(note).since for note in needed), default=None)
