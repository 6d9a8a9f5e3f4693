"""Routes and connectors that come, change and go while the daemon runs."""

from pathlib import Path

from structlog.testing import capture_logs

from lucca_sync.app.stores import reading_store
from lucca_sync.model.delivery import OPEN_STATES, Lane
from tests.reload.stage import Stage, staged
from tests.running import until


async def open_along(stage: Stage, lane: Lane) -> int:
    """Return how many deliveries of a lane wait in the store."""
    async with reading_store(stage.file.parent / "journal.db") as reader:
        standing = (await reader.lanes()).get(lane)
    return sum(standing.counts.get(state, 0) for state in OPEN_STATES) if standing else 0


async def test_a_route_that_is_added_gets_what_changes_from_then_on(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.rename("acme", "Before")
        await until(lambda: stage.receiver.names("/crm") == ["Before"])
        stage.settings["connectors"]["log"] = stage.connector("/log")
        stage.settings["routes"]["to-log"] = {"to": ["log"]}
        await stage.reloaded()
        stage.rename("acme", "After")
        await until(lambda: stage.receiver.names("/log") == ["After"])
        await until(lambda: stage.receiver.names("/crm") == ["Before", "After"])


async def test_what_waits_along_a_removed_route_is_kept_and_goes_out_when_the_route_is_back(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path) as stage:
        stage.receiver.down.add("/crm")
        stage.rename("acme", "Waits")
        await until(
            lambda: bool(stage.sample("changes_total", tenant="acme", resource="employees", kind="updated"))
        )
        kept = dict(stage.settings)
        stage.settings |= {
            "routes": {"to-log": {"to": ["log"]}},
            "connectors": {"log": stage.connector("/log")},
        }
        with capture_logs() as logs:
            await stage.reloaded()
            stage.rename("acme", "Goes")
            await until(lambda: stage.receiver.names("/log") == ["Goes"])
            await until(lambda: any(line["event"] == "lane_not_configured" for line in logs))
        assert await open_along(stage, Lane("to-crm", "crm")) == 1
        assert 'connector="crm",outcome' not in stage.daemon.metrics.page().decode()
        stage.receiver.down.clear()
        stage.settings |= kept
        await stage.reloaded()
        await until(lambda: stage.receiver.names("/crm") == ["Waits"])


async def test_what_a_dead_letter_holds_goes_out_once_the_settings_hold_no_more(tmp_path: Path) -> None:
    def hold(stage: Stage) -> None:
        stage.settings["routes"]["to-crm"]["on_dead"] = "hold-subject"
        stage.receiver.refusing.add("/crm")

    async with staged(tmp_path, prepare=hold) as stage:
        stage.rename("acme", "Refused")
        died = {"route": "to-crm", "connector": "crm", "outcome": "dead"}
        await until(lambda: bool(stage.sample("delivery_outcomes_total", **died)))
        stage.receiver.refusing.clear()
        stage.rename("acme", "Held")
        while await open_along(stage, Lane("to-crm", "crm")) < 1:
            pass
        assert stage.receiver.names("/crm") == []
        stage.settings["routes"]["to-crm"]["on_dead"] = "skip"
        await stage.reloaded()
        await until(lambda: stage.receiver.names("/crm") == ["Held"])


async def test_a_wrong_address_is_repaired_by_a_reload(tmp_path: Path) -> None:
    def mistype(stage: Stage) -> None:
        stage.settings["connectors"]["crm"]["url"] = f"{stage.target}/cmr"
        stage.receiver.down.add("/cmr")

    async with staged(tmp_path, prepare=mistype) as stage:
        stage.rename("acme", "Late")
        failed = {"route": "to-crm", "connector": "crm", "outcome": "retry"}
        await until(lambda: bool(stage.sample("delivery_outcomes_total", **failed)))
        stage.settings["connectors"]["crm"] = stage.connector("/crm")
        await stage.reloaded()
        await until(lambda: stage.receiver.names("/crm") == ["Late"])


async def test_nobody_waits_for_a_sign_of_life_of_a_connector_that_is_gone(tmp_path: Path) -> None:
    """The liveness probe would restart a daemon for it that runs well."""
    async with staged(tmp_path) as stage:
        stage.settings["connectors"]["log"] = stage.connector("/log")
        stage.settings["routes"]["to-log"] = {"to": ["log"]}
        await stage.reloaded()
        await until(lambda: any("log" in task for task in stage.daemon.health.stuck))
        del stage.settings["connectors"]["log"], stage.settings["routes"]["to-log"]
        await stage.reloaded()
        await until(lambda: not any("log" in task for task in stage.daemon.health.stuck))
        assert any("crm" in task for task in stage.daemon.health.stuck)
