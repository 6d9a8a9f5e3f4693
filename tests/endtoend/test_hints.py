"""Lucca's webhooks with the real command: set up, taken in, followed up, looked at, taken away."""

import asyncio
import json
import stat
import sys
from pathlib import Path
from typing import Any

from lucca_sync.simulator.server.faults import WebhookTroubles
from lucca_sync.simulator.world.actions import Rename
from tests.cli.test_for_programs import PAGE, shape
from tests.docs.pages import marked
from tests.endtoend.scene import Scene, scene
from tests.running import Running, running, until

COMMAND = "from lucca_sync.cli import main; main()"


async def lucca_sync(*arguments: str | Path) -> tuple[int, str]:
    """Run a command to its end: exit code, and all it wrote."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND),
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    written, _ = await process.communicate()
    return process.returncode or 0, written.decode()


async def told_json(command: str, *arguments: str | Path) -> dict[str, Any]:
    """Run a command for programs that must go well; its steps on standard error are no part of the answer."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND, "hints", command, "-o", "json"),
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    written, _ = await process.communicate()
    assert process.returncode == 0, written
    told: dict[str, Any] = json.loads(written)
    (shown,) = marked(PAGE, f"asked of Lucca: hints {command}")
    assert shape(told) == shape(json.loads(shown))
    return told


def listening(at: Scene, feed: str = "false") -> Path:
    """Have the tenant's webhooks taken in, and sweeps be rare."""
    text = at.settings.read_text()
    text = text.replace("200ms", "1h").replace("300ms", "1h")
    hints = "    hints: {secret_file: hint-secret}\n"
    hints += f"    eyes: {{feed: {feed}, head: false, count: false}}\n"
    at.settings.write_text(text.replace("    resources:\n", f"{hints}    resources:\n"))
    return at.folder / "hint-secret"


async def swept(daemon: Running) -> None:
    """Wait until each of the three baselines is complete."""
    await until(lambda: len(daemon.lines("baseline_done")) == 3 or daemon.process.returncode is not None)


async def test_a_change_arrives_within_moments_of_luccas_webhook(tmp_path: Path) -> None:
    """Traps 32 and 38: activated as Lucca challenges, and the secret that is shown once is kept."""
    async with scene(tmp_path) as at:
        secret = listening(at)
        async with running("run", "-c", at.settings) as daemon:
            base = await daemon.started()
            address = f"{base}/hints/acme"
            code, written = await lucca_sync("hints", "register", "-c", at.settings, "--url", address)
            assert code == 0, written
            assert "a ping arrived" in written
            assert stat.S_IMODE(secret.stat().st_mode) == 0o600
            assert secret.read_text().strip() not in written
            await swept(daemon)
            at.simulator.perform(Rename(employee="7", family_name="Other"))
            await until(lambda: bool(at.receiver.told("employees/7")))
            assert {event["detectedby"] for event in at.receiver.events} == {"hint"}
            code, written = await lucca_sync("hints", "status", "-c", at.settings)
            assert code == 0, written
            assert "is active" in written
            assert "last hint taken: 20" in written
            told = await told_json("status", "-c", at.settings)
            assert (told["tenant"], told["endpoints"][0]["url"]) == ("acme", address)
            code, written = await lucca_sync("hints", "register", "-c", at.settings, "--url", address)
            assert (code, len(at.simulator.webhooks.endpoints)) == (0, 1), written
            code, written = await lucca_sync(
                "hints", "register", "-c", at.settings, "--url", address, "--replace"
            )
            assert (code, len(at.simulator.webhooks.endpoints)) == (0, 1), written
            again = await told_json("register", "-c", at.settings, "--url", address, "--replace")
            assert again["done"] is True
            assert secret.read_text().strip() not in str(again)
            told = await told_json("unregister", "acme", "-c", at.settings)
            assert (told["taken_away"], len(at.simulator.webhooks.endpoints)) == (1, 0)
            code, written = await lucca_sync("hints", "status", "-c", at.settings)
            assert (code, "no endpoint" in written) == (1, True), written


async def test_webhooks_that_are_repeated_or_forged_change_nothing_and_lost_ones_are_on_the_feed(
    tmp_path: Path,
) -> None:
    """Traps 33 to 36, all at once, against a tenant that does it."""
    async with scene(tmp_path) as at:
        listening(at, feed="1s")
        async with running("run", "-c", at.settings) as daemon:
            address = f"{await daemon.started()}/hints/acme"
            code, written = await lucca_sync("hints", "register", "-c", at.settings, "--url", address)
            assert code == 0, written
            await swept(daemon)
            at.simulator.misbehave(webhooks=WebhookTroubles(repeated=1.0))
            at.simulator.perform(Rename(employee="7", family_name="Repeated"))
            await until(lambda: bool(at.receiver.told("employees/7")))
            at.simulator.misbehave(webhooks=WebhookTroubles(wrong_signature=1.0))
            at.simulator.perform(Rename(employee="8", family_name="Forged"))
            await until(lambda: bool(at.receiver.told("employees/8")))
            at.simulator.misbehave(webhooks=WebhookTroubles(lost=1.0))
            at.simulator.perform(Rename(employee="9", family_name="Lost"))
            await until(lambda: bool(at.receiver.told("employees/9")))
        by_subject = {event["subject"]: event["detectedby"] for event in at.receiver.events}
        assert (by_subject["employees/8"], by_subject["employees/9"]) == ("feed", "feed")
        assert len(at.receiver.events) == len(by_subject)


async def test_a_secret_is_not_written_over_and_an_address_that_leads_nowhere_is_refused(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as at:
        secret = listening(at)
        register = ("hints", "register", "-c", at.settings, "--url")
        for address in ("http://hooks.example.org/hints/acme", "https://hooks.example.org/hints/other"):
            code, written = await lucca_sync(*register, address)
            assert (code, "the address must" in written) == (1, True), written
        secret.write_text("somebody's")
        code, written = await lucca_sync(*register, "http://127.0.0.1:9/hints/acme")
        assert (code, "--replace" in written) == (1, True), written
        assert secret.read_text() == "somebody's"
        assert not at.simulator.webhooks.endpoints
