"""What the SQLite journal owes beyond the common contract: a file that lasts and keeps things to itself."""

import re
import stat
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from lucca_sync.journal.protocol import (
    EventFilter,
    JournalReader,
    ResourceState,
    StoreError,
)
from lucca_sync.journal.sqlite import SqliteJournal, open_sqlite, read_sqlite
from lucca_sync.journal.sqlite.driver import Connection, connect
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    NAME,
    claimed,
    content,
    digest,
    done,
    first_page,
    head,
    page,
    retrying,
    seen,
    telling,
    told,
)

ALL = EventFilter()
CANARY = "Canary-Zebulon-4711"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[SqliteJournal]:
    journal = await open_sqlite(path)
    try:
        yield journal
    finally:
        await journal.close()


@asynccontextmanager
async def looking(path: Path) -> AsyncGenerator[JournalReader]:
    reader = await read_sqlite(path)
    try:
        yield reader
    finally:
        await reader.close()


@contextmanager
def raw(path: Path) -> Generator[Connection]:
    connection = connect(path, read_only=False, vfs=None)
    try:
        yield connection
    finally:
        connection.close()


# --- what lasts ---------------------------------------------------------------------------------------------


async def test_everything_is_there_after_closing_and_opening(path: Path) -> None:
    ids = [*map(str, range(150))]
    async with opened(path) as journal:
        await journal.commit_page(first_page(0, *ids))
        await journal.commit_page(page(0, dict.fromkeys(ids[1:], "a"), [told("1", "a")]))
        await journal.finish_sweep(NAME, NOON, 1)
        await journal.write_note("window", b"note")
        events = [*await journal.events(after=0, limit=9, wanted=ALL)]
    async with opened(path) as journal:
        assert await journal.state(NAME) == ResourceState(baseline_done=True, swept=NOON, records=150)
        assert (await journal.heads(NAME))[0] == head(0, dict.fromkeys(ids[1:], "a"))
        found = await journal.known(NAME, ids)
        assert {known.content for known in found.values()} == {content(record_id, "a") for record_id in ids}
        assert [known.id for known in await journal.missing(NAME, 9)] == ["0"]
        assert await journal.note("window") == b"note"
        assert [*await journal.events(after=0, limit=9, wanted=ALL)] == events
        await telling(journal, told("1", "b", 2), told("new"))
        assert [entry.position for entry in await journal.events(after=0, limit=9, wanted=ALL)] == [1, 2, 3]


async def test_claims_of_an_earlier_life_are_due_at_once_and_count_as_attempts(path: Path) -> None:
    async with opened(path) as journal:
        await telling(journal, told("1"), told("2"), told("2", "b", 2))
        first, second = await claimed(journal, NOON + HOUR)
        await journal.settle([retrying(first, NOON + HOUR)])
    async with opened(path) as journal:
        counts = (await journal.lanes())[LANE].counts
        assert (counts["in_flight"], counts["retrying"], counts["pending"]) == (0, 2, 1)
        assert await journal.settle([done(second)]) == 0
        (again,) = await claimed(journal)
        assert (again.event.record_id, again.attempt) == ("2", 2)


async def test_positions_are_not_used_twice_after_pruning_and_opening(path: Path) -> None:
    async with opened(path) as journal:
        await telling(journal, told("1", lanes=()), told("2", lanes=()))
        assert await journal.prune(NOON + HOUR, 9) == 2
    async with opened(path) as journal:
        await telling(journal, told("3"))
        assert [entry.position for entry in await journal.events(after=0, limit=9, wanted=ALL)] == [3]


# --- what is refused ----------------------------------------------------------------------------------------


async def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    async with opened(path):
        pass
    with raw(path) as connection:
        connection.execute("UPDATE schema_version SET version = 999")
    for opening in (open_sqlite, read_sqlite):
        with pytest.raises(StoreError, match=r"newer lucca-sync \(schema 999"):
            await opening(path)


async def test_a_file_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    for opening in (open_sqlite, read_sqlite):
        with pytest.raises(StoreError, match="belongs to another program"):
            await opening(path)
    with raw(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("recipe",)]


