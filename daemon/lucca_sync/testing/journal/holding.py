"""What dead letters that hold their subject owe: what is behind waits, until a person or settings decide."""

from typing import Final

from lucca_sync.journal.protocol import Acted, Journal
from lucca_sync.model.delivery import Lane
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    LEASE,
    MINUTE,
    JournalScene,
    claimed,
    dead,
    done,
    listed,
    same,
    telling,
    told,
    who,
    with_journal,
)

OTHER: Final = Lane("another-route", "a-connector")
LATER = NOON + HOUR
WHY = "asked for by hand"


class HoldingContract(JournalScene):
    """Dead letters that hold their subject, and are let go."""

    @with_journal
    async def test_a_dead_letter_that_holds_keeps_its_subject_waiting_and_nobody_else(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2), told("2"))
        first, second = await claimed(journal)
        same(await journal.settle([dead(first, hold=True), done(second)]), 2)
        await telling(journal, told("1", "c", 3), told("2", "b", 2))
        same(who(await claimed(journal, LATER)), [("2", 2)])
        same(await journal.next_due(LANE), LATER + LEASE)
        entry, behind, _, last, _ = await listed(journal)
        same((entry.state, entry.held, entry.behind, entry.due), ("dead", True, False, None))
        same([(one.state, one.held, one.behind) for one in (behind, last)], [("pending", False, True)] * 2)
        status = (await journal.lanes())[LANE]
        same((status.counts["dead"], status.counts["pending"]), (1, 2))

    @with_journal
    async def test_a_held_subject_goes_on_when_its_dead_letter_is_discarded(self, journal: Journal) -> None:
        key = await self._held(journal)
        async with self.desk(journal) as desk:
            same(await desk.discard([key], at=LATER, reason=WHY), Acted(1, 0))
        same(who(await claimed(journal, LATER)), [("1", 2)])
        same((await journal.lanes())[LANE].counts["dead"], 0)

    @with_journal
    async def test_a_held_subject_goes_on_in_order_when_its_dead_letter_is_queued_again(
        self, journal: Journal
    ) -> None:
        key = await self._held(journal)
        async with self.desk(journal) as desk:
            same(await desk.queue_again([key], at=LATER, reason=WHY), Acted(1, 0))
        (again,) = await claimed(journal, LATER)
        same(who([again]), [("1", 1)])
        await journal.settle([done(again)])
        same(who(await claimed(journal, LATER)), [("1", 2)])

    @with_journal
    async def test_the_oldest_that_is_open_is_never_a_dead_letter(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        await telling(journal, told("1", "b", 2), at=NOON + MINUTE)
        (claim,) = await claimed(journal)
        await journal.settle([dead(claim, hold=True)])
        same((await journal.lanes())[LANE].oldest, NOON + MINUTE)

    @with_journal
    async def test_a_subject_stays_held_whatever_becomes_of_an_older_delivery_queued_again(
        self, journal: Journal
    ) -> None:
        for number, state in enumerate(("done", "dead")):
            record_id = str(number)
            await telling(journal, *(told(record_id, "a", sequence) for sequence in (1, 2, 3)))
            for hold in (False, True):
                (claim,) = await claimed(journal, LATER)
                await journal.settle([dead(claim, hold=hold)])
            older = next(one for one in await listed(journal) if one.subject == f"employees/{record_id}")
            async with self.desk(journal) as desk:
                same(await desk.queue_again([older.key], at=LATER, reason=WHY), Acted(1, 0))
            (again,) = await claimed(journal, LATER)
            same(who([again]), [(record_id, 1)])
            await journal.settle([done(again) if state == "done" else dead(again)])
            same(await claimed(journal, NOON + 99 * HOUR), [])

    @with_journal
    async def test_dead_letters_that_are_let_go_hold_nobody_and_stay_dead_letters(
        self, journal: Journal
    ) -> None:
        await telling(
            journal,
            *(told(str(one), "a", number, lanes=[LANE, OTHER]) for one in (1, 2) for number in (1, 2)),
        )
        for lane in (LANE, OTHER):
            claims = await claimed(journal, lane=lane)
            await journal.settle([dead(claim, hold=True) for claim in claims])
        same(await journal.let_go([], 9), 0)
        same(await journal.let_go([LANE, Lane("none", "such")], 1), 1)
        same(len(await claimed(journal, LATER)), 1)
        same(await journal.let_go([LANE], 9), 1)
        same(await journal.let_go([LANE], 9), 0)
        same(len(await claimed(journal, LATER)), 1)
        same(await claimed(journal, LATER, lane=OTHER), [])
        letters = [one for one in await listed(journal) if one.state == "dead"]
        same([one.held for one in letters], [one.lane == OTHER for one in letters])
        same((await journal.lanes())[LANE].counts["dead"], 2)

    @with_journal
    async def test_a_subject_that_is_let_go_waits_for_what_is_in_flight_of_it(self, journal: Journal) -> None:
        await telling(journal, *(told("1", "a", sequence) for sequence in (1, 2, 3)))
        (first,) = await claimed(journal)
        await journal.settle([dead(first)])
        (second,) = await claimed(journal)
        await journal.settle([dead(second, hold=True)])
        async with self.desk(journal) as desk:
            await desk.queue_again([first.key], at=LATER, reason=WHY)
        (again,) = await claimed(journal, LATER)
        same(await journal.let_go([LANE], 9), 1)
        same(await claimed(journal, LATER), [])
        await journal.settle([done(again)])
        same(who(await claimed(journal, LATER)), [("1", 3)])

    async def _held(self, journal: Journal) -> int:
        await telling(journal, told("1", "a", 1), told("1", "b", 2))
        (claim,) = await claimed(journal)
        await journal.settle([dead(claim, hold=True)])
        return claim.key
