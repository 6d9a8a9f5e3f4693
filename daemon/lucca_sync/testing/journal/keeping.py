"""What removing contents owes: only what has ended, the oldest first, and all but ids, times and attempts."""

from dataclasses import replace

from msgspec import structs

from lucca_sync.journal.protocol import Acted, EventEntry, EventFilter, Journal
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Business, Event
from lucca_sync.testing.events import LANE, NOON, an_event
from lucca_sync.testing.journal.scene import (
    HOUR,
    MINUTE,
    JournalScene,
    claimed,
    dead,
    done,
    event_of,
    first_page,
    listed,
    parked,
    same,
    telling,
    told,
    with_journal,
)

ALL = EventFilter()
OTHER = Lane("another-route", "a-connector")
LATER = NOON + HOUR


class KeepingContract(JournalScene):
    """Emptying before pruning, and the room that a store takes up."""

    @with_journal
    async def test_an_emptied_event_keeps_all_but_its_contents(self, journal: Journal) -> None:
        write = told("1")
        event = structs.replace(event_of(write), request="/lucca-api/employees?id=1")
        await telling(journal, replace(write, event=event))
        (claim,) = await claimed(journal)
        await journal.settle([done(claim)])
        (entry,) = await journal.events(after=0, limit=9, wanted=ALL)
        history, found = await journal.history(entry.position), await listed(journal)
        same(await journal.empty(LATER, 9), 1)
        same(await journal.event(event.id), EventEntry(entry.position, _hollow(event), emptied=True))
        same(await journal.history(entry.position), history)
        same(await listed(journal), found)

    @with_journal
    async def test_an_emptied_business_event_still_says_what_it_meant(self, journal: Journal) -> None:
        business = Business("employee.left", "employees", "2026-01-31", ("ab" * 16,))
        event = structs.replace(an_event(kind="business"), business=business)
        await telling(journal, replace(told("1", lanes=()), event=event))
        same(await journal.empty(LATER, 9), 1)
        (entry,) = await journal.newest(limit=1, wanted=ALL)
        same((entry.event, entry.event.type), (_hollow(event), "lucca.employee.left"))

    @with_journal
    async def test_only_what_has_ended_everywhere_is_emptied(self, journal: Journal) -> None:
        await telling(
            journal,
            told("1", lanes=[LANE, OTHER]),
            told("2"),
            told("3", lanes=()),
            told("4", recorded=LATER),
            told("5"),
            told("6"),
            told("7"),
            told("8"),
        )
        one, two, four, five, six, seven, _ = await claimed(journal)
        await journal.settle(
            [done(one), done(two), done(four), dead(five), parked(six), dead(seven, hold=True)]
        )
        same(await journal.empty(LATER, 99), 2)
        same(await self._emptied(journal), ["2", "3"])
        await journal.settle([done(claim) for claim in await claimed(journal, lane=OTHER)])
        await journal.discard([five.key], at=LATER, reason="")
        same(await journal.empty(LATER, 99), 2)
        same(await self._emptied(journal), ["1", "2", "3", "5"])
        same(await journal.empty(LATER, 99), 0)

    @with_journal
    async def test_emptying_takes_the_oldest_first_and_no_more_than_the_limit(self, journal: Journal) -> None:
        await telling(
            journal, told("1", lanes=(), recorded=NOON + MINUTE), told("2", lanes=()), told("3", lanes=())
        )
        same(await journal.empty(LATER, 2), 2)
        same(await self._emptied(journal), ["2", "3"])
        same(await journal.empty(LATER, 2), 1)

    @with_journal
    async def test_an_emptied_event_is_not_sent_again(self, journal: Journal) -> None:
        await telling(journal, told("1"), told("2"))
        first, second = await claimed(journal)
        await journal.settle([done(first)])
        await journal.discard([second.key], at=LATER, reason="")
        await journal.settle([done(second)])
        same(await journal.empty(LATER, 9), 2)
        positions = [entry.position for entry in await journal.events(after=0, limit=9, wanted=ALL)]
        async with self.desk(journal) as desk:
            same(await desk.queue_again([first.key, second.key], at=LATER, reason=""), Acted(0, 0))
            same(await desk.send(positions, LANE, at=LATER, reason=""), 0)
            same(await desk.send(positions, OTHER, at=LATER, reason=""), 0)
        same(await claimed(journal, LATER), [])
        same([state.counts["pending"] for state in (await journal.lanes()).values()], [0])

    @with_journal
    async def test_emptied_events_and_full_ones_are_pruned_alike_the_oldest_first(
        self, journal: Journal
    ) -> None:
        times = [NOON + number * MINUTE for number in (3, 0, 2, 1)]
        await telling(journal, *(told(str(number), lanes=(), recorded=at) for number, at in enumerate(times)))
        same(await journal.empty(NOON + 2 * MINUTE, 1), 1)
        same(await journal.empty(NOON + 2 * MINUTE, 9), 1)
        same(await journal.prune(LATER, 1), 1)
        same(await self._left(journal), ["0", "2", "3"])
        same(await journal.prune(LATER, 2), 2)
        same(await self._left(journal), ["0"])

    @with_journal
    async def test_a_journal_says_how_much_room_it_uses(self, journal: Journal) -> None:
        before = await journal.used()
        await journal.commit_page(first_page(0, *map(str, range(200))))
        same(await journal.used() > before, True)  # noqa: FBT003

    @with_journal
    async def test_what_the_journal_itself_writes_is_no_touch_of_anothers(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        await journal.write_note("a", b"1")
        same(await journal.touched(), False)  # noqa: FBT003

    async def _emptied(self, journal: Journal) -> list[str]:
        entries = await journal.events(after=0, limit=99, wanted=ALL)
        same([entry.event.record is None for entry in entries], [entry.emptied for entry in entries])
        return [entry.event.record_id for entry in entries if entry.emptied]

    async def _left(self, journal: Journal) -> list[str]:
        return [entry.event.record_id for entry in await journal.events(after=0, limit=99, wanted=ALL)]


def _hollow(event: Event) -> Event:
    return structs.replace(event, record=None, previous=None, changes=(), request="")