async def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("dear diary, " * 1000)
    for opening in (open_sqlite, read_sqlite):
        with pytest.raises(StoreError, match="SQLITE_NOTADB"):
            await opening(path)
    assert path.read_text() == "dear diary, " * 1000


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere.*No such file or directory"):
        await open_sqlite(tmp_path / "nowhere" / "journal.db")


async def test_after_a_refusal_the_file_can_be_opened(path: Path) -> None:
    path.write_text("no database " * 100)
    with pytest.raises(StoreError):
        await open_sqlite(path)
    path.unlink()
    async with opened(path) as journal:
        assert await journal.state(NAME) == ResourceState()


# --- who else may look --------------------------------------------------------------------------------------


async def test_a_reader_sees_what_is_committed_while_the_daemon_writes(path: Path) -> None:
    async with opened(path) as journal, looking(path) as reader:
        assert [*await reader.events(after=0, limit=9, wanted=ALL)] == []
        await telling(journal, *(told(str(number)) for number in range(100)))
        entries = await reader.events(after=0, limit=999, wanted=ALL)
        assert len(entries) == 100
        assert await reader.event(entries[7].event.id) == entries[7]
        assert [one.state for one in await reader.history(entries[7].position)] == ["pending"]
        assert [*await reader.newest(limit=1, wanted=ALL)] == entries[-1:]


async def test_a_reader_needs_no_daemon(path: Path) -> None:
    async with opened(path) as journal:
        await telling(journal, told("1"))
    async with looking(path) as reader:
        assert len(await reader.newest(limit=9, wanted=ALL)) == 1


