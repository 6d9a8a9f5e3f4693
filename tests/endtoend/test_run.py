"""`lucca-sync run` as its users meet it: a real process, targets that fail, a store that is taken."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from lucca_sync.simulator.world.actions import Delete, Rename
from tests.cli.command import COMMAND
from tests.endtoend.scene import Scene, scene
from tests.running import Running, fetched, running, sample, until

RESOURCES = 3


async def first_looks(daemon: Running) -> str:
    """Wait until the silent baselines are done: what changes from then on must arrive."""
    base = await daemon.started()
    await until(lambda: len(daemon.lines("baseline_done")) == RESOURCES)
    return base


async def test_a_rename_reaches_the_webhook_and_the_payroll_file(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        await first_looks(daemon)
        at.simulator.perform(Rename(employee="7", family_name="Núñez"))
        await until(lambda: at.receiver.told("employees/7") == ["lucca.employee.updated"])
        await until((tmp_path / "people-00001.csv").exists)
        assert await daemon.stop() == 0
    number = at.simulator.record("employees", "7")
    assert number is not None
    text = (tmp_path / "people-00001.csv").read_bytes().decode()
    assert text == f"Matricule;Nom\r\n{number['employeeNumber'] or ''};Núñez\r\n"


async def test_a_deletion_is_told_after_a_confirming_read(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        await first_looks(daemon)
        at.simulator.perform(Delete(resource="employee-attributes", id="3"))
        await until(lambda: at.receiver.told("employee-attributes/3") == ["lucca.employee-attribute.deleted"])
    assert at.simulator.stats.requests("GET /lucca-api/employee-attributes/{id}", 404) >= 1
    assert at.receiver.events[-1]["data"]["record"] is None
    assert at.receiver.events[-1]["detectedby"] in {"sweep", "page", "gap", "count"}


async def test_what_a_target_missed_while_down_arrives_when_it_is_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        base = await first_looks(daemon)
        at.receiver.up = False
        at.simulator.perform(Rename(employee="7", family_name="Canarymarie"))
        await until(lambda: bool(daemon.lines("connector_failing")))
        at.receiver.up = True
        await until(lambda: at.receiver.told("employees/7") == ["lucca.employee.updated"])
        shown = [(await fetched(f"{base}/{page}"))[1] for page in ("metrics", "readyz", "livez")]
        assert await daemon.stop() == 0
    assert "Canarymarie" not in str((daemon.log, daemon.complaints, shown))


async def test_a_missing_scope_stops_that_resource_alone_and_is_shown(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.simulator.misbehave(refuse_scopes=["departments"])
        async with running("run", "-c", at.settings) as daemon:
            base = await daemon.started()
            await until(lambda: bool(daemon.lines("look_failed")))
            await until(lambda: len(daemon.lines("baseline_done")) == 2)
            at.simulator.perform(Rename(employee="7", family_name="Other"))
            await until(lambda: bool(at.receiver.told("employees/7")))
            status, detail = await fetched(f"{base}/readyz")
            refused = await sample(
                base, 'lucca_sync_access_refused{reason="scope",resource="departments",tenant="acme"}'
            )
            assert await daemon.stop() == 0
    assert status == 200
    (refusal,) = json.loads(detail)["refused"]
    assert (refusal["resource"], refusal["reason"]) == ("departments", "scope")
    assert "departments.readonly" in refusal["advice"]
    assert refused == 1
    assert [line["resource"] for line in daemon.lines("look_failed")] == ["departments"]
    assert at.simulator.stats.requests("GET /lucca-api/departments") == 1


async def test_wrong_credentials_are_shown_and_do_not_loop(tmp_path: Path) -> None:
    async with scene(tmp_path, client_secret="wrong") as at, running("run", "-c", at.settings) as daemon:
        base = await daemon.started()
        await until(lambda: len(daemon.lines("look_failed")) == 3)
        assert (await fetched(f"{base}/livez"))[0] == 200
        assert await daemon.stop() == 0
    assert {line["reason"] for line in daemon.lines("look_failed")} == {"credentials"}
    assert "wrong" not in str([line["detail"] for line in daemon.lines("look_failed")])
    assert at.simulator.stats.requests() == 0


async def test_check_connect_names_the_resource_and_its_scope(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.simulator.misbehave(refuse_scopes=["departments"])
        checked = await asyncio.create_subprocess_exec(
            "lucca-sync",
            "check",
            "--connect",
            "-c",
            at.settings,
            stdout=subprocess.PIPE,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )
        out, _ = await checked.communicate()
    assert checked.returncode == 1
    words = out.decode()
    assert "departments.readonly" in words
    assert "departments" in words
    assert "receiver" in words


async def test_a_second_instance_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        await first_looks(daemon)
        async with running("run", "-c", at.settings) as second:
            assert await second.ended() == 75
        assert "journal.db" in "\n".join(second.complaints)
        at.simulator.perform(Rename(employee="7", family_name="Other"))
        await until(lambda: bool(at.receiver.told("employees/7")))


async def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        base = await daemon.started()
        taken = at.settings.read_text().replace("127.0.0.1:0", base.removeprefix("http://"))
        other = tmp_path / "other" / "lucca-sync.yaml"
        other.parent.mkdir()
        other.write_text(taken)
        async with running("run", "-c", other) as second:
            assert await second.ended() == 75
        assert len(second.complaints) == 1
        assert "cannot listen" in second.complaints[0]


async def test_once_looks_delivers_and_ends(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        async with running("run", "--once", "-c", at.settings) as daemon:
            assert await daemon.ended() == 0
        at.simulator.perform(Rename(employee="7", family_name="Other"))
        async with running("run", "--once", "-c", at.settings) as daemon:
            assert await daemon.ended() == 0
    assert at.receiver.told("employees/7") == ["lucca.employee.updated"]


async def test_once_says_by_its_exit_code_that_something_is_left(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        async with running("run", "--once", "-c", at.settings) as daemon:
            assert await daemon.ended() == 0
        at.receiver.up = False
        at.simulator.perform(Rename(employee="7", family_name="Other"))
        async with running("run", "--once", "-c", at.settings) as daemon:
            assert await daemon.ended() == 1


async def test_once_leaves_aside_what_waits_for_a_route_that_is_no_more(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        async with running("run", "--once", "-c", at.settings) as daemon:
            assert await daemon.ended() == 0
        at.receiver.up = False
        at.simulator.perform(Rename(employee="7", family_name="Other"))
        async with running("run", "--once", "-c", at.settings) as daemon:
            assert await daemon.ended() == 1
        at.settings.write_text(at.settings.read_text().replace("all-to-receiver:", "everything:"))
        async with running("run", "--once", "-c", at.settings) as daemon:
            assert await daemon.ended() == 0
        assert len(daemon.lines("lane_not_configured")) == 1


async def test_metrics_of_a_running_daemon_are_well_formed(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    promtool = require_tool("promtool")
    async with scene(tmp_path) as at, running("run", "-c", at.settings) as daemon:
        base = await first_looks(daemon)
        _, page = await fetched(f"{base}/metrics")
    checked = subprocess.run(  # noqa: ASYNC221 - nothing else runs by now
        [promtool, "check", "metrics"], input=page, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert not checked.stdout + checked.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A folder with little room, where the machine lets us make one."""
    room = tmp_path / "small"
    room.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", room], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk (run as root); the store's own tests fill one too")
    return room


