"""What looking back owes: events as they were, with what became of them, until they are pruned."""

from dataclasses import replace
from datetime import timedelta

from msgspec import structs

from lucca_sync.journal.protocol import (
    Attempt,
    DeliveryFilter,
    DeliveryHistory,
    EventEntry,
    EventFilter,
    Journal,
    ResourceName,
    StoreError,
    Write,
)
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import FieldChange
from lucca_sync.testing.events import LANE, NOON, an_event
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
    parked,
    raising,
    retrying,
    same,
    seen,
    telling,
    told,
    with_journal,
)

ALL = EventFilter()
OTHER = Lane("another-route", "a-connector")
LATER = NOON + HOUR


class LookingBackContract(JournalScene):
    """Events, histories, notes, pruning, closing."""

    @with_journal
    async def test_an_event_comes_back_as_it_was(self, journal: Journal) -> None:
        odd = an_event(
            record_id="1",
            happened=NOON - timedelta(days=9, microseconds=1),
            recorded=NOON + timedelta(microseconds=7),
            employee=None,
            source="https://acme.ilucca.net/somewhere",
            singular="employé",
            detected_by="confirmation",
            record={"id": "1", "n": 2**40, "f": 0.1, "t": True, "none": None, "list": [1, ["é"], {}]},
            previous={},
            changes=(FieldChange("/list/0", None, {"a": [1]}), FieldChange("/n", 1, [])),
        )
        await journal.commit_writes(NAME, NOON, [replace(told("1"), event=odd)])
        (found,) = await journal.events(after=0, limit=9, wanted=ALL)
        same(found.event, odd)
        (claim,) = await claimed(journal)
        same(claim.event, odd)

    @with_journal
    async def test_events_are_read_in_the_order_in_which_they_were_journaled(self, journal: Journal) -> None:
        writes = [told("2"), told("1"), told("2", "b", 2), told("3")]
        await telling(journal, *writes)
        entries = [*await journal.events(after=0, limit=9, wanted=ALL)]
        same([entry.event for entry in entries], [event_of(write) for write in writes])
        same(sorted({entry.position for entry in entries}), [entry.position for entry in entries])
        same([*await journal.events(after=entries[1].position, limit=1, wanted=ALL)], entries[2:3])
        same([*await journal.events(after=entries[-1].position, limit=9, wanted=ALL)], [])

    @with_journal
    async def test_the_newest_events_are_read_oldest_first(self, journal: Journal) -> None:
        await telling(journal, *(told(str(number)) for number in range(5)))
        entries = [*await journal.events(after=0, limit=9, wanted=ALL)]
        same([*await journal.newest(limit=2, wanted=ALL)], entries[3:])
        same([*await journal.newest(limit=9, wanted=ALL)], entries)
        same([*await journal.newest(limit=2, wanted=EventFilter(record_id="1"))], entries[1:2])

    @with_journal
    async def test_events_can_be_filtered_by_each_criterion(self, journal: Journal) -> None:
        departments, abroad = ResourceName("acme", "departments"), ResourceName("globex", "employees")
        await telling(journal, told("1", kind="created"), told("2"))
        await journal.commit_writes(departments, NOON, [told("1", name=departments)])
        await journal.commit_writes(abroad, NOON, [told("1", kind="deleted", name=abroad)])
        same(await _found(journal, EventFilter(tenant="globex")), [4])
        same(await _found(journal, EventFilter(resource="departments")), [3])
        same(await _found(journal, EventFilter(record_id="1")), [1, 3, 4])
        same(await _found(journal, EventFilter(kind="created")), [1])
        same(await _found(journal, EventFilter("acme", "employees", "2", "updated")), [2])
        same(await _found(journal, EventFilter("acme", "employees", "2", "deleted")), [])

    @with_journal
    async def test_an_event_is_found_by_its_id_or_an_unambiguous_beginning(self, journal: Journal) -> None:
        ids = ["ab" * 16, "ab" * 15 + "ac", "cd" * 16, "e1", "e10", "E1"]
        writes = (_identified(str(number), event_id) for number, event_id in enumerate(ids))
        await telling(journal, *writes)
        for beginning, found in {
            "ab" * 16: "ab" * 16,
            "ab" * 15 + "ac": "ab" * 15 + "ac",
            "ab" * 15 + "a": None,
            "a": None,
            "c": "cd" * 16,
            "cdcdcdc": "cd" * 16,
            "e1": "e1",
            "e10": "e10",
            "e": None,
            "E": "E1",
            "cd" * 17: None,
            "x": None,
            "": None,
        }.items():
            entry = await journal.event(beginning)
            same(entry and entry.event.id, found)

    # --- what became of them ------------------------------------------------------------------------------

    @with_journal
    async def test_a_delivery_keeps_every_settled_attempt(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=[LANE, OTHER]))
        (entry,) = await journal.events(after=0, limit=1, wanted=ALL)
        (first,) = await claimed(journal)
        (other,) = await journal.deliveries(after=0, limit=9, wanted=DeliveryFilter(route=OTHER.route))
        untouched = DeliveryHistory(other.key, OTHER, "pending", NOON, NOON, ())
        flying = DeliveryHistory(first.key, LANE, "in_flight", NOON, NOON + LEASE, ())
        same([*await journal.history(entry.position)], [flying, untouched])
        await journal.settle([retrying(first, LATER)])
        (second,) = await claimed(journal, LATER)
        await journal.settle([dead(second)])
        attempts = (
            Attempt(1, NOON, "retrying", "the target did not answer"),
            Attempt(2, NOON, "dead", "the target refused it"),
        )
        same(
            [*await journal.history(entry.position)],
            [DeliveryHistory(first.key, LANE, "dead", NOON, None, attempts), untouched],
        )

    @with_journal
    async def test_a_delivery_behind_another_is_pending_and_not_due(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2))
        _, behind = await journal.events(after=0, limit=9, wanted=ALL)
        _, waiting = await journal.deliveries(after=0, limit=9, wanted=DeliveryFilter())
        expected = DeliveryHistory(waiting.key, LANE, "pending", NOON, None, ())
        same([*await journal.history(behind.position)], [expected])

    @with_journal
    async def test_an_event_that_nobody_gets_has_no_deliveries(self, journal: Journal) -> None:
        await telling(journal, told("1", lanes=()))
        (entry,) = await journal.events(after=0, limit=1, wanted=ALL)
        same([*await journal.history(entry.position)], [])
        same([*await journal.history(entry.position + 1)], [])

    # --- pruning ------------------------------------------------------------------------------------------

    @with_journal
    async def test_old_events_are_pruned_once_all_their_deliveries_are_done(self, journal: Journal) -> None:
        await telling(
            journal,
            told("1", lanes=[LANE, OTHER]),
            told("2", lanes=[LANE]),
            told("3", lanes=()),
            told("4", lanes=[LANE], recorded=LATER),
            told("5", lanes=[LANE]),
            told("6", lanes=[LANE]),
            told("7", lanes=[LANE]),
        )
        one, two, four, five, six, _ = await claimed(journal)
        await journal.settle([done(one), done(two), done(four), dead(five), parked(six)])
        same(await journal.prune(LATER, 10), 2)
        same(await _left(journal), ["1", "4", "5", "6", "7"])
        (other,) = await claimed(journal, lane=OTHER)
        await journal.settle([done(other)])
        same(await journal.prune(LATER, 10), 1)
        same(await _left(journal), ["4", "5", "6", "7"])
        same(await journal.prune(LATER, 10), 0)

    @with_journal
    async def test_pruning_takes_the_oldest_first_and_no_more_than_the_limit(self, journal: Journal) -> None:
        await telling(
            journal,
            told("1", lanes=(), recorded=NOON + MINUTE),
            told("2", lanes=()),
            told("3", lanes=()),
        )
        same(await journal.prune(LATER, 2), 2)
        same(await _left(journal), ["1"])

    @with_journal
    async def test_a_pruned_event_leaves_nothing_behind_but_its_position(self, journal: Journal) -> None:
        await telling(journal, told("1"))
        (entry,) = await journal.events(after=0, limit=1, wanted=ALL)
        (claim,) = await claimed(journal)
        await journal.settle([done(claim)])
        same(await journal.prune(LATER, 1), 1)
        same(await journal.event(entry.event.id), None)
        same([*await journal.history(entry.position)], [])
        same(await journal.settle([done(claim)]), 0)
        await telling(journal, told("1", "b", 2))
        (following,) = await journal.events(after=0, limit=9, wanted=ALL)
        same(following.position > entry.position, True)  # noqa: FBT003
        same((await journal.known(NAME, ["1"]))["1"].sequence, 2)

    # --- notes, size, closing -----------------------------------------------------------------------------

    @with_journal
    async def test_a_note_is_kept_until_it_is_written_anew(self, journal: Journal) -> None:
        same(await journal.note("window"), None)
        await journal.write_note("window", b"\x00 one")
        await journal.write_note("another", b"")
        same((await journal.note("window"), await journal.note("another")), (b"\x00 one", b""))
        await journal.write_note("window", b"two")
        same(await journal.note("window"), b"two")

    @with_journal
    async def test_notes_are_found_by_what_their_keys_begin_with(self, journal: Journal) -> None:
        for key in ("brake/b", "brake/a", "brake", "brakes/a", "abilities/a", "brake/Zoé", "brake/été"):
            await journal.write_note(key, key.encode())
        found = await journal.notes("brake/")
        same(list(found), ["brake/Zoé", "brake/a", "brake/b", "brake/été"])
        same(found["brake/a"], b"brake/a")
        same(await journal.notes("nothing/"), {})

    @with_journal
    async def test_a_note_that_is_dropped_is_gone_and_dropping_none_does_nothing(
        self, journal: Journal
    ) -> None:
        await journal.write_note("brake/a", b"1")
        await journal.write_note("brake/b", b"2")
        await journal.drop_note("brake/a")
        await journal.drop_note("brake/a")
        same(await journal.note("brake/a"), None)
        same(dict(await journal.notes("brake/")), {"brake/b": b"2"})

    @with_journal
    async def test_a_note_is_swapped_only_while_it_says_what_it_did_before(self, journal: Journal) -> None:
        same(await journal.swap_note("a", b"0", b"1"), False)  # noqa: FBT003
        same(await journal.note("a"), None)
        same(await journal.swap_note("a", None, b"1"), True)  # noqa: FBT003
        same(await journal.swap_note("a", None, b"2"), False)  # noqa: FBT003
        same(await journal.swap_note("a", b"0", None), False)  # noqa: FBT003
        same(await journal.note("a"), b"1")
        same(await journal.swap_note("a", b"1", b"2"), True)  # noqa: FBT003
        same(await journal.note("a"), b"2")
        same(await journal.swap_note("a", b"2", None), True)  # noqa: FBT003
        same(await journal.swap_note("a", None, None), True)  # noqa: FBT003
        same(await journal.note("a"), None)

    @with_journal
    async def test_a_journal_with_records_takes_up_room(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, *map(str, range(100))))
        same(await journal.size() > 0, True)  # noqa: FBT003

    @with_journal
    async def test_a_closed_journal_answers_nothing_any_more(self, journal: Journal) -> None:
        await journal.close()
        await journal.close()
        await raising(StoreError, journal.state, NAME)
        await raising(StoreError, journal.commit_writes, NAME, NOON, [seen("1")])
        await raising(StoreError, journal.note, "window")


def _identified(record_id: str, event_id: str) -> Write:
    write = told(record_id)
    return replace(write, event=structs.replace(event_of(write), id=event_id))


async def _found(journal: Journal, wanted: EventFilter) -> list[int]:
    """Return which of the journal's events are found, counting from 1, read from either end."""
    everything = [entry.position for entry in await journal.events(after=0, limit=99, wanted=ALL)]
    entries: list[EventEntry] = [*await journal.events(after=0, limit=99, wanted=wanted)]
    same([*await journal.newest(limit=99, wanted=wanted)], entries)
    return [everything.index(entry.position) + 1 for entry in entries]


async def _left(journal: Journal) -> list[str]:
    return [entry.event.record_id for entry in await journal.events(after=0, limit=99, wanted=ALL)]
