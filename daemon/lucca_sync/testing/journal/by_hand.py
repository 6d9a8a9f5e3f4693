"""What acts of a person owe: each does what it says at once, keeps the order of subjects, and is kept."""

from typing import Final

from lucca_sync.journal.protocol import Acted, Attempt, EventFilter, Journal
from lucca_sync.model.delivery import OPEN_STATES, Lane, State
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    MINUTE,
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

OTHER = Lane("another-route", "a-connector")
LATER = NOON + HOUR
WHY = "asked for by hand"
_DEAD: Final[tuple[State, ...]] = ("dead",)


class ByHandContract(JournalScene):
    """Queueing again, discarding, sending."""

    # --- queueing again -----------------------------------------------------------------------------------

    @with_journal
    async def test_what_waits_is_due_at_once_when_it_is_queued_again(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"), told("3"))
        first, second, third = await claimed(journal)
        await journal.settle([retrying(first, NOON + 99 * HOUR), parked(second), dead(third)])
        async with self.desk(journal) as desk:
            keys = [first.key, second.key, third.key]
            same(await desk.queue_again(keys, at=LATER, reason=WHY), Acted(3, 0))
        same((await journal.lanes())[LANE].counts["pending"], 3)
        claims = await claimed(journal, LATER)
        same([(claim.key, claim.attempt) for claim in claims], [(key, 2) for key in keys])

    @with_journal
    async def test_retries_begin_anew_when_a_delivery_is_queued_again(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (claim,) = await claimed(journal)
        same((claim.attempt, claim.earlier, claim.journaled), (1, 0, NOON))
        await journal.settle([retrying(claim, LATER)])
        (claim,) = await claimed(journal, LATER)
        await journal.settle([dead(claim)])
        async with self.desk(journal) as desk:
            await desk.queue_again([claim.key], at=2 * HOUR + NOON, reason=WHY)
        (claim,) = await claimed(journal, 2 * HOUR + NOON)
        same((claim.attempt, claim.earlier, claim.journaled), (3, 2, 2 * HOUR + NOON))
        await journal.release([claim])
        same(await claimed(journal, 2 * HOUR + NOON), [claim])

    @with_journal
    async def test_what_was_never_heard_of_is_left_alone(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (claim,) = await claimed(journal)
        async with self.desk(journal) as desk:
            same(await desk.queue_again([claim.key + 1, 0], at=LATER, reason=WHY), Acted(0, 0))
            same(await desk.discard([claim.key + 1, 0], at=LATER, reason=WHY), Acted(0, 0))
            same(await desk.queue_again([], at=LATER, reason=WHY), Acted(0, 0))
        same(await journal.settle([done(claim)]), 1)

    @with_journal
    async def test_what_has_gone_on_since_a_person_looked_is_left_alone(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"))
        first, second = await claimed(journal)
        await journal.settle([done(first), dead(second)])
        keys = [first.key, second.key]
        async with self.desk(journal) as desk:
            same(await desk.queue_again(keys, at=LATER, reason=WHY, among=OPEN_STATES), Acted(0, 0))
            same(await desk.discard(keys, at=LATER, reason=WHY, among=OPEN_STATES), Acted(0, 0))
            same(await desk.queue_again(keys, at=LATER, reason=WHY, among=_DEAD), Acted(1, 0))
        same(await states(journal), [("1", 1, "done"), ("2", 1, "pending")])

    @with_journal
    async def test_what_is_queued_again_goes_before_younger_ones_of_its_subject(
        self, journal: Journal
    ) -> None:
        await telling(journal, *(told("1", "a", sequence) for sequence in (1, 2, 3)))
        for settled in (done, dead):
            (claim,) = await claimed(journal)
            await journal.settle([settled(claim)])
        keys = [entry.key for entry in await listed(journal)]
        async with self.desk(journal) as desk:
            same(await desk.queue_again(keys[1::-1], at=LATER, reason=WHY), Acted(2, 0))
        same(await journal.next_due(LANE), LATER)
        for sequence in (1, 2, 3):
            (claim,) = await claimed(journal, LATER)
            same(who([claim]), [("1", sequence)])
            await journal.settle([done(claim)])

    @with_journal
    async def test_what_is_queued_again_waits_for_what_is_in_flight(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2), told("1", "c", 3))
        (first,) = await claimed(journal)
        await journal.settle([dead(first)])
        (second,) = await claimed(journal)
        async with self.desk(journal) as desk:
            same(await desk.queue_again([first.key], at=LATER, reason=WHY), Acted(1, 0))
        same((await listed(journal))[0].behind, True)  # noqa: FBT003
        await journal.settle([done(second)])
        for sequence in (1, 3):
            (claim,) = await claimed(journal, LATER)
            same(who([claim]), [("1", sequence)])
            await journal.settle([done(claim)])

    @with_journal
    async def test_what_was_in_flight_stands_back_and_is_due_at_once_when_its_turn_comes(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2))
        (first,) = await claimed(journal)
        await journal.settle([dead(first)])
        (second,) = await claimed(journal)
        async with self.desk(journal) as desk:
            await desk.queue_again([first.key], at=LATER, reason=WHY)
        await journal.settle([retrying(second, NOON + 99 * HOUR)])
        (again,) = await claimed(journal, LATER)
        same(who([again]), [("1", 1)])
        await journal.settle([done(again)])
        (last,) = await claimed(journal, LATER)
        same((who([last]), last.attempt), ([("1", 2)], 2))

    @with_journal
    async def test_what_was_given_back_or_parked_or_held_stands_back_too(self, journal: Journal) -> None:
        for number, end in enumerate(("release", "park", "hold")):
            record_id = str(number)
            await telling(journal, told(record_id, "a", 1), told(record_id, "b", 2))
            (first,) = await claimed(journal, LATER)
            await journal.settle([dead(first)])
            (second,) = await claimed(journal, LATER)
            async with self.desk(journal) as desk:
                await desk.queue_again([first.key], at=LATER, reason=WHY)
            if end == "release":
                await journal.release([second])
            else:
                await journal.settle([parked(second) if end == "park" else dead(second, hold=True)])
            (again,) = await claimed(journal, LATER)
            same(who([again]), [(record_id, 1)])
            await journal.settle([done(again)])
            last = await claimed(journal, LATER)
            same(who(last), [] if end == "hold" else [(record_id, 2)])
            await journal.settle([done(claim) for claim in last])

    @with_journal
    async def test_what_is_done_can_be_sent_again_and_is_then_not_pruned(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (claim,) = await claimed(journal)
        await journal.settle([done(claim)])
        async with self.desk(journal) as desk:
            same(await desk.queue_again([claim.key], at=LATER, reason=WHY), Acted(1, 0))
        same(await journal.prune(LATER, 9), 0)
        (again,) = await claimed(journal, LATER)
        same((again.event, again.attempt), (claim.event, 2))
        await journal.settle([done(again)])
        same(await journal.prune(LATER, 9), 1)

    # --- discarding ---------------------------------------------------------------------------------------

    @with_journal
    async def test_what_is_discarded_is_delivered_no_more_and_its_subject_goes_on(
        self, journal: Journal
    ) -> None:
        await telling(journal, *(told("1", "a", sequence) for sequence in (1, 2, 3)), told("2"))
        first, second = await claimed(journal)
        await journal.settle([parked(first), dead(second)])
        keys = [entry.key for entry in await listed(journal)]
        async with self.desk(journal) as desk:
            same(await desk.discard([keys[0], keys[1], keys[3], keys[3]], at=LATER, reason=WHY), Acted(3, 0))
            same(await desk.discard(keys[:2], at=LATER, reason=WHY), Acted(0, 0))
        same(who(await claimed(journal, LATER)), [("1", 3)])
        same([state for *_, state in await states(journal)], ["discarded"] * 2 + ["in_flight", "discarded"])
        same((await journal.lanes())[LANE].counts["dead"], 0)

    @with_journal
    async def test_an_event_whose_deliveries_were_discarded_is_pruned(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=[LANE, OTHER]))
        keys = [entry.key for entry in await listed(journal)]
        async with self.desk(journal) as desk:
            await desk.discard(keys[:1], at=LATER, reason=WHY)
            same(await journal.prune(LATER, 9), 0)
            await desk.discard(keys[1:], at=LATER, reason=WHY)
        same(await journal.prune(LATER, 9), 1)

    @with_journal
    async def test_what_was_discarded_can_be_queued_again(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (entry,) = await listed(journal)
        async with self.desk(journal) as desk:
            await desk.discard([entry.key], at=LATER, reason=WHY)
            same(await claimed(journal, LATER), [])
            same(await desk.queue_again([entry.key], at=LATER, reason=WHY), Acted(1, 0))
        same(await journal.prune(LATER, 9), 0)
        same(who(await claimed(journal, LATER)), [("1", 1)])

    # --- sending ------------------------------------------------------------------------------------------

    @with_journal
    async def test_events_are_sent_along_a_lane_that_never_had_them(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("2", lanes=()), told("1", "b", 2))
        positions = await self._positions(journal)
        async with self.desk(journal) as desk:
            same(await desk.send([*positions, 99], OTHER, at=LATER, reason=WHY), 3)
        same((await journal.lanes())[OTHER].counts["pending"], 3)
        claims = await claimed(journal, LATER, lane=OTHER)
        same(who(claims), [("1", 1), ("2", 1)])
        same({claim.journaled for claim in claims}, {LATER})
        await journal.settle([done(claim) for claim in claims])
        (last,) = await claimed(journal, LATER, lane=OTHER)
        same(who([last]), [("1", 2)])
        same(await journal.prune(LATER, 9), 1)

    @with_journal
    async def test_an_older_event_that_is_sent_goes_before_younger_ones_of_its_subject(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1", "a", 1, lanes=[LANE]), told("1", "b", 2, lanes=[OTHER]))
        first, second = await self._positions(journal)
        async with self.desk(journal) as desk:
            same(await desk.send([first], OTHER, at=LATER, reason=WHY), 1)
            same(await desk.send([first, second], OTHER, at=LATER, reason=WHY), 0)
        for sequence in (1, 2):
            (claim,) = await claimed(journal, LATER, lane=OTHER)
            same(who([claim]), [("1", sequence)])
            await journal.settle([done(claim)])

    @with_journal
    async def test_what_has_ended_along_a_lane_is_sent_again_and_what_is_open_is_left(
        self, journal: Journal
    ) -> None:
        await telling(journal, *(told(str(number)) for number in range(4)))
        one, two, three, _ = await claimed(journal)
        await journal.settle([done(one), dead(two), parked(three)])
        async with self.desk(journal) as desk:
            await desk.discard([three.key], at=LATER, reason=WHY)
            same(await desk.send(await self._positions(journal), LANE, at=LATER, reason=WHY), 3)
        same(len(await listed(journal)), 4)
        again = await claimed(journal, LATER - MINUTE)
        same(who(again), [("3", 1)])  # its lease has ended; the others are due later
        await journal.settle([done(claim) for claim in again])
        same(who(await claimed(journal, LATER)), [("0", 1), ("1", 1), ("2", 1)])

    @with_journal
    async def test_a_lane_of_which_nothing_is_known_stays_unknown_when_nothing_is_sent(
        self, journal: Journal
    ) -> None:
        async with self.desk(journal) as desk:
            same(await desk.send([7], OTHER, at=LATER, reason=WHY), 0)
        same(dict(await journal.lanes()), {})

    # --- what is kept of it -------------------------------------------------------------------------------

    @with_journal
    async def test_what_a_person_did_stands_among_the_attempts(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (position,) = await self._positions(journal)
        (first,) = await claimed(journal)
        await journal.settle([dead(first)])
        async with self.desk(journal) as desk:
            await desk.queue_again([first.key], at=LATER, reason="one")
            await desk.queue_again([first.key], at=LATER + MINUTE, reason="two")
        (again,) = await claimed(journal, LATER + MINUTE)
        await journal.settle([retrying(again, LATER)])
        async with self.desk(journal) as desk:
            await desk.discard([first.key], at=LATER + HOUR, reason="three")
            await desk.send([position], OTHER, at=LATER + HOUR, reason="four")
        first_lane, second_lane = await journal.history(position)
        same(
            first_lane.attempts,
            (
                Attempt(1, NOON, "dead", "the target refused it"),
                Attempt(1, LATER, "pending", "one"),
                Attempt(1, LATER + MINUTE, "pending", "two"),
                Attempt(2, NOON, "retrying", "the target did not answer"),
                Attempt(2, LATER + HOUR, "discarded", "three"),
            ),
        )
        same(second_lane.attempts, (Attempt(0, LATER + HOUR, "pending", "four"),))

    async def _positions(self, journal: Journal) -> list[int]:
        return [entry.position for entry in await journal.events(after=0, limit=99, wanted=EventFilter())]
