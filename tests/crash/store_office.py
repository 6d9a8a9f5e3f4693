"""A day at a journal by chance: events come, deliveries are claimed and settled, people act, old things go.

The same seed makes the same day, whichever journal it is acted out on: that is how a journal whose disk lost
power is compared with others that lived through the same.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from lucca_sync.journal.protocol import Claim, DeliveryFilter, EventFilter, Journal, Settlement
from lucca_sync.model.delivery import OPEN_STATES, Lane
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import HOUR, LEASE, MINUTE, NAME, dead, done, parked, retrying, told

RECORDS = ("1", "2", "3")
OTHER = Lane("a-route", "another-connector")

Act: TypeAlias = Callable[[Journal], Awaitable[object]]


@dataclass
class Office:
    """Draws acts; `held` are claims that nobody has settled yet."""

    chance: Random
    sequence: int = 0
    held: list[Claim] = field(default_factory=list[Claim])

    async def next_act(self, journal: Journal) -> Act:
        """Draw what happens next, given how a journal stands."""
        draws = [self._arrival, self._claim, self._claim, self._verdict, self._verdict, self._release]
        draws += [self._note, self._upkeep]
        draw = self.chance.choice(draws)
        return draw() if self.chance.random() < 0.8 else await self._person(journal)

    def _arrival(self) -> Act:
        self.sequence += 1
        text = f"entry {self.sequence}"
        writes = [told(record, text, self.sequence, lanes=(LANE, OTHER)) for record in RECORDS]
        return lambda journal: journal.commit_writes(NAME, NOON, writes)

    def _claim(self) -> Act:
        lane, limit = self.chance.choice((LANE, OTHER)), self.chance.randrange(1, 4)

        async def claim(journal: Journal) -> Sequence[Claim]:
            return await journal.claim(lane, now=NOON + HOUR, lease=LEASE, limit=limit)

        return claim

    def _verdict(self) -> Act:
        self.chance.shuffle(self.held)
        count = self.chance.randrange(1, 4)
        settled, self.held = self.held[:count], self.held[count:]
        settlements = [self._settlement(claim) for claim in settled]
        return lambda journal: journal.settle(settlements)

    def _settlement(self, claim: Claim) -> Settlement:
        return self.chance.choice(
            (
                done(claim),
                done(claim),
                retrying(claim, NOON + MINUTE),
                parked(claim),
                dead(claim),
                dead(claim, hold=True),
            )
        )

    def _release(self) -> Act:
        given, self.held = self.held[:1], self.held[1:]
        return lambda journal: journal.release(given)

    def _note(self) -> Act:
        key, value = f"note/{self.chance.randrange(3)}", self.chance.randbytes(20)
        if self.chance.random() < 0.3:
            return lambda journal: journal.drop_note(key)
        return lambda journal: journal.write_note(key, value)

    def _upkeep(self) -> Act:
        limit = self.chance.randrange(1, 6)
        if self.chance.random() < 0.5:
            return lambda journal: journal.empty(NOON + HOUR, limit)
        return lambda journal: journal.prune(NOON + HOUR, limit)

    async def _person(self, journal: Journal) -> Act:
        waiting = DeliveryFilter(states=("parked", "dead", "retrying"))
        keys = [entry.key for entry in await journal.deliveries(after=0, limit=99, wanted=waiting)]
        events = await journal.events(after=0, limit=99, wanted=EventFilter())
        some = self.chance.sample(keys, min(2, len(keys)))
        positions = [entry.position for entry in self.chance.sample(events, min(2, len(events)))]
        return self.chance.choice(
            (
                lambda journal: journal.queue_again(some, at=NOON, reason="sent again by hand"),
                lambda journal: journal.discard(some, at=NOON, reason="discarded by hand"),
                lambda journal: journal.send(positions, OTHER, at=NOON, reason="replayed by hand"),
            )
        )


async def books(journal: Journal) -> object:
    """Return all that a journal holds, such that it is the same with a claim taken back and without it.

    A claim is no promise to anybody: a power cut may undo it, as the end of its process does.
    """
    events = await journal.events(after=0, limit=9999, wanted=EventFilter())
    deliveries = await journal.deliveries(after=0, limit=9999, wanted=DeliveryFilter())
    attempts = [
        (entry.event.id, history.lane, [(attempt.state, attempt.reason) for attempt in history.attempts])
        for entry in events
        for history in await journal.history(entry.position)
    ]
    known = await journal.known(NAME, RECORDS)
    return {
        "events": [(entry.position, entry.event.id, entry.emptied) for entry in events],
        "deliveries": sorted(
            (entry.key, "open" if entry.state in OPEN_STATES and entry.state != "parked" else entry.state)
            for entry in deliveries
        ),
        "attempts": attempts,
        "snapshot": sorted((record.id, record.content, record.sequence) for record in known.values()),
        "notes": dict(await journal.notes("note/")),
    }
