"""The real daemon while the wall clock of its machine is set to and fro: it goes on, and repeats nothing."""

import os
from pathlib import Path

import pytest

from tests.crash.stage import Stage, stage
from tests.running import Running, fetched

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime",
    "/usr/lib/aarch64-linux-gnu/faketime",
    "/usr/lib64/faketime",
)
SETTINGS = ("+2d", "+0", "+3h", "-1h", "-2d", "+400d", "+0")


def library() -> Path:
    """Return where libfaketime is; fails in CI, skips elsewhere, where there is none."""
    for folder in LIBRARIES:
        found = Path(folder) / "libfaketimeMT.so.1"
        if found.exists():
            return found
    reason = "needs libfaketime: on Debian it comes with `apt-get install faketime`"
    if os.environ.get("LUCCA_SYNC_REQUIRE_TOOLS"):
        pytest.fail(reason)
    pytest.skip(reason)


class Watch:
    """The wall clock that a process sees; the clock that only ever goes forwards is its own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.put("+0")

    @property
    def worn(self) -> dict[str, str]:
        """What a process has to be given to see this clock."""
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # with it, threads wait for ever
        }

    def put(self, offset: str) -> None:
        """Set it; who looks at it meanwhile sees either the time before or that after."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(offset + "\n")
        draft.replace(self._file)


async def told_at_once(made: Stage, daemon: Running) -> None:
    """Let something change and arrive, and the store know that it has."""
    made.rename()
    await made.up_to_date(daemon)
    await made.settled(daemon)


async def test_each_change_arrives_once_whatever_the_clock_is_set_to(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "clock")
    async with stage(tmp_path, seed=1, people=30) as made:
        made.surroundings = watch.worn
        for name in made.targets:  # a busy machine that answers late would have it sent again, rightly
            made.settings["connectors"][name]["timeout"] = "60s"
        async with made.daemon() as daemon:
            base = await daemon.started()
            for setting in SETTINGS:
                await told_at_once(made, daemon)
                watch.put(setting)
                await told_at_once(made, daemon)
                assert (await fetched(f"{base}/livez"))[0] == 200
            assert await daemon.stop() == 0
        made.surroundings = {}
        verdict = await made.end(seen=["acknowledgements"])
    assert not verdict.figures.repeats, (told_again(made), daemon.log)


def told_again(made: Stage) -> list[tuple[int, str, str, int]]:
    """Say which arrival of which route told what had been told: the subject, and the number of its event."""
    arrivals, known = list[tuple[int, str, str, int]](), set[tuple[str, str]]()
    for place, (route, told, *_) in enumerate(made.book.arrivals):
        if (route, told.id) in known:
            arrivals.append((place, route, told.subject, told.sequence))
        known.add((route, told.id))
    return arrivals


async def test_the_daemon_sees_the_clock_that_it_is_shown(tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    watch = Watch(tmp_path / "clock")
    async with stage(tmp_path, seed=2, people=30) as made:
        made.surroundings = watch.worn
        watch.put("+400d")
        async with made.daemon() as daemon:
            await daemon.started()
            ahead = str(daemon.lines("started")[0]["timestamp"])
            assert await daemon.stop() == 0
        made.surroundings = {}
        async with made.daemon() as daemon:
            await daemon.started()
            assert ahead[:4] > str(daemon.lines("started")[0]["timestamp"])[:4]
            assert await daemon.stop() == 0
        await made.end(seen=["acknowledgements"])
