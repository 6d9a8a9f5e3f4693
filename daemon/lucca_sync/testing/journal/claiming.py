"""What claims owe: one subject's events one by one, different subjects side by side, nothing forgotten."""

from lucca_sync.journal.protocol import Journal, ResourceName
from lucca_sync.model.delivery import Lane
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    LEASE,
    MINUTE,
    NAME,
    JournalScene,
    claimed,
    done,
    event_of,
    page,
    parked,
    retrying,
    same,
    telling,
    told,
    who,
    with_journal,
)

OTHER = Lane("another-route", "a-connector")


class ClaimingContract(JournalScene):
    """Who may be claimed, when, and for how long."""

    @with_journal
    async def test_a_claim_carries_the_event_and_when_it_was_journaled(self, journal: Journal) -> None:
        write = told("1")
        await journal.commit_page(page(0, {"1": "a"}, [write], at=NOON + MINUTE))
        (claim,) = await claimed(journal, NOON + HOUR)
        same(claim.event, event_of(write))
        same((claim.lane, claim.attempt, claim.journaled), (LANE, 1, NOON + MINUTE))

    @with_journal
    async def test_nothing_is_claimed_where_nothing_is_delivered(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=()), told("2", lanes=[OTHER]))
        same(await claimed(journal), [])
        same(await journal.next_due(LANE), None)
        same(await journal.ready(LANE, now=NOON, limit=10), (0, None))

    @with_journal
    async def test_of_each_subject_only_the_oldest_is_claimed(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2), told("2", "a", 1), told("1", "c", 3))
        same(who(await claimed(journal)), [("1", 1), ("2", 1)])
        same(await claimed(journal), [])

    @with_journal
    async def test_the_same_id_elsewhere_is_another_subject(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        for name in (ResourceName("acme", "departments"), ResourceName("globex", "employees")):
            await journal.commit_writes(name, NOON, [told("1", name=name)])
        same(who(await claimed(journal)), [("1", 1)] * 3)

    @with_journal
    async def test_lanes_do_not_wait_for_each_other(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1, lanes=[LANE, OTHER]), told("1", "b", 2, lanes=[OTHER]))
        same(who(await claimed(journal)), [("1", 1)])
        (first,) = await claimed(journal, lane=OTHER)
        await journal.settle([done(first)])
        same(who(await claimed(journal, lane=OTHER)), [("1", 2)])

    @with_journal
    async def test_a_lane_named_twice_is_delivered_to_once(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=[LANE, OTHER, LANE]))
        (claim,) = await claimed(journal)
        await journal.settle([done(claim)])
        same(await claimed(journal), [])

    @with_journal
    async def test_the_earliest_due_are_claimed_first_and_no_more_than_the_limit(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1"), at=NOON + 2 * MINUTE)
        await telling(journal, told("2"), told("3"), at=NOON)
        await telling(journal, told("4"), at=NOON + MINUTE)
        now = NOON + HOUR
        same(who(await claimed(journal, now, limit=3)), [("2", 1), ("3", 1), ("4", 1)])
        same(who(await claimed(journal, now, limit=3)), [("1", 1)])

    @with_journal
    async def test_what_is_not_due_yet_is_not_claimed(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"))
        first, second = await claimed(journal)
        await journal.settle([retrying(first, NOON + HOUR), parked(second, NOON + 2 * HOUR)])
        same(await journal.next_due(LANE), NOON + HOUR)
        same(await claimed(journal, NOON + HOUR - MINUTE), [])
        same(who(await claimed(journal, NOON + HOUR)), [("1", 1)])
        same(who(await claimed(journal, NOON + 2 * HOUR, limit=1)), [("1", 1)])

    @with_journal
    async def test_retries_come_in_the_order_in_which_they_are_due(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"), told("3"))
        first, second, third = await claimed(journal)
        later = [
            retrying(first, NOON + 3 * MINUTE),
            retrying(second, NOON + MINUTE),
            parked(third, NOON + 2 * MINUTE),
        ]
        await journal.settle(later)
        same(who(await claimed(journal, NOON + HOUR)), [("2", 1), ("3", 1), ("1", 1)])

    # --- leases -------------------------------------------------------------------------------------------

    @with_journal
    async def test_an_abandoned_claim_is_taken_up_again_when_its_lease_has_ended(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1"))
        await claimed(journal)
        same(await journal.next_due(LANE), NOON + LEASE)
        same(await claimed(journal, NOON + LEASE / 2), [])
        (again,) = await claimed(journal, NOON + LEASE)
        same(again.attempt, 2)

    @with_journal
    async def test_who_lost_the_lease_can_settle_no_more(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (lost,) = await claimed(journal)
        (again,) = await claimed(journal, NOON + LEASE)
        same(await journal.settle([done(lost)]), 0)
        await journal.release([lost])
        same(await claimed(journal, NOON + LEASE), [])
        same(await journal.settle([done(again)]), 1)

    @with_journal
    async def test_a_renewed_claim_is_not_taken_up_by_another(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"), told("3"))
        claims = await claimed(journal)
        same(await journal.renew([*claims[:2], claims[0]], until=NOON + 2 * LEASE), 2)
        same(who(await claimed(journal, NOON + LEASE)), [("3", 1)])
        same(await journal.next_due(LANE), NOON + 2 * LEASE)
        same(await journal.settle([done(claims[0])]), 1)
        same(who(await claimed(journal, NOON + 2 * LEASE)), [("2", 1), ("3", 1)])

    @with_journal
    async def test_a_lease_that_has_ended_is_renewed_as_long_as_nobody_took_its_place(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1"), told("2"))
        first, second = await claimed(journal)
        await claimed(journal, NOON + LEASE, limit=1)
        same(await journal.renew([first, second], until=NOON + HOUR), 1)
        same(await journal.next_due(LANE), NOON + 2 * LEASE)

    @with_journal
    async def test_what_is_no_longer_claimed_is_not_renewed(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"), told("3"))
        first, second, third = await claimed(journal)
        await journal.settle([done(first), retrying(second, NOON + MINUTE)])
        await journal.release([third])
        same(await journal.renew([first, second, third], until=NOON + HOUR), 0)
        same(await journal.renew([], until=NOON + HOUR), 0)
        same(await journal.next_due(LANE), NOON)

    @with_journal
    async def test_what_a_claim_has_taken_is_found_by_when_it_ends(self, journal: Journal) -> None:
        await telling(journal, *(told(str(one), lanes=[LANE, OTHER]) for one in range(4)))
        first, *others = await claimed(journal)
        await claimed(journal, lane=OTHER)
        await journal.settle([retrying(first, NOON + LEASE)])
        await journal.renew(others[:1], until=NOON + HOUR)
        same(list(await journal.taken(LANE, until=NOON + LEASE)), others[1:])
        same(list(await journal.taken(LANE, until=NOON + HOUR)), others[:1])
        same(list(await journal.taken(LANE, until=NOON + MINUTE / 2)), [])
        (again,) = await claimed(journal, NOON + LEASE, limit=1)
        same(list(await journal.taken(LANE, until=NOON + 2 * LEASE)), [again])

    @with_journal
    async def test_a_clock_that_was_set_back_lets_nothing_sleep(self, journal: Journal) -> None:
        """What was written by the clock before is as far away as it was, also for who is not first."""
        later = NOON + 1000 * HOUR
        await telling(journal, told("1"), told("2"), told("2", "b", 2), told("3"), at=later)
        waiting, leased, ended = await claimed(journal, later)
        await journal.settle([retrying(waiting, later + HOUR), done(ended)])
        await journal.set_back(NOON, later - NOON, spare=MINUTE)
        same(await journal.next_due(LANE), NOON + LEASE)
        same((await journal.lanes())[LANE].oldest, NOON)
        await journal.settle([done(leased)])
        (behind,) = await claimed(journal, NOON)
        same((who([behind]), behind.journaled), ([("2", 2)], NOON))
        await journal.settle([done(behind)])
        same(await journal.next_due(LANE), NOON + HOUR)

    @with_journal
    async def test_what_is_due_already_stays_where_it_is_when_the_clock_is_set_back(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1"), told("2"))
        await journal.set_back(NOON + MINUTE, HOUR, spare=MINUTE)
        same([claim.journaled for claim in await claimed(journal, NOON + MINUTE)], [NOON, NOON])

    @with_journal
    async def test_what_was_claimed_since_the_clock_was_set_back_keeps_its_lease_for_a_while(
        self, journal: Journal
    ) -> None:
        """Nobody can tell it from what was claimed before; its holder lives, and renews it."""
        await telling(journal, told("1"))
        await claimed(journal)
        await journal.set_back(NOON, HOUR, spare=LEASE / 2)
        same(await journal.next_due(LANE), NOON + LEASE / 2)
        await journal.set_back(NOON, HOUR, spare=LEASE)
        same(await journal.next_due(LANE), NOON + LEASE / 2)

    @with_journal
    async def test_what_was_queued_by_a_clock_ahead_comes_due_and_nothing_else_does(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1"), told("2"))
        tried, _ = await claimed(journal)
        await journal.settle([retrying(tried, NOON + HOUR)])
        await telling(journal, told("1", "b", 2), told("3"), told("3", "b", 2), at=NOON + HOUR)
        await journal.hasten(NOON, beyond=NOON + HOUR)
        same(await claimed(journal), [])
        await journal.hasten(NOON, beyond=NOON + MINUTE)
        (first,) = await claimed(journal)
        await journal.settle([done(first)])
        (second,) = await claimed(journal)
        same((who([first, second]), second.journaled), ([("3", 1), ("3", 2)], NOON))

    @with_journal
    async def test_released_claims_are_due_at_once_as_if_never_attempted(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"))
        claims = await claimed(journal)
        await journal.release(claims)
        same(await claimed(journal), claims)

    @with_journal
    async def test_a_released_retry_keeps_its_earlier_attempts(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (first,) = await claimed(journal)
        await journal.settle([retrying(first, NOON + MINUTE)])
        await journal.release(await claimed(journal, NOON + MINUTE))
        same((await journal.lanes())[LANE].counts["pending"], 1)
        (again,) = await claimed(journal, NOON + MINUTE)
        same(again.attempt, 2)

    @with_journal
    async def test_what_was_settled_is_not_released(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        claims = await claimed(journal)
        await journal.settle([done(claims[0])])
        await journal.release(claims)
        same(await claimed(journal), [])

    # --- what could be claimed ----------------------------------------------------------------------------

    @with_journal
    async def test_what_is_ready_is_counted_up_to_the_limit(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2), told("2"), at=NOON + MINUTE)
        await telling(journal, told("3"), at=NOON + 2 * MINUTE)
        now = NOON + HOUR
        same(await journal.ready(LANE, now=NOON, limit=9), (0, None))
        same(await journal.ready(LANE, now=NOON + MINUTE, limit=9), (2, NOON + MINUTE))
        same(await journal.ready(LANE, now=now, limit=9), (3, NOON + MINUTE))
        same(await journal.ready(LANE, now=now, limit=2), (2, NOON + MINUTE))
        await claimed(journal, now, limit=2)
        same(await journal.ready(LANE, now=now, limit=9), (1, NOON + 2 * MINUTE))

    @with_journal
    async def test_the_oldest_that_is_ready_may_be_a_late_retry(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (claim,) = await claimed(journal)
        await journal.settle([retrying(claim, NOON + HOUR)])
        await telling(journal, told("2"), at=NOON + MINUTE)
        same(await journal.ready(LANE, now=NOON + MINUTE, limit=9), (1, NOON + MINUTE))
        same(await journal.ready(LANE, now=NOON + HOUR, limit=9), (2, NOON))

    @with_journal
    async def test_next_due_is_in_the_past_when_something_waits_to_be_claimed(self, journal: Journal) -> None:
        await telling(journal, told("1"), at=NOON)
        await journal.commit_writes(NAME, NOON - HOUR, [told("2")])
        same(await journal.next_due(LANE), NOON - HOUR)
