"""What looking for deliveries and resources owes: all that meets the criteria, in order, as it stands."""

from dataclasses import replace

from lucca_sync.journal.protocol import (
    Cause,
    DeliveryEntry,
    DeliveryFilter,
    EventFilter,
    Journal,
    ResourceName,
    ResourceState,
    Settlement,
    SweepCursor,
)
from lucca_sync.model.delivery import Lane, State
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    LEASE,
    MINUTE,
    NAME,
    JournalScene,
    claimed,
    dead,
    done,
    event_of,
    first_page,
    listed,
    parked,
    retrying,
    same,
    telling,
    told,
    url,
    with_journal,
)

OTHER = Lane("another-route", "a-connector")
THIRD = Lane("a-route", "another-connector")
LATER = NOON + HOUR


class FindingContract(JournalScene):
    """Deliveries by criteria and by cause; resources; how it all looks from a desk."""

    @with_journal
    async def test_a_delivery_is_shown_as_it_stands(self, journal: Journal) -> None:
        write = told("1", "a", 1)
        await telling(journal, write, told("1", "b", 2))
        (position, behind) = await self._positions(journal)
        (claim,) = await claimed(journal)
        await journal.settle([retrying(claim, LATER)])
        async with self.desk(journal) as desk:
            first, second = await desk.deliveries(after=0, limit=9, wanted=DeliveryFilter())
        wanted = DeliveryEntry(
            key=claim.key,
            position=position,
            event_id=event_of(write).id,
            tenant="acme",
            subject="employees/1",
            type="lucca.employee.updated",
            lane=LANE,
            state="retrying",
            journaled=NOON,
            due=LATER,
            attempt=1,
            reason="the target did not answer",
            held=False,
            behind=False,
            noted=None,
        )
        same(first, wanted)
        waiting = (second.position, second.state, second.due, second.attempt, second.reason, second.behind)
        same(waiting, (behind, "pending", None, 0, "", True))

    @with_journal
    async def test_a_delivery_in_flight_is_due_when_its_lease_ends(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        await claimed(journal)
        (entry,) = await listed(journal)
        same((entry.state, entry.due, entry.attempt), ("in_flight", NOON + LEASE, 1))

    @with_journal
    async def test_deliveries_come_in_journal_order_a_page_at_a_time(self, journal: Journal) -> None:
        await telling(journal, *(told(str(number), lanes=[OTHER, LANE]) for number in range(3)))
        async with self.desk(journal) as desk:
            await desk.send((await self._positions(journal))[:1], THIRD, at=LATER, reason="")
        everything = await listed(journal)
        same(
            [(entry.subject, entry.lane) for entry in everything],
            [("employees/0", lane) for lane in (OTHER, LANE, THIRD)]
            + [(f"employees/{number}", lane) for number in (1, 2) for lane in (OTHER, LANE)],
        )
        same(sorted({entry.key for entry in everything}), [entry.key for entry in everything])
        for limit in (1, 2, 5, 7, 9):
            page = await journal.deliveries(after=everything[1].key, limit=limit, wanted=DeliveryFilter())
            same([*page], everything[2 : 2 + limit])

    @with_journal
    async def test_deliveries_can_be_filtered_by_each_criterion(self, journal: Journal) -> None:
        abroad = ResourceName("globex", "departments")
        write = told("2", recorded=LATER)
        await telling(journal, told("1", lanes=[LANE, OTHER, THIRD]), write)
        await journal.commit_writes(abroad, NOON, [told("1", name=abroad)])
        claims = await claimed(journal, LATER)
        await journal.settle([dead(claims[0]), parked(claims[1])])
        found: list[tuple[tuple[int, ...], DeliveryFilter]] = [
            ((1, 2, 3, 4, 5), DeliveryFilter()),
            ((1, 3, 4, 5), DeliveryFilter(route="a-route")),
            ((1, 2, 4, 5), DeliveryFilter(connector="a-connector")),
            ((5,), DeliveryFilter(tenant="globex")),
            ((1, 2, 3, 4), DeliveryFilter(resource="employees")),
            ((4,), DeliveryFilter(record_id="2")),
            ((4,), DeliveryFilter(event_id=event_of(write).id)),
            ((), DeliveryFilter(event_id=event_of(write).id[:9])),
            ((1,), DeliveryFilter(reason="the target refused it")),
            ((2, 3, 5), DeliveryFilter(reason="")),
            ((1, 2, 3, 5), DeliveryFilter(until=LATER)),
            ((4,), DeliveryFilter(since=LATER)),
            ((5,), DeliveryFilter(route="a-route", connector="a-connector", states=("in_flight",))),
        ]
        keys = [entry.key for entry in await listed(journal)]
        for numbers, wanted in found:
            same([entry.key for entry in await listed(journal, wanted)], [keys[one - 1] for one in numbers])
        by_state: dict[State, tuple[int, ...]] = {
            "pending": (2, 3),
            "dead": (1,),
            "parked": (4,),
            "in_flight": (5,),
            "done": (),
        }
        for state, numbers in by_state.items():
            wanted = replace(DeliveryFilter(), states=(state,))
            same([entry.key for entry in await listed(journal, wanted)], [keys[one - 1] for one in numbers])
        several = DeliveryFilter(states=("parked", "dead", "dead", "in_flight"), tenant="acme")
        same([entry.key for entry in await listed(journal, several)], [keys[0], keys[3]])
        same(await listed(journal, DeliveryFilter(states=())), [])

    @with_journal
    async def test_dead_letters_are_read_a_page_at_a_time_too(self, journal: Journal) -> None:
        await telling(journal, *(told(str(number)) for number in range(6)))
        claims = await claimed(journal)
        await journal.settle(
            [dead(claim) if number % 2 else done(claim) for number, claim in enumerate(claims)]
        )
        wanted, after, found = DeliveryFilter(states=("dead", "discarded")), 0, list[str]()
        while page := await journal.deliveries(after=after, limit=1, wanted=wanted):
            found += [entry.subject for entry in page]
            after = page[-1].key
        same(found, ["employees/1", "employees/3", "employees/5"])

    @with_journal
    async def test_the_reason_is_the_last_attempts_whatever_a_person_did_since(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1"))
        (claim,) = await claimed(journal)
        await journal.settle([dead(claim)])
        async with self.desk(journal) as desk:
            await desk.queue_again([claim.key], at=LATER, reason="by hand")
        (entry,) = await listed(journal)
        same((entry.state, entry.reason), ("pending", "the target refused it"))

    @with_journal
    async def test_causes_are_counted_by_lane_and_reason_the_most_frequent_first(
        self, journal: Journal
    ) -> None:
        await telling(journal, *(told(str(number), lanes=[LANE, OTHER]) for number in range(4)))
        one, two, three, _ = await claimed(journal)
        (other,) = await claimed(journal, lane=OTHER, limit=1)
        ends = [
            replace(dead(one), at=LATER),
            replace(dead(two), at=NOON + MINUTE),
            Settlement(three.key, three.attempt, "dead", NOON, "gone"),
            dead(other),
        ]
        await journal.settle(ends)
        async with self.desk(journal) as desk:
            same(
                [*await desk.causes(DeliveryFilter(states=("dead",)))],
                [
                    Cause(LANE, "the target refused it", 2, NOON + MINUTE, LATER),
                    Cause(LANE, "gone", 1, NOON, NOON),
                    Cause(OTHER, "the target refused it", 1, NOON, NOON),
                ],
            )
            same(len(await desk.causes(DeliveryFilter())), 3)
            same([*await desk.causes(DeliveryFilter(states=("pending",)))], [])

    @with_journal
    async def test_events_can_be_filtered_by_when_they_were_recorded(self, journal: Journal) -> None:
        times = (NOON, NOON + MINUTE, LATER)
        await telling(journal, *(told(str(number), recorded=at) for number, at in enumerate(times)))
        for wanted, found in (
            (EventFilter(since=NOON + MINUTE), ["1", "2"]),
            (EventFilter(until=NOON + MINUTE), ["0"]),
            (EventFilter(since=NOON + MINUTE, until=LATER), ["1"]),
            (EventFilter(record_id="1", since=LATER), []),
        ):
            entries = await journal.events(after=0, limit=9, wanted=wanted)
            same([entry.event.record_id for entry in entries], found)
            same([*await journal.newest(limit=9, wanted=wanted)], [*entries])

    # --- resources ----------------------------------------------------------------------------------------

    @with_journal
    async def test_every_resource_that_was_committed_to_is_listed(self, journal: Journal) -> None:
        same(dict(await journal.resources()), {})
        departments = NAME._replace(resource="departments")
        await journal.state(departments)
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_writes(
            NAME._replace(tenant="globex"), NOON, [told("1", name=NAME._replace(tenant="globex"))]
        )
        cursor = SweepCursor(NOON, 1, url(1))
        async with self.desk(journal) as desk:
            same(
                dict(await desk.resources()),
                {
                    NAME: ResourceState(cursor=cursor, records=2),
                    NAME._replace(tenant="globex"): ResourceState(records=1),
                },
            )

    @with_journal
    async def test_a_desk_sees_records_and_lanes_too(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await telling(journal, told("3"))
        async with self.desk(journal) as desk:
            same(dict(await desk.lanes()), dict(await journal.lanes()))
            same(dict(await desk.known(NAME, ["1", "9"])), dict(await journal.known(NAME, ["1"])))
            same([*await desk.scan(NAME, None, 9)], [*await journal.scan(NAME, None, 9)])

    async def _positions(self, journal: Journal) -> list[int]:
        return [entry.position for entry in await journal.events(after=0, limit=99, wanted=EventFilter())]
