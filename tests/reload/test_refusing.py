"""Settings that can't be taken up: those of before stay in force, and everybody can see why."""

import threading
from pathlib import Path

import anyio
from structlog.testing import capture_logs

from lucca_sync.app.reload import Reloading, Wishes
from lucca_sync.kit.clock import SystemClock
from lucca_sync.obs.metrics import Metrics
from lucca_sync.registry import Plan, load_all
from tests.reload.stage import Stage, staged
from tests.running import until


async def still_as_before(stage: Stage) -> None:
    """Show that changes go where they went."""
    stage.rename("acme", "As before")
    await until(lambda: stage.receiver.names("/crm") == ["As before"])
    assert not stage.receiver.names("/log")


async def test_a_mistake_leaves_all_as_it_was_and_is_told_with_its_place_and_without_its_value(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path) as stage:
        before = stage.sample("config_last_reload_success_timestamp_seconds")
        stage.settings["connectors"]["log"] = stage.connector("/log")
        stage.settings["routes"]["to-log"] = {"to": ["log", "planted-value"]}
        with capture_logs() as logs:
            await stage.reloaded()
        (problem,) = [line for line in logs if line["event"] == "settings_problem"]
        assert (problem["path"], problem["line"]) == ("routes.to-log.to[1]", 1)
        assert problem["file"] == str(stage.file)
        assert "planted-value" not in str(logs)
        assert stage.sample("config_reloads_total", outcome="invalid") == 1
        assert stage.sample("config_last_reload_successful") == 0
        assert stage.sample("config_last_reload_success_timestamp_seconds") == before
        await still_as_before(stage)
        stage.settings["routes"]["to-log"] = {"to": ["log"]}
        await stage.reloaded()
        assert stage.sample("config_last_reload_successful") == 1
        stage.rename("acme", "Repaired")
        await until(lambda: stage.receiver.names("/log") == ["Repaired"])


async def test_a_file_that_is_gone_leaves_all_as_it_was(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.file.unlink()
        stage.daemon.reload()
        await until(lambda: stage.sample("config_reloads_total", outcome="invalid") == 1)
        await still_as_before(stage)


async def test_what_only_a_start_takes_up_is_refused_with_all_that_came_with_it(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.settings["connectors"]["log"] = stage.connector("/log")
        stage.settings["routes"]["to-log"] = {"to": ["log"]}
        stage.settings |= {"store": "sqlite:other.db", "server": {"listen": "127.0.0.1:1"}}
        with capture_logs() as logs:
            await stage.reloaded()
        (told,) = [line for line in logs if line["event"] == "settings_not_reloaded"]
        assert (told["outcome"], told["settings"]) == ("refused", ["store", "server.listen"])
        await still_as_before(stage)
        assert not (tmp_path / "other.db").exists()


async def test_which_settings_are_in_force_is_shown(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.settings["retention"] = "2d"
        await stage.reloaded()
        shown = stage.daemon.metrics.page().decode().count("\nlucca_sync_config_info{")
        assert (shown, stage.sample("config_info", hash=load_all(stage.file, {}).loaded.hash[:12])) == (1, 1)


class Reader:
    """Reads a file that somebody changes while it is being read."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.times = 0
        self.reading = threading.Event()
        self.go_on = threading.Event()

    def __call__(self) -> Plan:
        self.times += 1
        self.reading.set()
        self.go_on.wait()
        return self.plan


async def test_wishes_that_come_together_are_one_and_one_that_comes_while_reading_is_another(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path) as stage:
        plan = stage.daemon.plan
    reader, wishes, applied = Reader(plan), Wishes(), list[Plan]()

    async def apply(plan: Plan) -> None:
        applied.append(plan)

    for _ in range(5):
        wishes.wish()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Reloading(reader, apply, Metrics(), SystemClock()).run, wishes, plan)
        await until(reader.reading.is_set)
        wishes.wish()
        wishes.wish()
        reader.go_on.set()
        await until(lambda: len(applied) == 2)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert (reader.times, len(applied)) == (2, 2)


async def test_a_fault_in_reading_ends_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        plan = stage.daemon.plan
    wishes, metrics = Wishes(), Metrics()
    wishes.wish()

    def broken() -> Plan:
        raise RuntimeError("planted-value")

    async def never(_plan: Plan) -> None:
        raise AssertionError("nothing to apply")

    def failed() -> float | None:
        return metrics.registry.get_sample_value("lucca_sync_config_reloads_total", {"outcome": "failed"})

    with capture_logs() as logs:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Reloading(broken, never, metrics, SystemClock()).run, wishes, plan)
            await until(lambda: failed() == 1)
            tasks.cancel_scope.cancel()
    assert "planted-value" not in str(logs)
