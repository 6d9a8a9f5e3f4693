"""Payroll files and crashes: whatever the instant, no line is lost or doubled and no file is half."""

import contextlib
import csv
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lucca_connectors.payroll_file import PayrollFileConnector
from lucca_sync import Done, Retry
from lucca_sync.testing import made
from tests.connectors.crashes import Crashed, at_touch, touches_left
from tests.connectors.test_payroll_file import delivery, section

LAST_TOUCH = 40
"""More touches of the file system than one batch makes; the sweep ends at the first that isn't reached."""

BATCHES = ([delivery(number) for number in range(3)], [delivery(number) for number in range(3, 5)])


class Payroll:
    """The program that reads the files: takes each away as soon as it sees it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.names: list[str] = []
        self.lines: list[str] = []

    def pick_up(self) -> None:
        for path in sorted(self._directory.glob("*.csv")):
            with path.open(newline="") as file:
                rows = list(csv.reader(file, delimiter=";"))
            assert rows[0] == ["Matricule", "Début"]
            assert all(len(row) == 2 for row in rows)
            self.names.append(path.name)
            self.lines += [row[0] for row in rows[1:]]
            path.unlink()


def connector(directory: Path) -> PayrollFileConnector:
    return made(PayrollFileConnector, section(directory))


@pytest.mark.parametrize("payroll_is_quick", [True, False])
async def test_a_crash_at_any_touch_of_the_disk_loses_and_doubles_nothing(
    tmp_path: Path,
    *,
    payroll_is_quick: bool,
) -> None:
    reached = 0
    for touch in range(1, LAST_TOUCH):
        directory = tmp_path / str(touch)
        directory.mkdir()
        payroll = Payroll(directory)
        await connector(directory).deliver(BATCHES[0])
        with at_touch(touch, directory, Crashed()):
            try:
                await connector(directory).deliver(BATCHES[1])
            except Crashed:
                reached = touch
            struck = touches_left() <= 0
        if payroll_is_quick:
            payroll.pick_up()
        restarted = connector(directory)
        for batch in BATCHES:
            outcomes = await restarted.deliver(batch)
            assert all(isinstance(outcome, Done) for outcome in outcomes)
        payroll.pick_up()
        assert sorted(payroll.lines) == ["0000", "0001", "0002", "0003", "0004"], f"at touch {touch}"
        assert len(payroll.names) == len(set(payroll.names))
        assert [path.name for path in directory.iterdir()] == [".lucca-sync"]
        if not struck:
            break
    assert 8 <= reached < LAST_TOUCH - 1


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.ENOENT])
async def test_a_disk_error_at_any_touch_delays_and_nothing_else(problem: int, tmp_path: Path) -> None:
    reached = 0
    for touch in range(1, LAST_TOUCH):
        directory = tmp_path / str(touch)
        directory.mkdir()
        payroll = Payroll(directory)
        one = connector(directory)
        with at_touch(touch, directory, OSError(problem, os.strerror(problem))):
            outcomes = await one.deliver(BATCHES[0])
            struck = touches_left() <= 0
        if struck and isinstance(outcomes[0], Retry):
            reached = touch
            assert os.strerror(problem) in outcomes[0].reason
        for batch in BATCHES:
            outcomes = await one.deliver(batch)
            assert all(isinstance(outcome, Done) for outcome in outcomes)
        payroll.pick_up()
        assert sorted(payroll.lines) == ["0000", "0001", "0002", "0003", "0004"], f"at touch {touch}"
        assert [path.name for path in directory.iterdir()] == [".lucca-sync"]
        if not struck:
            break
    assert 8 <= reached < LAST_TOUCH - 1


async def test_a_torn_temporary_file_is_given_up_and_its_number_is_not_used_again(tmp_path: Path) -> None:
    await _crashed_before_the_rename(tmp_path)
    (part,) = tmp_path.glob(".*.part")
    part.write_bytes(part.read_bytes()[:-5])
    assert await connector(tmp_path).deliver(BATCHES[0]) == [Done("absences-00002.csv")] * 3
    assert not part.exists()


async def test_an_unfinished_file_is_completed_with_its_own_bytes(tmp_path: Path) -> None:
    await _crashed_before_the_rename(tmp_path)
    (part,) = tmp_path.glob(".*.part")
    content = part.read_bytes()
    assert await connector(tmp_path).deliver(BATCHES[0]) == [Done("absences-00001.csv")] * 3
    assert (tmp_path / "absences-00001.csv").read_bytes() == content


async def test_a_temporary_file_that_nobody_knows_does_not_stay(tmp_path: Path) -> None:
    await connector(tmp_path).deliver(BATCHES[0])
    stray, foreign = (
        tmp_path / ".lucca-sync-a-connector-00009.part",
        tmp_path / ".lucca-sync-other-00009.part",
    )
    for path in (stray, foreign):
        path.write_text("0007;2026-01-31")
    await connector(tmp_path).deliver(BATCHES[0])
    assert (stray.exists(), foreign.exists()) == (False, True)


async def test_a_stranger_that_took_the_name_is_not_overwritten(tmp_path: Path) -> None:
    await _crashed_before_the_rename(tmp_path)
    (tmp_path / "absences-00001.csv").write_text("a stranger's")
    assert await connector(tmp_path).deliver(BATCHES[0]) == [Done("absences-00002.csv")] * 3
    assert (tmp_path / "absences-00001.csv").read_text() == "a stranger's"


async def test_a_temporary_file_taken_away_under_our_hands_is_not_taken_for_published(tmp_path: Path) -> None:
    one = connector(tmp_path)
    gone = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    with at_touch(await _touch_of_the_rename(tmp_path), tmp_path, gone):
        outcomes = await one.deliver(BATCHES[0])
    assert all(isinstance(outcome, Retry) for outcome in outcomes)
    for part in tmp_path.glob(".*.part"):
        part.unlink()
    assert await one.deliver(BATCHES[0]) == [Done("absences-00002.csv")] * 3


PROGRAM = """
import asyncio, sys
from pathlib import Path
from lucca_sync.testing import made
from tests.connectors.test_payroll_file import delivery, section
from lucca_connectors.payroll_file import PayrollFileConnector

