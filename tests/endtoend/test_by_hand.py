"""What a person does beside a real daemon to deliveries that it has in its hands."""

import asyncio
import json
from pathlib import Path
from typing import Any

from lucca_sync.simulator.world.actions import Rename
from tests.cli.command import COMMAND
from tests.endtoend.scene import Scene, scene
from tests.running import running, until

RENAMED = ("3", "4", "5", "6")
RESOURCES = 3


async def told(at: Scene, *arguments: str) -> list[dict[str, Any]]:
    """Run a command that must go well; return what it tells programs."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, "-c", at.settings, "-o", "json", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return (
        [json.loads(part) for part in out.decode().splitlines()]
        if arguments[1] == "list"
        else [json.loads(out)]
    )


async def states(at: Scene) -> dict[str, str]:
    """Return how each delivery to the receiver stands, by its subject."""
    every = [word for state in ("in_flight", "pending", "done", "discarded") for word in ("--state", state)]
    found = await told(at, "deliveries", "list", "--connector", "receiver", *every)
    return {one["subject"]: one["state"] for one in found}


async def test_what_the_daemon_has_claimed_and_not_sent_is_discarded_and_never_goes_out(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as at:
        at.receiver.ready = asyncio.Event()
        text = at.settings.read_text()
        at.settings.write_text(
            text.replace("    type: webhook\n", "    type: webhook\n    concurrency: 1\n    timeout: 2m\n")
        )
        async with running("run", "-c", at.settings) as daemon:
            await daemon.started()
            await until(lambda: len(daemon.lines("baseline_done")) == RESOURCES)
            for employee in RENAMED:
                at.simulator.perform(Rename(employee=employee, family_name="Núñez"))
            await until(lambda: at.receiver.waiting == 1)
            while len(now := await states(at)) < len(RENAMED) or list(now.values()).count("in_flight") < 2:
                pass
            (acted,) = await told(at, "deliveries", "discard", "--connector", "receiver", "--all", "--yes")
            assert acted["noted"] >= 2  # what is being sent, and what waits for its place
            assert acted["changed"] + acted["noted"] == len(RENAMED)
            while list((await states(at)).values()).count("discarded") < len(RENAMED) - 1:
                pass
            at.receiver.ready.set()
            while (now := await states(at)) and "in_flight" in now.values():
                pass
            assert sorted(now.values()) == ["discarded"] * 3 + ["done"]
            assert await daemon.stop() == 0
        assert [event["subject"] for event in at.receiver.events] == [
            subject for subject, state in now.items() if state == "done"
        ]
