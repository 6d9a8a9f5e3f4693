"""What is held can be listed, explained and decided about by a command, beside a daemon or without."""

import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from lucca_sync.cli.entry import exit_code
from lucca_sync.ingest.guard import REASONS, Reason
from lucca_sync.ingest.held import Decision, Held, Verdict, decision_key, decode_decision, encoded, held_key
from lucca_sync.journal.protocol import Journal, ResourceName
from lucca_sync.journal.sqlite import open_sqlite, read_sqlite
from lucca_sync.testing.events import NOON

NAME = ResourceName("acme", "employees")
HELD = Held(
    reason="establishment-lost",
    since=NOON,
    records=400,
    counts={"updated": 30, "deleted": 10},
    most=30,
    passed=2,
    subjects={"updated": tuple(map(str, range(1, 31))), "deleted": tuple(map(str, range(100, 110)))},
    fields={"manager": 3, "jobTitle": 30},
)


class Terminal(io.StringIO):
    """A person at a terminal."""

    def isatty(self) -> bool:
        return True


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[Journal]:
    journal = await open_sqlite(path)
    try:
        yield journal
    finally:
        await journal.close()


async def hold(path: Path, held: Held = HELD, name: ResourceName = NAME) -> None:
    async with opened(path) as journal:
        await journal.write_note(held_key(name), encoded(held))


async def decision_in(path: Path) -> Decision | None:
    reader = await read_sqlite(path)
    try:
        note = (await reader.notes(decision_key(NAME))).get(decision_key(NAME))
    finally:
        await reader.close()
    return decode_decision(note) if note else None


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    anyio.run(hold, path)
    return path


def brake(*arguments: object) -> int:
    return exit_code(["brake", *map(str, arguments)])


def test_list_tells_where_why_how_much_and_since_when(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brake("list", "--store", store) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["resource", "reason", "held", "of", "since", "decision"]
    assert line.split("  ") == [
        "acme/employees",
        "establishment-lost",
        "10 deleted, 30 updated",
        "400 (10%)",
        "2026-01-05 12:00Z",
        "none yet",
    ]


def test_list_says_when_nothing_is_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def empty() -> None:
        async with opened(tmp_path / "empty.db"):
            pass

    anyio.run(empty)
    assert brake("list", "--store", tmp_path / "empty.db") == 0
    assert capsys.readouterr().out == "Nothing is held.\n"


def test_show_explains_a_held_set_and_what_each_decision_would_do(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brake("show", "acme/employees", "--store", store) == 0
    shown = capsys.readouterr().out
    assert "All that one business establishment had went from view together." in shown
    assert "jobTitle  30 records" in shown
    assert "deleted: 100, 101, 102" in shown
    assert " and 10 more" in shown
    assert "2 changes and 0 deletions of the same look" in shown
    for decision in ("brake approve", "brake approve --as-baseline", "brake reject"):
        assert f"\n{decision}  " in shown
    assert "tells 40 events; each deletion is confirmed by id first" in shown


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_explained(
    reason: Reason, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = Held(reason=reason, since=NOON, records=3, counts={"deleted": 3})
    anyio.run(hold, tmp_path / "journal.db", held)
    assert brake("show", "acme/employees", "--store", tmp_path / "journal.db") == 0
    assert f"({reason})" in capsys.readouterr().out


def test_programs_get_all_that_is_remembered(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brake("show", "acme/employees", "--store", store, "-o", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tenant"], told["resource"], told["reason"]) == ("acme", "employees", "establishment-lost")
    assert (told["total"], told["share"], told["verdict"], told["waiting"]) == (40, 0.1, None, None)
    assert list(told["fields"]) == ["jobTitle", "manager"]
    assert len(told["subjects"]["updated"]) == 30
    assert brake("list", "--store", store, "-o", "json") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [told]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (("approve",), "approve"),
        (("approve", "--as-baseline"), "baseline"),
        (("reject",), "reject"),
    ],
)
def test_a_decision_is_left_for_the_daemon_and_shown_as_waiting(
    words: tuple[str, ...], verdict: Verdict, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *options = words
    assert brake(command, "acme/employees", "--store", store, "--yes", *options) == 0
    decision = anyio.run(decision_in, store)
    assert decision is not None
    assert (decision.verdict, decision.since) == (verdict, NOON)
    capsys.readouterr()
    assert brake("list", "--store", store) == 0
    assert f"{verdict}, waits for a daemon" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("approve",), ("approve", "--as-baseline"), ("reject",)])
def test_a_program_decides_without_being_asked_and_is_told_what_waits(
    words: tuple[str, ...], store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *options = words
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert brake(command, "acme/employees", "--store", store, "-o", "json", *options) == 2
    told = capsys.readouterr()
    assert (told.out, "--yes" in told.err) == ("", True)
    assert anyio.run(decision_in, store) is None
    assert brake(command, "acme/employees", "--store", store, "-o", "json", "--yes", *options) == 0
    told_json = json.loads(capsys.readouterr().out)
    decision = anyio.run(decision_in, store)
    assert decision is not None
    assert (told_json["waiting"], told_json["verdict"]) == (decision.verdict, None)
    assert brake("show", "acme/employees", "--store", store, "-o", "json") == 0
    assert json.loads(capsys.readouterr().out) == told_json


def test_a_decision_is_left_while_a_daemon_has_the_store_open(store: Path) -> None:
    async def beside() -> bytes | None:
        async with opened(store) as journal:
            code = await anyio.to_thread.run_sync(
                lambda: brake("reject", "acme/employees", "--store", store, "--yes")
            )
            assert code == 0
            return await journal.note(decision_key(NAME))

    assert anyio.run(beside) is not None


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1)])
def test_a_person_at_a_terminal_is_asked_first(
    answer: str, code: int, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert brake("approve", "acme/employees", "--store", store) == code
    assert (anyio.run(decision_in, store) is None) == bool(code)


def test_without_a_terminal_nothing_is_decided_unless_told_to(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert brake("approve", "acme/employees", "--store", store) == 2
    assert "--yes" in capsys.readouterr().err
    assert anyio.run(decision_in, store) is None


@pytest.mark.parametrize("command", ["show", "approve", "reject"])
def test_what_is_not_held_is_told_beside_what_is(
    command: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brake(command, "acme/departments", "--store", store) == 1
    assert capsys.readouterr().err.splitlines() == [
        "lucca-sync: nothing is held of acme/departments",
        "lucca-sync: held is something of acme/employees",
    ]


def test_a_decision_about_an_earlier_set_is_not_shown_for_this_one(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def earlier() -> None:
        old = Decision(verdict="approve", since=NOON - timedelta(days=1), at=NOON)
        async with opened(store) as journal:
            await journal.write_note(decision_key(NAME), encoded(old))

    anyio.run(earlier)
    assert brake("list", "--store", store) == 0
    assert "none yet" in capsys.readouterr().out


def test_no_store_is_said_as_for_every_command(tmp_path: Path) -> None:
    assert brake("list", "--store", tmp_path / "none.db") == 75
