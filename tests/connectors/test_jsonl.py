"""JSON Lines: whole lines, durably, to a file or to standard output."""

import errno
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lucca_connectors.jsonl import JsonlConfig, JsonlConnector
from lucca_connectors.jsonl.lines import LineFile
from lucca_connectors.jsonl.render import BEGINNING, render
from lucca_sync import CheckFailed, Done, Retry
from lucca_sync.testing import made, opened, outcome_of
from lucca_sync.testing.events import a_delivery, an_event
from tests.connectors.crashes import at_touch

BATCH = [a_delivery(an_event(record_id=str(number), record={"givenName": "Zoë\n"})) for number in range(3)]
EVENTS = [delivery.event.cloudevent() for delivery in BATCH]


def read(path: Path) -> list[object]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


async def test_events_are_added_as_lines_in_order(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for batch in (BATCH[:1], BATCH[1:]):
        async with opened(JsonlConnector, {"type": "jsonl", "path": str(path)}) as connector:
            assert await connector.deliver(batch) == [Done()] * len(batch)
    assert read(path) == EVENTS


async def test_standard_output_is_the_default(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    async with opened(JsonlConnector, {"type": "jsonl"}) as connector:
        await connector.check()
        assert await connector.deliver(BATCH) == [Done()] * 3
    assert [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()] == EVENTS


async def test_output_that_is_closed_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with io.TextIOWrapper(io.FileIO(writer, "wb")) as stream:
        monkeypatch.setattr("sys.stdout", stream)
        async with opened(JsonlConnector, {"type": "jsonl"}) as connector:
            outcome = await outcome_of(connector, BATCH[0].event)
    assert outcome == Retry("cannot write to standard output: Broken pipe", possibly_sent=True)


@pytest.mark.parametrize("lost", [1, 10, 200])
async def test_a_line_torn_by_a_crash_is_removed(lost: int, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(render(BATCH[:2])[:-lost])
    async with opened(JsonlConnector, {"type": "jsonl", "path": str(path)}) as connector:
        await connector.deliver(BATCH[2:])
    whole = EVENTS[:2] if lost == 1 else EVENTS[:1]  # without its line feed only, a line is whole
    assert read(path) == [*whole, EVENTS[2]]


@given(st.integers(1, len(render(BATCH))))
def test_wherever_a_crash_cuts_only_whole_lines_remain(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "events.jsonl"
    path.write_bytes(render(BATCH)[:cut])
    LineFile(path).add(render(BATCH))
    lines = read(path)
    assert lines[-3:] == EVENTS
    assert lines[:-3] == EVENTS[: len(lines) - 3]


async def test_somebody_elses_last_line_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("first\nnot ours, without an end")
    async with opened(JsonlConnector, {"type": "jsonl", "path": str(path)}) as connector:
        await connector.deliver(BATCH[:1])
    assert path.read_text().splitlines()[:2] == ["first", "not ours, without an end"]
    assert json.loads(path.read_text().splitlines()[2]) == EVENTS[0]


def test_every_line_begins_as_the_mending_expects() -> None:
    assert all(line.startswith(BEGINNING) for line in render(BATCH).splitlines())


def test_a_long_torn_line_is_found(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"{}\n" + BEGINNING + b'"' + b"x" * 300_000)
    LineFile(path).add(b"{}\n")
    assert path.read_bytes() == b"{}\n{}\n"


async def test_a_file_may_be_rotated_away(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    async with opened(JsonlConnector, {"type": "jsonl", "path": str(path)}) as connector:
        await connector.deliver(BATCH[:1])
        path.rename(tmp_path / "events.jsonl.1")
        await connector.deliver(BATCH[1:])
    assert read(path) == EVENTS[1:]


async def test_a_file_that_cannot_be_opened_delays(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    async with opened(JsonlConnector, {"type": "jsonl", "path": str(path)}) as connector:
        with at_touch(1, tmp_path, OSError(errno.EROFS, os.strerror(errno.EROFS))):
            outcomes = await connector.deliver(BATCH)
        assert outcomes == [Retry(f"cannot write to {path}: Read-only file system")] * 3
        await connector.deliver(BATCH)
    assert read(path) == EVENTS


def test_a_full_disk_leaves_no_half_batch(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="needs a limit on the size of files")
    path = tmp_path / "events.jsonl"
    LineFile(path).add(render(BATCH[:1]))
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
        with pytest.raises(OSError, match="File too large"):
            LineFile(path).add(render(BATCH[1:]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before


@pytest.mark.parametrize("place", ["missing/events.jsonl", ""])
async def test_check_says_what_is_wrong_and_leaves_nothing(place: str, tmp_path: Path) -> None:
    async with opened(JsonlConnector, {"type": "jsonl", "path": str(tmp_path / place)}) as connector:
        with pytest.raises(CheckFailed, match="cannot write to"):
            await connector.check()
    async with opened(JsonlConnector, {"type": "jsonl", "path": str(tmp_path / "fine")}) as connector:
        await connector.check()
    assert list(tmp_path.iterdir()) == []


async def test_a_device_is_written_to_as_it_is() -> None:
    async with opened(JsonlConnector, {"type": "jsonl", "path": os.devnull}) as connector:
        assert await connector.deliver(BATCH) == [Done()] * 3


def test_lines_keep_their_order_so_one_batch_at_a_time() -> None:
    abilities = made(JsonlConnector, {"type": "jsonl"}).abilities
    assert (abilities.max_batch, abilities.concurrency) == (100, 1)


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        JsonlConfig.model_validate({"type": "jsonl", "file": "x"})
