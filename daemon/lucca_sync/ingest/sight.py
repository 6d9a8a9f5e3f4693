"""What the settings let us see: filters on a resource, and what they were at the last complete look.

A record that comes into sight, or goes out of it, because somebody changed the filters is nobody's hire or
leave: nothing is told about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from lucca_sync.journal.protocol import Journal, ResourceName
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import JsonObject

_FILTERS: Final = msgspec.json.Decoder(dict[str, str])


def in_sight(filters: Mapping[str, str], content: JsonObject) -> bool:
    """Tell whether filters ask for a record: each names a path (`definition.id`) and possible values."""
    return all(text_at(content, path.split(".")) in wanted.split(",") for path, wanted in filters.items())


@dataclass(frozen=True, slots=True)
class Sight:
    """The filters of a resource over time, kept as notes beside its snapshot."""

    journal: Journal
    name: ResourceName
    filters: Mapping[str, str]

    async def formerly(self) -> Mapping[str, str]:
        """Return the filters of the last complete look; none when there was none."""
        return await self._noted("complete")

    async def begin(self) -> bool:
        """Tell whether a look that was cut off had the same filters, and may go on; note that one begins."""
        return not await self._note("begun")

    async def complete(self) -> None:
        """Note that a look is complete, its absentees dealt with."""
        await self._note("complete")

    async def _note(self, moment: str) -> bool:
        """Remember today's filters; tell whether they are others than those noted."""
        if dict(self.filters) == await self._noted(moment):
            return False
        await self.journal.write_note(self._key(moment), msgspec.json.encode(self.filters))
        return True

    async def _noted(self, moment: str) -> Mapping[str, str]:
        note = await self.journal.note(self._key(moment))
        return _FILTERS.decode(note) if note else {}

    def _key(self, moment: str) -> str:
        return f"filters/{self.name.tenant}/{self.name.resource}/{moment}"
