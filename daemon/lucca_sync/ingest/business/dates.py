"""Who has something to come, and when: kept in memory, learnt from the store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import anyio

from lucca_sync.ingest.business.aside import PutAside
from lucca_sync.ingest.business.book import Book
from lucca_sync.ingest.business.fire import next_due
from lucca_sync.ingest.business.fold import patience
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.business.state import Held, States, held_as

_AT_ONCE: Final = 500


@dataclass(slots=True)
class Dates:
    """The next date of each person who has one."""

    states: States
    book: Book
    places: Places
    _next: dict[str, datetime] = field(default_factory=dict[str, datetime])

    async def learn(self, put_aside: PutAside) -> None:
        """Read everybody's from the store; whoever that breaks down for is set aside."""
        after: str | None = None
        while people := await self.states.scan(after, _AT_ONCE):
            for known in people:
                try:
                    self.keep(held_as(known))
                except Exception as error:  # noqa: BLE001 - whatever it is, it is about one person alone
                    await put_aside(known.id, error, ())
            after = people[-1].id
            await anyio.lowlevel.checkpoint()

    def keep(self, held: Held) -> None:
        """Take over what a person has to come now."""
        due = [*next_due(held.person, self.book, self.places).values()]
        due += [patience(waited) for waited in held.person.waiting.values() if waited]
        if due:
            self._next[held.who] = min(due)
        else:
            self._next.pop(held.who, None)

    def due(self, now: datetime) -> Sequence[str]:
        """Return who has something that is due, those first whose date is the oldest."""
        found = [(at, who) for who, at in self._next.items() if at <= now]
        return [who for _, who in sorted(found)]
