"""The demo ends by itself and its exit code can be believed."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

# The demo keeps to its share of requests in real time: its first look alone takes most of a minute.
pytestmark = pytest.mark.timeout(300)

_PROGRAM = "from lucca_sync.cli import main; main()"


async def demo(*arguments: str | Path) -> tuple[int | None, str]:
    """Run the demo as a process without a terminal; its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        "demo",
        *map(str, arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def test_it_shows_changes_arriving_and_compares_at_the_end(tmp_path: Path) -> None:
    code, words = await demo("--for", "3s", "--alive", "120", "--keep", tmp_path)
    assert code == 0, words
    assert "first look: 8 of 8 resources taken in" in words
    assert "→" in words
    assert "0 with a wrong one" in words
    assert words.rstrip().endswith("Every change was delivered, verified and in order.")
    assert (tmp_path / "demo.yaml").exists()
    assert (tmp_path / "demo.db").exists()


async def test_it_ends_in_order_when_nobody_reads_any_more() -> None:
    """As with `lucca-sync demo | head`."""
    readable, writable = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, "demo", "--for", "1s", stdout=writable, stderr=subprocess.PIPE
    )
    os.close(writable)
    with os.fdopen(readable) as reader:
        assert await asyncio.to_thread(reader.readline)
    _, errors = await process.communicate()
    assert (process.returncode, errors.decode()) == (0, "")
