"""Targets that fail in every way: theirs waits visibly, the others' goes on, and all arrives in the end."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lucca_sync.app.stores import reading_store
from lucca_sync.egress.holding import TARGETS, holds
from tests.crash.plan import EVERYTHING_CHANGED, LINES, NAMES
from tests.crash.stage import Stage, stage
from tests.crash.targets import ROUGH
from tests.running import Running, running, until

pytestmark = pytest.mark.timeout(300)  # where processes are many, all of them wait for two cores

_SHORT = {"500", "reset after the effect", "drip"}
_STRANGER = Path(__file__).parents[1] / "connectors" / "stranger.pem"


async def told(made: Stage, daemon: Running, *routes: str) -> None:
    """Wait until these routes' targets are up to date, whatever the others do."""

    def behind() -> bool:
        made.lines.look()
        return any(route in routes for route, _ in made.lacking())

    await until(lambda: daemon.process.returncode is not None or not behind())
    assert daemon.process.returncode is None, daemon.complaints


@pytest.mark.parametrize(
    "trouble", [pytest.param(one, marks=() if one in _SHORT else pytest.mark.torture) for one in ROUGH]
)
async def test_a_target_that_only_fails_delays_no_other_and_has_everything_once_it_is_well(
    tmp_path: Path, trouble: str
) -> None:
    async with stage(tmp_path, seed=1, people=30) as made:
        made.misbehave(everything={trouble: 1.0})
        async with made.daemon() as daemon:
            made.change(4)
            await told(made, daemon, NAMES.name, LINES.name)
            await until(lambda: made.book.faults[trouble] > 1)
            await made.kill(daemon)
        await made.end()


async def test_what_waits_for_a_target_that_cannot_be_reached_stands_visibly_until_it_is_repaired(
    tmp_path: Path,
) -> None:
    """One has a certificate that nobody vouches for, one a name that no host has."""
    async with stage(tmp_path, seed=2, people=30) as made, a_stranger() as stranger:
        connectors = made.settings["connectors"]
        right = {name: connectors[name]["url"] for name in made.targets}
        connectors[NAMES.name]["url"] = stranger
        connectors[EVERYTHING_CHANGED.name]["url"] = "https://nowhere.invalid/"
        for name in right:  # a busy machine that is late with its answer would be another reason
            connectors[name]["timeout"] = "60s"
        async with made.daemon() as daemon:
            made.change(4)
            await told(made, daemon, LINES.name)
            await until(lambda: {EVERYTHING_CHANGED.name, NAMES.name} <= reasons_told(daemon).keys())
            await made.kill(daemon)
        reasons = reasons_told(daemon)
        assert "the name is not known" in reasons[EVERYTHING_CHANGED.name]
        assert "certificate refused" in reasons[NAMES.name]
        halfway = await made.verdict()
        assert "conserved" not in {finding.law for finding in halfway.findings}, str(halfway)
        assert halfway.figures.standing.total() > 2
        for name, url in right.items():
            connectors[name]["url"] = url
        await made.end(seen=["ends", "acknowledgements"])


def reasons_told(daemon: Running) -> dict[str, str]:
    """Return why connectors are failing, as far as the daemon has said so."""
    return {line["connector"]: line["reason"] for line in daemon.lines("connector_failing")}


async def test_a_target_that_says_it_is_gone_is_left_alone_until_a_person_resumes_it(tmp_path: Path) -> None:
    async with stage(tmp_path, seed=3, people=30) as made:
        made.misbehave(everything={"410": 1.0})
        async with made.daemon() as daemon:
            made.change(4)
            await told(made, daemon, NAMES.name, LINES.name)
            while EVERYTHING_CHANGED.name not in await left_alone(made):  # noqa: ASYNC110 - another process notes it
                await asyncio.sleep(0.02)
            await made.kill(daemon)
        made.misbehave()
        calls = sum(one.route == EVERYTHING_CHANGED.name for one in made.book.arrivals)
        async with made.daemon() as daemon:  # it would take everything, and nobody asks it
            made.change(4)
            await told(made, daemon, NAMES.name, LINES.name)
            assert calls == sum(one.route == EVERYTHING_CHANGED.name for one in made.book.arrivals)
            await resume(made, EVERYTHING_CHANGED.name)
            await made.all_arrived(daemon)
            assert await daemon.stop() == 0
        await made.assert_whole(seen=["faults", "ends", "acknowledgements"])


async def left_alone(made: Stage) -> set[str]:
    """Return the targets of which the store says that they are gone."""
    async with reading_store(made.store) as reader:
        found = holds(await reader.notes(TARGETS))
    return {name for name, hold in found.items() if hold.state == "disabled"}


async def resume(made: Stage, target: str) -> None:
    """Do as a person would."""
    async with running(
        "routes", "resume", "--target", target, "--yes", "-c", made.write_settings()
    ) as command:
        assert await command.ended() == 0, command.complaints


@asynccontextmanager
async def a_stranger() -> AsyncGenerator[str]:
    """Serve with a certificate that nobody vouches for: no request must get through."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_STRANGER)

    async def never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(never, "127.0.0.1", 0, ssl=context) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
