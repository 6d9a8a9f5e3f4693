"""Who is away: the users behind events about absences, as the snapshot has them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias, cast

import msgspec

from lucca_sync.journal.protocol import JournalReader, ResourceName
from lucca_sync.model.event import Event
from lucca_sync.model.values import JsonObject

Owners: TypeAlias = Mapping[tuple[str, str | None], JsonObject]
"""Records of `users` by tenant and id."""

_USERS: Final = "users"
_CONTENT: Final = msgspec.json.Decoder(dict[str, object])


async def owners_of(events: Iterable[Event], journal: JournalReader) -> Owners:
    """Return the users whom events concern, as far as `users` are watched; raises StoreError."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.employee is not None:
            wanted[event.tenant].add(event.employee)
    found: dict[tuple[str, str | None], JsonObject] = {}
    for tenant, ids in wanted.items():
        for known in (await journal.known(ResourceName(tenant, _USERS), ids)).values():
            if known.content is not None:
                found[tenant, known.id] = cast("JsonObject", _CONTENT.decode(known.content))
    return found
