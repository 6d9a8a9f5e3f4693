"""A whole daemon whose store holds too much: it asks Lucca nothing, takes hints in, delivers, and says so."""

import json
from pathlib import Path
from typing import Any

import aiohttp

from lucca_sync.app.daemon import Daemon, World
from lucca_sync.registry import load_all
from tests.reload.stage import Nobody, Stage, staged
from tests.running import fetched, until
from tests.server.test_hints import BODY, SECRET, signed

TOO_MUCH: dict[str, Any] = {"backpressure": {"slow_at": "1B", "pause_at": "2B"}}
A_WHILE = 100
"""Answers of the probes: many looks would come in between."""


def listening(stage: Stage) -> None:
    """Have webhooks taken in."""
    stage.settings["tenants"]["acme"]["hints"] = {"secret": SECRET}


async def a_look_under_way_has_ended(stage: Stage, base: str) -> None:
    """Wait until nobody is asked for as long as many looks would take."""
    asked = -1
    while asked != (asked := stage.tenants["acme"].stats.requests()):
        for _ in range(A_WHILE):
            await fetched(f"{base}/readyz")


async def test_it_stops_asking_keeps_hints_and_goes_on_by_itself(tmp_path: Path) -> None:
    async with staged(tmp_path, prepare=listening) as stage:
        await stage.reloaded()
        assert stage.daemon.address is not None
        base = "http://{}:{}".format(*stage.daemon.address)
        stage.settings |= TOO_MUCH
        await stage.reloaded()
        assert stage.sample("backpressure_level") == 2
        await a_look_under_way_has_ended(stage, base)
        stage.rename("acme", "Later")
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{base}/hints/acme", data=BODY, headers=signed(BODY)) as answer,
        ):
            assert answer.status == 202
        for _ in range(A_WHILE):
            status, detail = await fetched(f"{base}/readyz")
            assert (status, json.loads(detail)["looking"]) == (200, "paused")
        assert not stage.receiver.arrived
        assert stage.sample("hints_received_total", tenant="acme", outcome="taken") == 1
        del stage.settings["backpressure"]
        await stage.reloaded()
        assert stage.sample("backpressure_level") == 0
        await until(lambda: stage.receiver.names("/crm") == ["Later"])
        await until(lambda: stage.sample("hints_waiting", tenant="acme") == 0)


async def test_a_single_run_looks_at_nothing_and_says_by_its_result_that_something_is_left(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path) as stage:
        tenants = {"beta": stage.tenant("beta")}  # whom the stage's own daemon does not watch
        stage.settings |= TOO_MUCH | {"store": "sqlite:other.db", "tenants": tenants}
        stage.write()
        assert not await Daemon(load_all(stage.file, {}), World(Nobody())).run(once=True)
        assert stage.tenants["beta"].stats.requests() == 0