async def main() -> None:
    one = made(PayrollFileConnector, section(Path(sys.argv[1])))
    for number in range(10_000):
        await one.deliver([delivery(number)])
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 2, 5])
async def test_a_killed_process_leaves_whole_files_and_no_doubles(after: int, tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: ASYNC220 - a test may wait for its own program
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=_root()
    ) as program:
        assert program.stdout is not None
        for _ in range(after):
            program.stdout.readline()
        program.send_signal(signal.SIGKILL)
        told = after + len(program.stdout.readlines())
    payroll = Payroll(tmp_path)
    restarted = connector(tmp_path)
    for number in range(told + 2):
        assert isinstance((await restarted.deliver([delivery(number)]))[0], Done)
    payroll.pick_up()
    assert sorted(payroll.lines) == [f"{number:04d}" for number in range(told + 2)]


def _root() -> Path:
    return Path(__file__).parents[2]


async def _touch_of_the_rename(tmp_path: Path) -> int:
    """Find, in a folder beside, at which touch the file gets its final name."""
    for touch in range(1, LAST_TOUCH):
        rehearsal = tmp_path.with_name(f"{tmp_path.name}-rehearsal-{touch}")
        rehearsal.mkdir()
        with at_touch(touch, rehearsal, Crashed()), contextlib.suppress(Crashed):
            await connector(rehearsal).deliver(BATCHES[0])
        if list(rehearsal.glob("*.csv")):
            return touch - 1
    raise AssertionError("no touch made the file appear")


async def _crashed_before_the_rename(tmp_path: Path) -> None:
    with at_touch(await _touch_of_the_rename(tmp_path), tmp_path, Crashed()), pytest.raises(Crashed):
        await connector(tmp_path).deliver(BATCHES[0])
    assert list(tmp_path.glob("*.csv")) == []
