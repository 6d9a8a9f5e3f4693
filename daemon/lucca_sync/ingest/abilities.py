"""What a tenant turned out to do where the documentation leaves it open, remembered per resource."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from lucca_sync.journal.protocol import Journal, ResourceName
from lucca_sync.kit.clock import Clock

CONDITIONAL: Final = "lists answer 304"
STRICT: Final = "unknown filters are refused"
NUMBERED: Final = "pages have numbers"
LARGE: Final = "pages of 1000 records"
_A_DAY: Final = timedelta(days=1)
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


@dataclass(slots=True)
class Hope:
    """What was found not to work is tried again once a day: it may have been a gateway that said so."""

    abilities: Abilities
    what: str
    clock: Clock
    _again: datetime | None = None

    async def given_up(self) -> bool:
        """Tell whether something doesn't work and is not to be tried now."""
        if not await self.abilities.lacks(self.what):
            self._again = None
            return False
        now = self.clock.now()
        if self._again is not None and now >= self._again:
            self._again = now + _A_DAY
            return False
        self._again = self._again or now + _A_DAY
        return True
