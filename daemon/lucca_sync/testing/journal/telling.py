"""What events owe that are no changes: kept whole, in their subject's order, and changing no record."""

from dataclasses import replace

from msgspec import structs

from lucca_sync.journal.protocol import EventFilter, Journal, StoreError, Told
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import PEOPLE, Business, Event
from lucca_sync.testing.events import LANE, NOON, an_event
from lucca_sync.testing.journal.scene import (
    HOUR,
    NAME,
    JournalScene,
    claimed,
    done,
    first_page,
    listed,
    raising,
    record,
    same,
    telling,
    told,
    who,
    with_journal,
)

OTHER = Lane("another-route", "a-connector")
LATER = NOON + HOUR
ALL = EventFilter()


class TellingContract(JournalScene):
    """Snapshots of records that a person asked for, and business events."""

    @with_journal
    async def test_a_snapshot_is_journaled_and_delivered_and_changes_nothing(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=()))
        before = await journal.known(NAME, ["1"])
        async with self.desk(journal) as desk:
            await desk.tell(NAME, [Told(_snapshot("1", 1), (LANE, OTHER))], at=LATER)
        same(await journal.known(NAME, ["1"]), before)
        same((await journal.newest(limit=1, wanted=ALL))[0].event, _snapshot("1", 1))
        same([claim.event for claim in await claimed(journal, LATER)], [_snapshot("1", 1)])
        same((await journal.lanes())[OTHER].counts["pending"], 1)

    @with_journal
    async def test_a_snapshot_waits_for_the_changes_before_it_and_later_ones_for_it(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1", "a", 1))
        async with self.desk(journal) as desk:
            await desk.tell(NAME, [Told(_snapshot("1", 1), (LANE,))], at=LATER)
        await telling(journal, told("1", "b", 2), at=LATER)
        for kind, sequence in (("updated", 1), ("snapshot", 1), ("updated", 2)):
            (claim,) = await claimed(journal, LATER)
            same((claim.event.kind, claim.event.sequence), (kind, sequence))
            await journal.settle([done(claim)])

    @with_journal
    async def test_a_record_without_events_is_told_with_sequence_nought(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1"))
        async with self.desk(journal) as desk:
            await desk.tell(NAME, [Told(_snapshot("1", 0), (LANE,))], at=LATER)
        same(who(await claimed(journal, LATER)), [("1", 0)])

    @with_journal
    async def test_nothing_is_told_when_one_record_has_moved_on_or_was_never_seen(
        self, journal: Journal
    ) -> None:
        await telling(journal, told("1", lanes=()), told("2", lanes=()))
        async with self.desk(journal) as desk:
            good = Told(_snapshot("1", 1), (LANE,))
            for stale in (_snapshot("2", 0), _snapshot("2", 2), _snapshot("9", 0)):
                await raising(StoreError, desk.tell, NAME, [good, Told(stale, (LANE,))], at=LATER)
        same(len(await journal.events(after=0, limit=9, wanted=ALL)), 2)
        same(await listed(journal), [])

    @with_journal
    async def test_what_is_no_snapshot_of_the_resource_cannot_be_told(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=()))
        async with self.desk(journal) as desk:
            for odd in (
                structs.replace(_snapshot("1", 1), kind="updated"),
                structs.replace(_snapshot("1", 1), tenant="globex"),
                structs.replace(_snapshot("1", 1), resource="departments"),
            ):
                await raising(ValueError, desk.tell, NAME, [Told(odd, (LANE,))], at=LATER)
        same(len(await journal.events(after=0, limit=9, wanted=ALL)), 1)

    @with_journal
    async def test_the_same_snapshot_told_twice_is_found_at_its_last_position(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=()))
        async with self.desk(journal) as desk:
            for _ in range(2):
                await desk.tell(NAME, [Told(_snapshot("1", 1), ())], at=LATER)
        newest = (await journal.newest(limit=1, wanted=ALL))[0]
        same(await journal.event(newest.event.id), newest)
        same(await journal.event(newest.event.id[:20]), newest)

    @with_journal
    async def test_positions_go_on_when_journal_and_desk_write_in_turn(self, journal: Journal) -> None:
        async with self.desk(journal) as desk:
            for sequence in range(1, 6):
                await telling(journal, told("1", "a", sequence))
                await desk.tell(NAME, [Told(_snapshot("1", sequence), (LANE,))], at=LATER)
        entries = await journal.events(after=0, limit=99, wanted=ALL)
        same([entry.event.kind for entry in entries], ["updated", "snapshot"] * 5)
        same(len(await listed(journal)), 10)

    @with_journal
    async def test_a_business_event_comes_back_as_it_was(self, journal: Journal) -> None:
        business = Business("employee.hired", "employees", "2026-02-01", ("ab" * 16, "cd" * 16))
        name = NAME._replace(resource=PEOPLE)
        event = an_event(
            resource=PEOPLE, singular="person", kind="business", record=record("1", "a"), previous=None
        )
        event = structs.replace(event, business=business, request="/lucca-api/employees?id=1")
        write = replace(told("1", name=name), event=event, lanes=(LANE,))
        await journal.commit_writes(name, NOON, [write])
        (entry,) = await journal.events(after=0, limit=9, wanted=EventFilter(kind="business"))
        same(entry.event, event)
        same([claim.event for claim in await claimed(journal)], [event])
        (delivery,) = await listed(journal)
        same((delivery.type, delivery.subject), ("lucca.employee.hired", "people/1"))

    @with_journal
    async def test_the_request_that_showed_a_change_is_kept_with_it(self, journal: Journal) -> None:
        write = told("1")
        event = structs.replace(write.event or an_event(), request="/lucca-api/employees?id=1&id=2")
        await telling(journal, replace(write, event=event))
        same((await journal.newest(limit=1, wanted=ALL))[0].event, event)


def _snapshot(record_id: str, sequence: int) -> Event:
    shown = record(record_id, "a")
    return an_event(record_id=record_id, kind="snapshot", sequence=sequence, record=shown, previous=None)
