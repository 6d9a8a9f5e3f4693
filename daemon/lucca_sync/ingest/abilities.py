"""What a tenant turned out to do where the documentation leaves it open, remembered per resource."""

from dataclasses import dataclass
from typing import Final

import msgspec

from lucca_sync.journal.protocol import Journal, ResourceName

CONDITIONAL: Final = "lists answer 304"
STRICT: Final = "unknown filters are refused"
NUMBERED: Final = "pages have numbers"
LARGE: Final = "pages of 1000 records"
_FOUND: Final = msgspec.json.Decoder(dict[str, bool])


@dataclass(frozen=True, slots=True)
class Abilities:
    """One resource's abilities, by name, kept in a note; what was never found out is not in it."""

    journal: Journal
    name: ResourceName

    async def found(self) -> dict[str, bool]:
        """Return all that was found out."""
        note = await self.journal.note(self._key)
        return _FOUND.decode(note) if note else {}

    async def lacks(self, what: str) -> bool:
        """Tell whether something was found not to work."""
        return (await self.found()).get(what) is False

    async def note(self, what: str, *, has: bool) -> None:
        """Remember whether something works."""
        found = await self.found()
        if found.get(what) is not has:
            await self.journal.write_note(self._key, msgspec.json.encode({**found, what: has}))

    @property
    def _key(self) -> str:
        return f"abilities/{self.name.tenant}/{self.name.resource}"
