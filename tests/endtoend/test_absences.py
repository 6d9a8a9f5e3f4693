"""Absences of the legacy API through the real command: periods, half-days, the shape of v2 for some."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio

from lucca_sync.simulator import Refused
from lucca_sync.simulator.world.actions import CancelLeave, EnterLeave
from tests.cli.command import COMMAND
from tests.endtoend.scene import Scene, scene
from tests.running import running, until

RESOURCES = """\
    resources:
      users: {every: 200ms}
      leaves: {every: 200ms}
      leave-periods: {every: 200ms}
      leave-requests: {every: 200ms}
"""
ROUTES = """\
routes:
  periods: {resources: [leave-periods, leave-requests], to: [receiver]}
  as-before: {resources: [leaves], shape: leaves-v2, to: [receiver]}
"""


def with_absences(at: Scene) -> None:
    """Let the settings watch absences, and give half-days their old shape."""
    text = at.settings.read_text("utf-8")
    head, rest = text.split("    resources:\n")
    stores, others = rest.partition("store:")[2].split("routes:\n")
    server = others[others.index("server:") :]
    stores = stores[: stores.index("  month:")]
    key = "    legacy_api_key: simulator-key\n"
    at.settings.write_text(f"{head}{key}{RESOURCES}store:{stores}{ROUTES}{server}", "utf-8")


def next_monday() -> str:
    today = datetime.now(UTC).date()  # noqa: TID251 - the simulated company lives in real time here
    return (today + timedelta(days=7 - today.weekday())).isoformat()


def entered(at: Scene, start: str) -> tuple[str, str]:
    """Type in two days for somebody who is not away then; return who that is, and the period."""
    for owner in map(str, range(1, 20)):
        with suppress(Refused):
            leave = EnterLeave(employee=owner, account="3", start=start, half_days=4)
            (first, *_) = [one.id for one in at.simulator.perform(leave) if one.resource == "v3/leaves"]
            return owner, first.partition("-")[0]
    raise AssertionError("everybody is away")


async def test_a_holiday_is_told_as_one_period_and_as_half_days_of_old(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        with_absences(at)
        async with running("run", "-c", at.settings) as daemon:
            await daemon.started()
            await until(lambda: len(daemon.lines("baseline_done")) == 4)
            monday = next_monday()
            owner, period = entered(at, monday)
            subject = f"leave-periods/{owner}-{period}-3"
            await until(lambda: at.receiver.told(subject) == ["lucca.leave-period.created"])
            await until(
                lambda: len([one for one in at.receiver.events if "/leaves" in f"/{one['subject']}"]) == 4
            )
            at.simulator.perform(CancelLeave(period=period))
            await until(lambda: at.receiver.told(subject)[1:] == ["lucca.leave-period.updated"])
            await until(lambda: len(at.receiver.events) == 10)
            assert await daemon.stop() == 0
    told = {event["subject"]: event["data"]["record"] for event in at.receiver.events}
    assert (told[subject]["isActive"], told[subject]["cancelledHalves"]) == (False, 4)
    half = told[f"leaves/{owner}-{monday.replace('-', '')}-PM-3"]
    user = at.simulator.record("v3/users", owner)
    assert user is not None
    assert (half["leaveScope"], half["duration"], half["status"]) == ("PM", 720, 4)
    assert half["owner"] == {
        "id": int(owner),
        "mail": user["mail"],
        "login": user["login"],
        "matricule": user["employeeNumber"],
    }


async def test_check_tries_absences_with_the_filters_they_want(tmp_path: Path) -> None:
    """Trap 41: a list of leaves without a date and an owner is refused."""
    async with scene(tmp_path) as at:
        with_absences(at)
        code, output, complaints = await ended([*COMMAND, "check", "--connect", "-c", str(at.settings)])
    assert "tenant acme: leaves: " in output, complaints
    assert "records visible" in output
    assert code == 0, output


async def ended(command: list[str]) -> tuple[int, str, str]:
    """Run a command to its end."""
    done = await anyio.run_process(command, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()
