"""The guide for connector authors, followed to the letter: written, installed, tested, and seen at work."""

import asyncio
import io
import signal
import tokenize
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from lucca_sync import Done, Outcome, Park, Reject, Retry
from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.world.actions import Rename
from tests.docs.pages import DOCS, table
from tests.kit_for_authors.newcomer import Newcomer, blocks, files
from tests.running import until

GUIDE: Final = DOCS / "guides" / "write-a-connector.md"
MODULE: Final = "src/lucca_sync_push/__init__.py"


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """One who has written the files and typed the commands of the section about tests, but the last."""
    one = Newcomer(tmp_path_factory.mktemp("push"))
    for path, text in files(GUIDE).items():
        one.writes(path, text)
    one.makes_an_environment()
    making, *rest = shell("pytest")
    assert making == "python3 -m venv .venv"
    one.types(*rest[:-1])
    return one


def shell(last: str) -> list[str]:
    """The lines of the shell block that ends with this one."""
    (found,) = (block for block in blocks(GUIDE, "sh") if block.splitlines()[-1].startswith(last))
    return found.splitlines()


def test_the_files_that_it_lists_are_those_that_it_shows() -> None:
    listed = GUIDE.read_text("utf-8").partition("```\n")[2].partition("```")[0].split()
    assert set(files(GUIDE)) == set(listed)


def test_its_connector_has_forty_lines_at_most() -> None:
    code = files(GUIDE)[MODULE].partition("\n")[2]
    assert 0 < sum(1 for line in code.splitlines() if line.strip()) <= 40
    comments = [
        token
        for token in tokenize.generate_tokens(io.StringIO(code).readline)
        if token.type == tokenize.COMMENT
    ]
    assert comments == []


def test_its_connector_passes_the_whole_contract(newcomer: Newcomer) -> None:
    told = newcomer.types(shell("pytest")[-1])
    assert " passed" in told
    assert "skipped" not in told


def test_its_distribution_is_found_by_its_entry_point(newcomer: Newcomer) -> None:
    assert "push" in newcomer.types("lucca-sync schema")


@asynccontextmanager
async def typed(newcomer: Newcomer, line: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A command in a terminal of its own; Ctrl-C is pressed when the block ends, and all goes well."""
    complaints = newcomer.folder / "complaints.txt"
    with complaints.open("wb") as errors:
        process = await asyncio.create_subprocess_shell(
            f"exec {line}", cwd=newcomer.folder, env=newcomer.environment, stdout=PIPE, stderr=errors
        )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0, complaints.read_text("utf-8")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def line_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip()


def replaced(text: str, **words: str) -> str:
    """The text with what stands in it for example replaced by what is real."""
    for shown, real in words.items():
        assert shown in text
        text = text.replace(shown, real)
    return text


async def test_its_connector_delivers_what_changes_at_a_tenant(newcomer: Newcomer) -> None:
    simulator = Simulator(SimulatorOptions(employees=20, requests_per_minute=0))
    (serving,) = shell("python -m lucca_sync.testing")
    *preparing, running = shell("lucca-sync run")
    async with simulator.serving() as tenant, typed(newcomer, serving.replace("8500", "0")) as service:
        url = (await line_of(service)).rpartition(" ")[2]
        real = {"http://127.0.0.1:8400": tenant, "http://127.0.0.1:8500": url, "5s": "200ms"}
        real["simulator-secret"] = (
            "simulator-secret\n    requests_per_minute: 100000"  # the example waits longer
        )
        settings = replaced(files(GUIDE)["lucca-sync.yaml"], **real)
        newcomer.writes("lucca-sync.yaml", f'{settings}server: {{listen: "127.0.0.1:0"}}\n')
        await asyncio.to_thread(newcomer.types, *preparing)
        assert (await line_of(service)).startswith("OPTIONS /")
        async with typed(newcomer, running) as daemon:
            unchanged = simulator.stats.requests("GET /lucca-api/employees", 304)

            def has_looked() -> bool:
                """Say whether it has asked again for a page that it had taken in."""
                assert daemon.returncode is None
                return simulator.stats.requests("GET /lucca-api/employees", 304) > unchanged

            await until(has_looked)
            simulator.perform(Rename(employee="7", given_name="Zoé"))
            assert await line_of(service) == "POST /  Zoé: lucca.employee.updated"


def test_every_outcome_stands_in_its_table() -> None:
    told = {row[0].partition("(")[0] for row in table(GUIDE.read_text("utf-8"), "outcome")}
    assert told == {outcome.__name__ for outcome in (Done, Retry, Reject, Park)}
    assert Outcome == Done | Retry | Reject | Park


def test_every_field_of_a_retry_stands_in_its_table() -> None:
    words = " ".join(row[0] for row in table(GUIDE.read_text("utf-8"), "outcome"))
    assert all(f"{field}" in words for field in Retry.__dataclass_fields__)
