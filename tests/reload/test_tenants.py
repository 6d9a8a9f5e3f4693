"""Tenants that come, change and go while the daemon runs, and those that stay as they are."""

from pathlib import Path

from structlog.testing import capture_logs

from lucca_sync.simulator.server.faults import Fault
from tests.reload.stage import Stage, staged
from tests.running import fetched, until


def both(stage: Stage) -> None:
    """Have both tenants watched."""
    stage.settings["tenants"]["beta"] = stage.tenant("beta")


async def all_has_come(stage: Stage, tenant: str) -> None:
    """Wait until what was on its way to a tenant, whom nobody asks any more, has come."""
    assert stage.daemon.address is not None
    page, asked = "http://{}:{}/livez".format(*stage.daemon.address), -1
    while asked != (asked := stage.tenants[tenant].stats.requests()):
        for _ in range(20):
            await fetched(page)


async def test_who_is_watched_as_before_is_not_disturbed_and_who_changed_goes_on(tmp_path: Path) -> None:
    async with staged(tmp_path, prepare=both) as stage:
        asked = {name: stage.tokens(name) for name in ("acme", "beta")}
        stage.settings["tenants"]["beta"]["timezone"] = "Europe/Madrid"
        with capture_logs() as logs:
            await stage.reloaded()
            stage.rename("beta", "Goes on")
            await until(lambda: stage.receiver.names("/crm") == ["Goes on"])
        assert not [line for line in logs if line["event"] == "baseline_done"]
        (told,) = [line for line in logs if line["event"] == "settings_reloaded"]
        assert (told["begun"], told["anew"], told["ended"]) == ((), ("beta",), ())
        assert stage.tokens("acme") == asked["acme"]
        assert stage.tokens("beta") > asked["beta"]
        stage.rename("acme", "Undisturbed")
        await until(lambda: stage.receiver.names("/crm")[1:] == ["Undisturbed"])


async def test_a_tenant_begun_anew_does_not_spend_its_requests_twice(tmp_path: Path) -> None:
    """What Lucca asked for, and what was spent, is kept: else each reload would be a way round it."""
    async with staged(tmp_path) as stage:
        acme = stage.tenants["acme"]
        acme.misbehave(faults=[Fault(kind="status", status=429)])
        await until(lambda: stage.sample("budget_available_requests", tenant="acme") == 0)
        await all_has_come(stage, "acme")
        acme.misbehave(faults=[])
        asked = acme.stats.requests("GET /lucca-api/employees")
        stage.settings["tenants"]["acme"]["timezone"] = "Europe/Madrid"
        await stage.reloaded()
        await until(lambda: stage.sample("budget_available_requests", tenant="acme") == 0)
        assert acme.stats.requests("GET /lucca-api/employees") == asked


async def test_a_tenant_that_is_removed_is_asked_nothing_more_and_shown_no_more(tmp_path: Path) -> None:
    def listening(stage: Stage) -> None:
        both(stage)
        stage.settings["tenants"]["beta"]["hints"] = {
            "secret": "whsec_bWFkZSB1cCBmb3IgdGhlc2UgdGVzdHMgYWxvbmU="
        }

    async with staged(tmp_path, prepare=listening) as stage:
        assert stage.daemon.address is not None
        door = "http://{}:{}/hints/beta?challenge=x".format(*stage.daemon.address)
        assert await fetched(door) == (200, "x")
        del stage.settings["tenants"]["beta"]
        await stage.reloaded()
        assert 'tenant="beta"' not in stage.daemon.metrics.page().decode()
        assert (await fetched(door))[0] == 503
        asked = stage.tenants["beta"].stats.requests()  # by now, what was on its way has come
        stage.rename("acme", "Still here")
        await until(lambda: stage.receiver.names("/crm") == ["Still here"])
        assert stage.tenants["beta"].stats.requests() == asked


async def test_a_new_tenant_begins_with_its_silent_baseline(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        both(stage)
        await stage.reloaded()
        await stage.known("beta")
        stage.rename("beta", "New here")
        await until(lambda: bool(stage.receiver.arrived))
        assert [(source, name) for _, source, name in stage.receiver.arrived] == [
            (stage.addresses["beta"], "New here")
        ]


async def test_a_resource_that_is_no_longer_watched_is_shown_no_more(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.settings["tenants"]["acme"]["resources"]["departments"] = {"every": "100ms"}
        await stage.reloaded()
        assert 'resource="departments"' in stage.daemon.metrics.page().decode()
        del stage.settings["tenants"]["acme"]["resources"]["departments"]
        await stage.reloaded()
        assert 'resource="departments"' not in stage.daemon.metrics.page().decode()
        assert stage.sample("records", tenant="acme", resource="employees") == 10


async def test_who_comes_back_goes_on_from_where_it_was(tmp_path: Path) -> None:
    async with staged(tmp_path, prepare=both) as stage:
        kept = stage.settings["tenants"].pop("beta")
        await stage.reloaded()
        stage.rename("beta", "While away")
        stage.settings["tenants"]["beta"] = kept
        await stage.reloaded()
        await until(lambda: stage.receiver.names("/crm") == ["While away"])
