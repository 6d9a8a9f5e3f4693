"""What acts on deliveries in flight owe: no call loses its delivery, and nothing that was asked is lost."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from lucca_sync.journal.protocol import (
    Acted,
    Attempt,
    Claim,
    DeliveryFilter,
    DeliveryHistory,
    EventFilter,
    Journal,
    Settlement,
)
from lucca_sync.model.delivery import OPEN_STATES, State
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    LEASE,
    JournalScene,
    claimed,
    dead,
    done,
    listed,
    parked,
    retrying,
    same,
    states,
    telling,
    told,
    who,
    with_journal,
)

LATER = NOON + HOUR
WHY = "asked for by hand"
_ENDED: Final[tuple[State, ...]] = ("done", "dead", "discarded")

_End: TypeAlias = Callable[[Claim], Settlement]


def _retrying(claim: Claim) -> Settlement:
    return retrying(claim, NOON + 98 * HOUR)


def _held(claim: Claim) -> Settlement:
    return dead(claim, hold=True)


class NotingContract(JournalScene):
    """Discarding and queueing again what is in flight: done when the claim ends, unless it got through."""

    @with_journal
    async def test_what_is_in_flight_is_discarded_when_it_is_given_back(self, journal: Journal) -> None:
        claim = await self._noted(journal, "discard")
        same(await states(journal), [("1", 1, "in_flight"), ("1", 2, "pending")])
        same(list(await journal.recalled()), [claim.key])
        same([entry.noted for entry in await listed(journal)], ["discard", None])
        await journal.release([claim])
        same(await states(journal), [("1", 1, "discarded"), ("1", 2, "pending")])
        same(list(await journal.recalled()), [])
        same([entry.noted for entry in await listed(journal)], [None, None])
        same(who(await claimed(journal, LATER)), [("1", 2)])
        asked, given_up = Attempt(0, LATER, "in_flight", WHY), Attempt(0, LATER, "discarded", WHY)
        same((await self._first(journal)).attempts, (asked, given_up))
        same(await journal.prune(LATER, 9), 1)

    @with_journal
    async def test_what_gets_through_all_the_same_is_done_and_says_what_was_asked(
        self, journal: Journal
    ) -> None:
        for number, act in enumerate(("discard", "queue_again")):
            claim = await self._noted(journal, act, str(number))
            same(await journal.settle([done(claim)]), 1)
            same(list(await journal.recalled()), [])
            history = await self._first(journal)
            same(history.state, "done")
            same(history.attempts, (Attempt(0, LATER, "in_flight", WHY), Attempt(1, NOON, "done", "")))
            await journal.settle([done(one) for one in await claimed(journal, LATER)])
            same(await journal.prune(LATER, 9), 2)

    @with_journal
    async def test_what_does_not_get_through_is_discarded_however_it_ended(self, journal: Journal) -> None:
        ends: Sequence[_End] = (_retrying, parked, dead, _held)
        for number, end in enumerate(ends):
            claim = await self._noted(journal, "discard", str(number))
            same(await journal.settle([end(claim)]), 1)
            same(who(await claimed(journal, NOON + 99 * HOUR, limit=1)), [(str(number), 2)])
        same([state for *_, state in await states(journal)], ["discarded", "in_flight"] * 4)

    @with_journal
    async def test_what_does_not_get_through_is_due_at_once_where_that_was_asked(
        self, journal: Journal
    ) -> None:
        ends: Sequence[_End] = (_retrying, parked, dead)
        for number, end in enumerate(ends):
            claim = await self._noted(journal, "queue_again", str(number))
            same(await journal.settle([end(claim)]), 1)
            (again,) = await claimed(journal, LATER)
            same((again.key, again.attempt, again.earlier, again.journaled), (claim.key, 2, 1, LATER))
            await journal.settle([done(again)])
            await journal.settle([done(one) for one in await claimed(journal, LATER)])

    @with_journal
    async def test_what_was_given_back_is_queued_again_as_if_it_had_waited(self, journal: Journal) -> None:
        claim = await self._noted(journal, "queue_again")
        await journal.release([claim])
        (again,) = await claimed(journal, LATER)
        same((again.key, again.attempt, again.journaled), (claim.key, 1, LATER))
        same((await journal.lanes())[LANE].counts["in_flight"], 1)

    @with_journal
    async def test_what_nobody_settled_is_discarded_and_may_have_been_sent(self, journal: Journal) -> None:
        """Its lease has ended: it is not taken up again, and it is said that nobody knows."""
        lost = await self._noted(journal, "discard")
        same(await claimed(journal, NOON + LEASE / 2), [])
        same(who(await claimed(journal, LATER)), [("1", 2)])
        same((await self._first(journal)).state, "discarded")
        same((await self._first(journal)).attempts[-1].reason, f"{WHY} (possibly sent)")
        same(await journal.settle([done(lost)]), 0)
        same((await journal.lanes())[LANE].counts["in_flight"], 1)

    @with_journal
    async def test_of_two_acts_the_later_counts(self, journal: Journal) -> None:
        claim = await self._noted(journal, "discard")
        async with self.desk(journal) as desk:
            same(await desk.queue_again([claim.key], at=LATER, reason="no, send it"), Acted(0, 1))
        flying = DeliveryFilter(states=("in_flight",))
        same([entry.noted for entry in await listed(journal, flying)], ["queue_again"])
        await journal.release([claim])
        (again,) = await claimed(journal, LATER)
        same(again.key, claim.key)
        await journal.release([again])
        same(who(await claimed(journal, LATER)), [("1", 1)])

    @with_journal
    async def test_nothing_is_noted_for_what_was_not_meant_in_flight(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (claim,) = await claimed(journal)
        async with self.desk(journal) as desk:
            same(await desk.discard([claim.key], at=LATER, reason=WHY, among=_ENDED), Acted(0, 0))
        same(list(await journal.recalled()), [])

    async def _noted(self, journal: Journal, act: str, record_id: str = "1") -> Claim:
        """Claim the first of two events, and have it acted on."""
        await telling(journal, told(record_id, "a", 1), told(record_id, "b", 2))
        (claim,) = await claimed(journal)
        async with self.desk(journal) as desk:
            do = desk.discard if act == "discard" else desk.queue_again
            same(await do([claim.key], at=LATER, reason=WHY, among=OPEN_STATES), Acted(0, 1))
        return claim

    async def _first(self, journal: Journal) -> DeliveryHistory:
        """Return the delivery of the oldest event that is kept."""
        (entry, *_) = await journal.events(after=0, limit=1, wanted=EventFilter())
        histories: Sequence[DeliveryHistory] = await journal.history(entry.position)
        return histories[0]