def fill_up(ballast: Path) -> None:
    """Write until nothing goes in any more, whoever else writes meanwhile."""
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        with suppress(OSError):
            while os.write(file, bytes(64 * 1024)):
                pass
    finally:
        os.close(file)


def takes_writes(daemon: Running) -> bool:
    """Tell whether the last that was said of the store is that it takes writes, if anything."""
    return len(daemon.lines("store_takes_writes_again")) == len(daemon.lines("store_refuses_writes"))


def told_all(at: Scene) -> bool:
    """Tell whether the last that was told of everybody renamed is the name they have."""
    told = {event["subject"]: event["data"]["record"]["familyName"] for event in at.receiver.events}
    people = (at.simulator.record("employees", str(number)) for number in range(1, 200))
    return all(person and told.get(f"employees/{person['id']}") == person["familyName"] for person in people)


async def _filled_disk(at: Scene, daemon: Running) -> None:
    base = await first_looks(daemon)
    ballast = at.folder / "ballast"
    fill_up(ballast)
    for attempt in count(1):  # the store's log has some room of its own, and so may take it all at first
        for number in range(1, 200):
            at.simulator.perform(Rename(employee=str(number), family_name=f"Full {number} {attempt}" * 40))
        await until(lambda: not takes_writes(daemon) or told_all(at))
        if (await fetched(f"{base}/readyz"))[0] == 503:
            break
    assert daemon.lines("store_refuses_writes")
    assert (await fetched(f"{base}/livez"))[0] == 200
    ballast.unlink()
    await until(lambda: takes_writes(daemon) and told_all(at))
    while (await fetched(f"{base}/readyz"))[0] != 200:
        pass


async def test_a_full_disk_stops_it_and_room_lets_it_go_on(small_disk: Path) -> None:
    try:
        async with scene(small_disk, employees=200) as at, running("run", "-c", at.settings) as daemon:
            await _filled_disk(at, daemon)
            assert await daemon.stop() == 0
    finally:
        subprocess.run(["umount", small_disk], check=True)  # noqa: ASYNC221 - the test is over


async def test_logs_that_cannot_be_written_stop_nothing(tmp_path: Path) -> None:
    """As with a full disk, or when whoever read the logs has gone."""
    async with scene(tmp_path) as at:
        at.simulator.misbehave(refuse_scopes=["departments"])
        full = os.open("/dev/full", os.O_WRONLY)
        buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        daemon = await asyncio.create_subprocess_exec(
            *COMMAND, "run", "-c", at.settings, stdout=full, stderr=full, env=buffered
        )
        os.close(full)

        def holds_or_died(condition: Callable[[], bool]) -> Callable[[], bool]:
            return lambda: condition() or daemon.returncode is not None

        try:
            await until(
                holds_or_died(lambda: at.simulator.stats.requests("GET /lucca-api/employees", 304) > 0)
            )
            at.simulator.perform(Rename(employee="7", family_name="Other"))
            await until(holds_or_died(lambda: bool(at.receiver.told("employees/7"))))
        finally:
            if daemon.returncode is None:
                daemon.terminate()
        assert await daemon.wait() == 0
