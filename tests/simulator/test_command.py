"""`lucca-sync simulate` says what a person needs to know, serves, and ends cleanly."""

import re
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import anyio
import anyio.abc
import pytest
from anyio.streams.text import TextReceiveStream
from click.testing import CliRunner

from lucca_sync.cli.simulate import simulate
from lucca_sync.simulator import PRESETS

PROGRAM = "from lucca_sync.cli.simulate import simulate; simulate()"


class Running:
    """The command in a process of its own, with what it has printed so far."""

    def __init__(self, process: anyio.abc.Process) -> None:
        self.process = process
        self.printed = ""
        assert process.stdout is not None
        self._stdout = TextReceiveStream(process.stdout)

    async def read_until(self, pattern: str) -> re.Match[str]:
        while (found := re.search(pattern, self.printed)) is None:
            self.printed += await self._stdout.receive()
        return found

    async def end_with(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        async for text in self._stdout:
            self.printed += text
        return await self.process.wait()


@asynccontextmanager
async def simulating(*arguments: str) -> AsyncGenerator[Running]:
    command = [sys.executable, "-c", PROGRAM, "--port", "0", *arguments]
    async with await anyio.open_process(command, stderr=None) as process:
        try:
            yield Running(process)
        finally:
            if process.returncode is None:
                process.kill()


def speaks_ipv6() -> bool:
    """Try it: Python may know of it and the machine have it switched off."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not speaks_ipv6(), reason="this machine speaks no IPv6")
@pytest.mark.parametrize("host", ["::1", "::"])
async def test_an_ipv6_address_can_be_pasted_as_it_is_printed(host: str) -> None:
    async with simulating("--host", host) as running:
        url = (await running.read_until(r"API +(http://\S+)/lucca-api"))[1]
        async with aiohttp.ClientSession() as session, session.get(f"{url}/control/stats") as answer:
            assert answer.status == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_prints_what_a_person_needs_and_ends_cleanly(number: signal.Signals) -> None:
    async with simulating("--employees", "20") as running:
        url = (await running.read_until(r"API +(http://\S+)/lucca-api"))[1]
        await running.read_until("Ctrl-C ends it")
        snippet = running.printed.partition("tenants:")[2]
        for line in (
            f"url: {url}",
            f"token_url: {url}/connect/token",
            "client_id: simulator",
            "{every: 30s}",
        ):
            assert line in snippet
        async with aiohttp.ClientSession() as session, session.get(f"{url}/control/stats") as response:
            assert (await response.json())["records"]["employees"] == 20
        assert await running.end_with(number) == 0


async def test_it_prints_a_line_for_each_change_without_values() -> None:
    async with simulating() as running:
        await change(running)
        await running.read_until("updated employees/4  rename  familyName")
        assert await running.end_with(signal.SIGINT) == 0
        assert "Quidam" not in running.printed


async def test_it_prints_values_when_asked_to() -> None:
    async with simulating("--verbose") as running:
        await change(running)
        await running.read_until("Quidam")


async def change(running: Running) -> None:
    url = (await running.read_until(r"API +(http://\S+)/lucca-api"))[1]
    content = {"action": "rename", "employee": "4", "family_name": "Quidam"}
    async with aiohttp.ClientSession() as session, session.post(f"{url}/control/changes", json=content):
        pass


async def test_it_lives_when_told_to() -> None:
    async with simulating("--alive", "100/s") as running:
        await running.read_until(r"(created|updated|deleted)\s\S+/\d+")


async def test_it_misbehaves_and_hurries_from_the_start_when_told_to() -> None:
    async with simulating("--misbehave", "429-storm", "--misbehave", "slow", "--speed", "60") as running:
        url = (await running.read_until(r"API +(http://\S+)/lucca-api"))[1]
        await running.read_until("60 times as fast as here")
        await running.read_until("429-storm, slow")
        await running.read_until("requests_per_minute: 3000")
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{url}/control/misbehaviours") as response,
        ):
            misbehaviours = await response.json()
    assert misbehaviours["storm"]["every"] == 600
    assert [fault["kind"] for fault in misbehaviours["faults"]] == ["delay"]


def test_its_help_says_what_each_misbehaviour_is() -> None:
    text = CliRunner().invoke(simulate, ["--help"]).output
    assert [name for name, preset in PRESETS.items() if f"{name:21} {preset.what}" not in text] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--alive", "often"],
        ["--misbehave", "moody"],
        ["--speed", "0"],
        ["--alive", "-3/min"],
        ["--alive", "3/year"],
        ["--employees", "0"],
    ],
)
def test_options_that_make_no_sense_are_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(simulate, arguments)
    assert result.exit_code == 2
    assert arguments[0] in result.output


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(simulate, ["--port", port, "--employees", "1"])
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}" in result.output