async def test_a_reader_of_a_missing_file_is_told_so_and_makes_none(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no journal at"):
        await read_sqlite(path)
    assert not path.exists()


async def test_a_reader_does_not_keep_the_daemon_out(path: Path) -> None:
    async with opened(path):
        pass
    async with looking(path), opened(path) as journal:
        await telling(journal, told("1"))


async def test_only_its_owner_may_read_the_files(path: Path) -> None:
    async with opened(path) as journal:
        await telling(journal, told("1"))
        files = [file for file in path.parent.iterdir() if file.name.startswith("journal.db")]
        assert {file.name for file in files} >= {"journal.db", "journal.db-wal", "journal.db.lock"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


# --- what it keeps to itself --------------------------------------------------------------------------------


async def test_what_was_replaced_or_pruned_is_not_in_the_file_any_more(path: Path) -> None:
    async with opened(path) as journal:
        await journal.commit_page(page(0, {"1": CANARY}, [told("1", CANARY)]))
        (claim,) = await claimed(journal)
        await journal.settle([done(claim)])
    assert CANARY.encode() in path.read_bytes()
    async with opened(path) as journal:
        await telling(journal, told("1", "b", 2, lanes=()))
        await journal.prune(NOON + HOUR, 9)
    assert CANARY.encode() not in path.read_bytes()


@pytest.mark.parametrize("long", [False, True])
async def test_what_was_emptied_is_neither_in_the_file_nor_in_its_log_any_more(
    path: Path, *, long: bool
) -> None:
    value = CANARY * 1000 if long else CANARY  # a long one lies on pages of its own
    async with opened(path) as journal:
        await journal.commit_page(page(0, {"1": value}, [told("1", value)]))
        await telling(journal, told("1", "b", 2, lanes=()))
        (claim,) = await claimed(journal)
        await journal.settle([done(claim)])
        assert any(CANARY.encode() in file.read_bytes() for file in _files(path))
        assert await journal.empty(NOON + HOUR, 9) == 2
    assert not any(CANARY.encode() in file.read_bytes() for file in _files(path))


def _files(path: Path) -> list[Path]:
    return [file for file in path.parent.iterdir() if file.name in (path.name, f"{path.name}-wal")]


async def test_a_dictionary_holds_only_what_several_records_share(path: Path) -> None:
    shared = "Working-From-Home-Agreement"
    values = {str(number): f"{CANARY}-{number}" for number in range(100)}
    values |= dict.fromkeys(("x", "y", "z"), shared)
    async with opened(path) as journal:
        await journal.commit_page(page(0, values, [seen(*item) for item in values.items()]))
    with raw(path) as connection:
        ((trained,),) = connection.execute("SELECT body FROM dictionary").fetchall()
        used = connection.execute("SELECT DISTINCT dictionary FROM record").fetchall()
    assert used == [(1,)]
    assert b"givenName" in trained
    assert CANARY.encode() not in trained


async def test_an_unreadable_body_is_an_error_without_its_content(path: Path) -> None:
    async with opened(path) as journal:
        await journal.commit_page(first_page(0, *map(str, range(100))))
        await telling(journal, told("1"))
    with raw(path) as connection:
        connection.execute("UPDATE record SET body = ?", (CANARY.encode(),))
        connection.execute("UPDATE event SET body = ?", (CANARY.encode(),))
    async with opened(path) as journal:
        with pytest.raises(StoreError, match="cannot be read back") as broken:
            await journal.known(NAME, ["1"])
        assert CANARY not in str(broken.value)
        with pytest.raises(StoreError, match="cannot be read back"):
            await claimed(journal)
        await journal.commit_writes(NAME, NOON, [told("1", "b", 2)])
        assert (await journal.known(NAME, ["1"]))["1"].digest == digest("1", "b")


# --- what it costs ------------------------------------------------------------------------------------------

TOPICS = (
    "acts",
    "bodies",
    "deliveries",
    "events",
    "finding",
    "hints",
    "lanes",
    "pages",
    "queues",
    "records",
    "resources",
    "upkeep",
)
# Nothing to look at, what the call brought along, or as many rows as there are lanes or resources.
HARMLESS = re.compile(r"SCAN (CONSTANT ROW|\(subquery-\d\)|json_each .*|lane|resource|pruned)")

# What people ask for: the last events that match, and an id among the ids.
WALKS = {
    ("newest", "SCAN event"),
    ("with_id", "SCAN event USING COVERING INDEX event_ids"),
    ("positions_of", "SCAN event USING COVERING INDEX event_ids"),
    ("beginning_with", "SCAN event USING COVERING INDEX event_ids"),
}


@pytest.mark.parametrize("topic", TOPICS)
async def test_no_query_looks_through_a_whole_table_or_sorts(path: Path, topic: str) -> None:
    """So that each costs what it returns, with a million deliveries open as with one."""
    async with opened(path):
        pass
    with raw(path) as connection:
        for name, query in named_queries(topic).items():
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {query}", _nothing(query)).fetchall():
                slow = "TEMP B-TREE" in step or (step.startswith("SCAN") and not HARMLESS.fullmatch(step))
                assert not slow or (name, step) in WALKS, (name, step)


def _nothing(query: str) -> list[None]:
    """Bind nothing to each parameter, numbered or not."""
    return [None] * (len(set(re.findall(r"\?\d+", query))) or query.count("?"))


async def test_a_page_committed_again_unchanged_grows_nothing(path: Path) -> None:
    async with opened(path) as journal:
        await journal.commit_page(first_page(0, *map(str, range(100))))
    size = path.stat().st_size
    async with opened(path) as journal:
        for _ in range(20):
            await journal.commit_page(page(0, dict.fromkeys(map(str, range(100)), "a")))
    assert path.stat().st_size == size


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_was_removed_or_replaced_takes_no_more_writes(
    path: Path, *, replaced: bool
) -> None:
    async with opened(path) as journal:
        await journal.write_note("kept", b"1")
        path.rename(path.with_name("moved.db"))
        if replaced:
            path.write_bytes(b"")
        with pytest.raises(StoreError, match="removed or replaced while in use"):
            await journal.write_note("lost", b"2")
        path.unlink(missing_ok=True)
        path.with_name("moved.db").rename(path)
        await journal.write_note("kept", b"3")
        assert await journal.note("kept") == b"3"


async def test_a_file_that_is_no_store_is_told_with_what_to_do(path: Path) -> None:
    path.write_bytes(b"not a database, by far" * 400)
    with pytest.raises(StoreError, match="no store of ours"):
        await open_sqlite(path)


async def test_a_folder_in_place_of_the_file_is_told_with_what_to_do(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        await open_sqlite(path)
