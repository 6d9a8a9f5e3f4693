"""A store that an earlier release wrote is brought up to date, and goes on where it stood."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lucca_sync.journal.protocol import Attempt, DeliveryFilter, EventFilter, StoreError
from lucca_sync.journal.sqlite import SqliteJournal, open_desk, open_sqlite, read_sqlite
from lucca_sync.journal.sqlite.codes import CODES, micros, pack_id
from lucca_sync.journal.sqlite.queries import migrations
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import State
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    LEASE,
    MINUTE,
    claimed,
    dead,
    done,
    listed,
    states,
    telling,
    told,
    who,
)

LATER = NOON + HOUR
BODY = b'[{"id":"1","givenName":"a"},null,[["/givenName","b","a"]]]'
"""As events were written before they knew of requests."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a store as the first release left it when it was killed.

    Subject 1 has a dead letter, a delivery in flight and one behind it; subject 2 one that was done, one that
    waits for its retry; subject 3 one that is parked.
    """
    path = tmp_path / "journal.db"
    store = Store(path)
    store.open()
    store.write(lambda: _first_release(store))
    store.close()
    return path


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[SqliteJournal]:
    journal = await open_sqlite(path)
    try:
        yield journal
    finally:
        await journal.close()


def _first_release(store: Store) -> None:
    store.set("application_id", int.from_bytes(b"LuSy"))
    store.run("CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT")
    store.run("INSERT INTO schema_version VALUES (1)")
    store.run(migrations()[0].script)
    store.run("INSERT INTO resource (key, tenant, name, records) VALUES (1, 'acme', 'employees', 3)")
    store.run("INSERT INTO origin VALUES (1, 1, 'https://acme.ilucca.net', 'employee', 'updated', 'sweep')")
    store.run("INSERT INTO lane VALUES (1, 'a-route', 'a-connector', 1, 1, 1, 1, 1)")
    for record, sequence in ((1, 3), (2, 2), (3, 1)):
        row = (record, str(record), sequence, b"d", b'{"id":"1"}')
        store.run("INSERT INTO record VALUES (?, 1, ?, -2, 0, ?, ?, 0, ?)", row)
    _delivery(store, 1, 1, 1, "dead", place=None, attempt=1)
    _delivery(store, 2, 1, 2, "in_flight", place=1, attempt=1)
    _delivery(store, 3, 1, 3, "pending", place=2, attempt=0)
    _delivery(store, 4, 2, 1, "done", place=None, attempt=2)
    _delivery(store, 5, 2, 2, "retrying", place=1, attempt=1)
    _delivery(store, 6, 3, 1, "parked", place=1, attempt=1)


def _delivery(
    store: Store, position: int, record: int, sequence: int, state: State, *, place: int | None, attempt: int
) -> None:
    event = (
        position,
        pack_id(f"{position:032x}"),
        record,
        sequence,
        micros(NOON),
        int(state != "done"),
        BODY,
    )
    store.run("INSERT INTO event VALUES (?1, ?2, 1, ?3, ?4, ?5, ?5, '7', ?6, 0, ?7)", event)
    due = {"in_flight": NOON + LEASE, "retrying": NOON + 2 * MINUTE}.get(state)
    key = position << 16 | 1
    row = (key, record, CODES[state], place, due and micros(due), attempt, micros(NOON))
    store.run("INSERT INTO delivery VALUES (?, 1, ?, ?, ?, ?, ?, ?)", row)
    for number in range(1, attempt + (state != "in_flight")):
        ending = state if number == attempt else "retrying"
        store.run(
            "INSERT INTO attempt VALUES (?, ?, ?, ?, 'why')", (key, number, micros(NOON), CODES[ending])
        )


async def test_an_older_store_keeps_what_it_held(path: Path) -> None:
    async with opened(path) as journal:
        assert await states(journal) == [
            ("1", 1, "dead"),
            ("1", 2, "retrying"),
            ("1", 3, "pending"),
            ("2", 1, "done"),
            ("2", 2, "retrying"),
            ("3", 1, "parked"),
        ]
        events = await journal.events(after=0, limit=9, wanted=EventFilter())
        assert [entry.event.sequence for entry in events] == [1, 2, 3, 1, 2, 1]
        assert {entry.emptied for entry in events} == {False}
        assert {entry.event.changes[0].path for entry in events} == {"/givenName"}
        (history,) = await journal.history(4)
        assert history.attempts == (Attempt(1, NOON, "retrying", "why"), Attempt(2, NOON, "done", "why"))
        status = (await journal.lanes())[LANE]
        counts = {"pending": 1, "in_flight": 0, "retrying": 2, "parked": 1, "dead": 1}
        assert (dict(status.counts), status.oldest) == (counts, NOON)


async def test_an_older_store_goes_on_delivering_in_order(path: Path) -> None:
    async with opened(path) as journal:
        (abandoned,) = await claimed(journal)
        assert (who([abandoned]), abandoned.attempt, abandoned.earlier) == ([("1", 2)], 2, 0)
        await journal.settle([done(abandoned)])
        claims = await claimed(journal, LATER)
        assert who(claims) == [("1", 3), ("2", 2)]
        await journal.settle([dead(claim, hold=True) for claim in claims])
        await telling(journal, told("1", "b", 4), told("3", "b", 2))
        assert await claimed(journal, LATER) == []


async def test_an_older_stores_dead_letters_can_be_sent_again(path: Path) -> None:
    async with opened(path) as journal:
        await journal.settle([done(claim) for claim in await claimed(journal)])
        (letter,) = await listed(journal, DeliveryFilter(states=("dead",)))
        assert letter.reason == "why"
        assert await journal.queue_again([letter.key], at=LATER, reason="by hand") == (1, 0)
        assert who(await claimed(journal, LATER)) == [("2", 2), ("1", 1)]


async def test_an_older_stores_events_are_emptied_and_pruned(path: Path) -> None:
    async with opened(path) as journal:
        assert await journal.empty(LATER, 9) == 1
        assert await journal.prune(LATER, 9) == 1


async def test_only_the_daemon_brings_a_store_up_to_date(path: Path) -> None:
    for opening in (open_desk, read_sqlite):
        with pytest.raises(StoreError, match="`lucca-sync run` brings it up to date"):
            await opening(path)
