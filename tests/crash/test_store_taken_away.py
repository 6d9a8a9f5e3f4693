"""The store's file goes away under the daemon, or may no more be written: it says so and loses nothing."""

import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.stage import Stage, said_more, stage
from tests.crash.store_faults import Order
from tests.running import Running, fetched, until

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

AS_OTHERS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner")
"""Runs a program of root's without root's right to pass over who may read and write what."""


def required(*programs: str) -> None:
    """Fail in CI, skip elsewhere, where root or these programs are missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if os.geteuid() == 0 and not missing:
        return
    reason = f"needs root and {', '.join(programs)} (Debian: util-linux)"
    if os.environ.get("LUCCA_SYNC_REQUIRE_TOOLS"):
        pytest.fail(reason)
    pytest.skip(reason)


async def refused(made: Stage, daemon: Running) -> str:
    """Wait until the daemon refuses to write and is unready; return what it says."""
    base = await daemon.started()
    made.rename()
    await until(lambda: bool(daemon.lines("store_refuses_writes")))
    assert (await fetched(f"{base}/readyz"))[0] == 503
    return str(daemon.lines("store_refuses_writes")[0]["detail"])


async def not_started(daemon: Running) -> int:
    """Wait until it has ended before it served anybody, and return its exit code."""
    await until(lambda: bool(daemon.lines("started")) or daemon.process.returncode is not None)
    assert not daemon.lines("started")
    return await daemon.ended()


async def test_a_store_that_was_moved_away_is_taken_up_again_when_it_is_put_back(tmp_path: Path) -> None:
    async with stage(tmp_path, seed=1, people=30, fragile=True) as made:
        async with made.daemon() as daemon:
            await daemon.started()
            away = made.store.with_name("away.db")
            made.store.rename(away)
            assert "was removed or replaced" in await refused(made, daemon)
            assert not made.store.exists()
            away.rename(made.store)
            await made.up_to_date(daemon)
            assert await daemon.stop() == 0
        await made.end(seen=["acknowledgements"])


async def test_into_a_store_that_replaced_ours_nothing_is_written(tmp_path: Path) -> None:
    """A copy put in its place belongs to somebody's plan: it is used by the next start, as it is."""
    async with stage(tmp_path, seed=2, people=30, fragile=True) as made:
        copy = made.store.with_name("copy.db")
        shutil.copy(made.store, copy)
        copied = copy.read_bytes()
        async with made.daemon() as daemon:
            await daemon.started()
            copy.replace(made.store)
            assert "was removed or replaced" in await refused(made, daemon)
            assert not made.book.arrivals
            assert await daemon.stop() == 0
        assert made.store.read_bytes() == copied
        for leftover in made.disk.glob("journal.db-*"):
            leftover.unlink()
        await made.end(seen=["acknowledgements"])


async def test_a_store_that_lost_its_rights_is_said_to_and_used_again_when_it_has_them(
    tmp_path: Path,
) -> None:
    """What is open stays open: it is noticed when the disk has failed and the file is opened anew."""
    required("setpriv")
    async with stage(tmp_path, seed=3, people=30, fragile=True) as made:
        made.before = AS_OTHERS
        async with made.daemon() as daemon:
            await daemon.started()
            made.switch.fail(Order("sync", "io"))
            await refused(made, daemon)
            made.store.chmod(0o400)
            made.switch.heal()
            again = len(daemon.lines("store_takes_writes_again"))
            made.rename()
            assert made.behind()
            made.store.chmod(0o600)
            await made.up_to_date(daemon)
            await until(said_more(daemon, "store_takes_writes_again", again))
            assert await daemon.stop() == 0
        await made.end(seen=["faults", "acknowledgements"])


async def test_with_a_store_that_may_not_be_written_it_does_not_start_and_says_so(tmp_path: Path) -> None:
    required("setpriv")
    async with stage(tmp_path, seed=4, people=30, fragile=True) as made:
        made.before = AS_OTHERS
        made.rename()
        made.store.chmod(0o400)
        async with made.daemon() as daemon:
            assert await not_started(daemon) == 75
        assert any("may not be written" in line for line in daemon.complaints), daemon.complaints
        made.store.chmod(0o600)
        await made.end(seen=["acknowledgements"])


