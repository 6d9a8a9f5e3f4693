"""What settlements owe: each takes effect once, holds its subject or lets it go on, and is counted."""

from lucca_sync.journal.protocol import Journal, LaneStatus, Settlement
from lucca_sync.model.delivery import Lane, State
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    LEASE,
    MINUTE,
    JournalScene,
    claimed,
    dead,
    done,
    parked,
    retrying,
    same,
    telling,
    told,
    who,
    with_journal,
)

OTHER = Lane("another-route", "a-connector")


class SettlingContract(JournalScene):
    """What becomes of a claim, and how a lane stands then."""

    @with_journal
    async def test_what_is_done_makes_way_for_the_next_of_its_subject(self, journal: Journal) -> None:
        await telling(journal, *(told("1", "a", sequence) for sequence in (1, 2, 3)))
        for sequence in (1, 2, 3):
            (claim,) = await claimed(journal)
            same(who([claim]), [("1", sequence)])
            same(await journal.settle([done(claim)]), 1)
        same(await claimed(journal), [])

    @with_journal
    async def test_a_dead_letter_makes_way_too(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2))
        (claim,) = await claimed(journal)
        same(await journal.settle([dead(claim)]), 1)
        same(who(await claimed(journal)), [("1", 2)])

    @with_journal
    async def test_a_retry_holds_its_subject_and_nobody_else(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2), told("2"))
        first, _ = await claimed(journal)
        await journal.settle([retrying(first, NOON + HOUR)])
        await telling(journal, told("1", "c", 3), told("3"))
        same(who(await claimed(journal)), [("3", 1)])
        (again,) = await claimed(journal, NOON + HOUR, limit=1)
        await journal.settle([done(again)])
        same(again.attempt, 2)

    @with_journal
    async def test_what_is_parked_without_a_date_stays_and_holds_its_subject(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2))
        (claim,) = await claimed(journal)
        await journal.settle([parked(claim)])
        same(await journal.next_due(LANE), None)
        same(await claimed(journal, NOON + 9999 * HOUR), [])

    @with_journal
    async def test_an_event_that_comes_after_the_queue_was_emptied_is_due_at_once(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1", "a", 1))
        (claim,) = await claimed(journal)
        await journal.settle([done(claim)])
        await telling(journal, told("1", "b", 2))
        same(who(await claimed(journal)), [("1", 2)])

    @with_journal
    async def test_an_event_that_comes_during_an_attempt_waits_for_its_end(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1))
        (claim,) = await claimed(journal)
        await telling(journal, told("1", "b", 2))
        same(await claimed(journal), [])
        await journal.settle([done(claim)])
        same(who(await claimed(journal)), [("1", 2)])

    @with_journal
    async def test_a_settlement_takes_effect_once(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"))
        first, second = await claimed(journal)
        same(await journal.settle([done(first), dead(first), done(second)]), 2)
        same(await journal.settle([done(first)]), 0)
        same((await journal.lanes())[LANE].counts["dead"], 0)

    @with_journal
    async def test_what_is_not_claimed_cannot_be_settled(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (claim,) = await claimed(journal)
        wrong_attempt = Settlement(claim.key, 2, "done", NOON)
        unheard_of = Settlement(claim.key + 1_000_000, 1, "done", NOON)
        same(await journal.settle([wrong_attempt, unheard_of]), 0)
        same(await journal.settle([]), 0)
        await journal.settle([retrying(claim, NOON + HOUR)])
        same(await journal.settle([done(claim)]), 0)

    # --- how lanes stand ----------------------------------------------------------------------------------

    @with_journal
    async def test_deliveries_are_counted_in_every_state_but_done(self, journal: Journal) -> None:
        same(dict(await journal.lanes()), {})
        await telling(journal, *(told(str(number)) for number in range(6)), told("0", "b", 2))
        same(await _counts(journal), {"pending": 7})
        claims = await claimed(journal, limit=5)
        same(await _counts(journal), {"pending": 2, "in_flight": 5})
        settled = [done(claims[0]), dead(claims[1]), parked(claims[2]), retrying(claims[3], NOON + MINUTE)]
        await journal.settle(settled)
        same(await _counts(journal), {"pending": 2, "in_flight": 1, "retrying": 1, "parked": 1, "dead": 1})
        await journal.release(claims)
        same(await _counts(journal), {"pending": 3, "retrying": 1, "parked": 1, "dead": 1})

    @with_journal
    async def test_an_expired_claim_is_counted_once(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        await claimed(journal)
        await claimed(journal, NOON + LEASE)
        same(await _counts(journal), {"in_flight": 1})

    @with_journal
    async def test_each_lane_is_counted_for_itself(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=[LANE, OTHER]), told("2", lanes=[OTHER]))
        await claimed(journal)
        same(await _counts(journal), {"in_flight": 1})
        same((await journal.lanes())[OTHER].counts["pending"], 2)

    @with_journal
    async def test_a_lane_knows_since_when_its_oldest_delivery_is_open(self, journal: Journal) -> None:
        await telling(journal, told("1"), at=NOON)
        await telling(journal, told("2"), told("1", "b", 2), at=NOON + MINUTE)
        await telling(journal, told("3"), at=NOON + HOUR)
        same((await journal.lanes())[LANE].oldest, NOON)
        first, second = await claimed(journal, NOON + MINUTE)
        await journal.settle([done(first), parked(second)])
        same((await journal.lanes())[LANE].oldest, NOON + MINUTE)
        (third,) = await claimed(journal, NOON + MINUTE)
        await journal.settle([dead(third)])
        same((await journal.lanes())[LANE].oldest, NOON + MINUTE)

    @with_journal
    async def test_a_lane_with_nothing_open_has_no_oldest(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"))
        first, second = await claimed(journal)
        await journal.settle([done(first), dead(second)])
        none: dict[State, int] = {"pending": 0, "in_flight": 0, "retrying": 0, "parked": 0, "dead": 1}
        same(dict(await journal.lanes()), {LANE: LaneStatus(none, None)})


async def _counts(journal: Journal) -> dict[State, int]:
    """Return the lane's counts that are not zero."""
    return {state: count for state, count in (await journal.lanes())[LANE].counts.items() if count}