@pytest.mark.parametrize("what", ["the log", "the folder"])
async def test_with_a_log_or_a_folder_that_may_not_be_written_it_does_not_start_and_says_so(
    tmp_path: Path, what: str
) -> None:
    """A log is only there after a sudden end; what that one leaves makes a closed folder do no harm.

    Nothing is under way at the end: the next start has nothing to tidy, and must find out all the same.
    """
    required("setpriv")
    async with stage(tmp_path, seed=6, people=10) as made:
        async with made.daemon() as daemon:
            await daemon.started()
            made.rename()
            await made.up_to_date(daemon)
            await made.settled(daemon)
            await (daemon.kill() if what == "the log" else daemon.stop())
        made.before = AS_OTHERS
        closed = made.store.with_name("journal.db-wal") if what == "the log" else made.disk
        usual = closed.stat().st_mode
        closed.chmod(usual & 0o555)
        async with made.daemon() as daemon:
            code = await not_started(daemon)
        assert (code, len(daemon.complaints)) == (75, 1), daemon.complaints
        assert "journal.db: may not be written" in daemon.complaints[0]
        closed.chmod(usual)
        await made.end(["acknowledgements"])


@dataclass
class SmallDisk:
    """A disk that somebody may enlarge."""

    place: Path
    inside: Sequence[str]
    """Runs a program where the disk is to be seen."""
    mebibytes: int

    def enlarge(self) -> None:
        """Make room, whatever has taken what there was: the store's own log may."""
        self.mebibytes += 2
        remount = ("mount", "-o", f"remount,size={self.mebibytes}m", str(self.place))
        subprocess.run([*self.inside, *remount], check=True)


@asynccontextmanager
async def small_disk(made: Stage, mebibytes: int) -> AsyncGenerator[SmallDisk]:
    """Give the stage a disk of that size: in a mount namespace that ends with its one process.

    In the end the store moves to a larger disk, as it stands.
    """
    program = f"mount -t tmpfs -o size={mebibytes}m tmpfs {made.disk} && echo mounted && exec cat"
    holder = subprocess.Popen(  # noqa: ASYNC220 - its one line comes at once
        ["unshare", "--mount", "sh", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mounted\n"
        made.before = ("nsenter", "--mount", "--target", str(holder.pid))
        made.seen_at = Path(f"/proc/{holder.pid}/root") / made.disk.relative_to("/")
        yield SmallDisk(made.disk, made.before, mebibytes)
        for file in made.seen_at.glob("journal.db*"):
            shutil.copy(file, made.disk)
    finally:
        made.before, made.seen_at = (), made.disk
        holder.communicate()


def fill_up(ballast: Path) -> None:
    """Write until nothing goes in any more, whoever else writes meanwhile."""
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        with suppress(OSError):
            while os.write(file, bytes(4096)):
                pass
    finally:
        os.close(file)


async def refused_for_want_of_room(made: Stage, daemon: Running, base: str) -> None:
    """Fill the disk and change people until the daemon is unready: the store's log has some room of its own.

    A refusal may be over at once: what was too much for the log may go in when it begins anew.
    """
    refusals = len(daemon.lines("store_refuses_writes"))
    refused_again = said_more(daemon, "store_refuses_writes", refusals)
    fill_up(made.seen_at / "ballast")
    while not refused_again() or (await fetched(f"{base}/readyz"))[0] != 503:
        made.rename(20)
        await made.up_to_date_or(lambda: not takes_writes(daemon))


def takes_writes(daemon: Running) -> bool:
    """Tell whether the last that was said of the store is that it takes writes, if anything."""
    return len(daemon.lines("store_takes_writes_again")) == len(daemon.lines("store_refuses_writes"))


async def test_on_a_small_disk_that_is_full_it_waits_for_room_and_has_lost_nothing(tmp_path: Path) -> None:
    required("unshare", "nsenter", "mount")
    async with stage(tmp_path, seed=5, people=10, baseline=False) as made:
        async with small_disk(made, mebibytes=3) as disk:
            await made.take_everything_in()
            async with made.daemon() as daemon:
                base = await daemon.started()
                for _ in range(2):
                    await refused_for_want_of_room(made, daemon, base)
                    made.rename()
                    disk.enlarge()
                    await made.up_to_date(daemon)
                    await until(lambda: takes_writes(daemon))
                await refused_for_want_of_room(made, daemon, base)
                await made.kill(daemon)
        await made.end(seen=["ends", "acknowledgements"])


def test_the_simulated_loss_of_rights_is_one(tmp_path: Path) -> None:
    """A file of mode 0400 can't be opened for writing then; else the tests above would prove nothing."""
    required("setpriv")
    file = tmp_path / "file"
    file.touch(0o400)
    opened = subprocess.run([*AS_OTHERS, "sh", "-c", f": >>{file}"], capture_output=True, check=False)
    assert opened.returncode != 0
