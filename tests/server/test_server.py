"""The probes and the metrics page over real sockets."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.values import Json
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.app import AddressUnavailable, serving
from lucca_sync.server.health import Health

HOST = "127.0.0.1"


@dataclass
class Visitor:
    """Asks the server as a probe would."""

    http: aiohttp.ClientSession
    url: str

    async def ask(self, path: str) -> tuple[int, Json]:
        async with self.http.get(self.url + path) as answer:
            return answer.status, await answer.json()

    async def page(self, path: str) -> tuple[str, str]:
        async with self.http.get(self.url + path) as answer:
            return answer.headers["Content-Type"], await answer.text()


@asynccontextmanager
async def visiting(health: Health, metrics: Metrics | None = None) -> AsyncGenerator[Visitor]:
    async with (
        serving(health, metrics or Metrics(), HOST, 0) as (host, port),
        aiohttp.ClientSession() as http,
    ):
        yield Visitor(http, f"http://{host}:{port}")


async def test_a_daemon_that_is_starting_is_alive_but_neither_started_nor_ready() -> None:
    async with visiting(Health(SystemClock())) as visitor:
        assert (await visitor.ask("/livez"))[0] == 200
        assert (await visitor.ask("/startupz"))[0] == 503
        assert (await visitor.ask("/readyz"))[0] == 503


async def test_a_daemon_at_work_answers_every_probe_well() -> None:
    health = Health(SystemClock())
    async with visiting(health) as visitor:
        health.started()
        health.beat("egress:crm")
        assert await visitor.ask("/livez") == (200, {"alive": True, "stuck": []})
        assert await visitor.ask("/startupz") == (200, {"started": True})
        assert await visitor.ask("/readyz") == (200, health.detail())


async def test_a_stuck_task_is_named_and_fails_the_liveness_probe_only() -> None:
    health = Health(SystemClock(), patience=timedelta(seconds=-1))
    async with visiting(health) as visitor:
        health.started()
        health.beat("egress:crm")
        assert await visitor.ask("/livez") == (503, {"alive": False, "stuck": ["egress:crm"]})
        assert (await visitor.ask("/readyz"))[0] == 200


async def test_a_store_that_fails_is_no_reason_to_be_restarted() -> None:
    health = Health(SystemClock())
    async with visiting(health) as visitor:
        health.started()
        health.store_failed()
        assert (await visitor.ask("/livez"))[0] == 200
        assert (await visitor.ask("/readyz"))[0] == 503


async def test_what_lucca_refuses_stands_in_the_readiness_detail() -> None:
    health = Health(SystemClock())
    async with visiting(health) as visitor:
        health.started()
        health.refused("acme", "employees", "scope", "grant employees.readonly")
        status, detail = await visitor.ask("/readyz")
        assert status == 200
        assert "grant employees.readonly" in str(detail)


async def test_the_metrics_page_is_prometheus_text() -> None:
    metrics = Metrics()
    metrics.build_info.labels("1.2.3").set(1)
    async with visiting(Health(SystemClock()), metrics) as visitor:
        content_type, page = await visitor.page("/metrics")
        assert content_type.startswith("text/plain; version=")
        assert 'lucca_sync_build_info{version="1.2.3"} 1.0' in page


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /hints/acme?echo=\xff HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"\x16\x03\x01 hello",
    ],
)
async def test_a_stranger_who_sends_no_http_is_answered_and_fills_no_log(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(Health(SystemClock()), Metrics(), HOST, 0) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert b" 400 " in answer
    assert caplog.records == []


async def test_a_failure_of_our_own_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_request: web.Request) -> web.Response:
        raise LookupError

    more = [web.get("/broken", fail)]
    async with (
        serving(Health(SystemClock()), Metrics(), HOST, 0, more) as (host, port),
        aiohttp.ClientSession() as http,
        http.get(f"http://{host}:{port}/broken") as answer,
    ):
        assert answer.status == 500
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_an_address_in_use_is_told_in_words() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            AddressUnavailable, match=f"cannot listen on {HOST}:{port}: Address already in use"
        ):
            async with serving(Health(SystemClock()), Metrics(), HOST, port):
                pytest.fail("two servers on one address")


async def port_of_a_failure() -> int:
    """Fail while serving; return the port that was served on."""
    bound: list[int] = []

    async def fail_while_serving() -> None:
        async with serving(Health(SystemClock()), Metrics(), HOST, 0) as (_, port):
            bound.append(port)
            raise LookupError

    with pytest.raises(LookupError):
        await fail_while_serving()
    return bound[0]


async def test_an_error_inside_comes_out_as_it_is_and_the_port_is_free_again() -> None:
    """Somebody else on this machine may be given the port meanwhile: not each time."""
    taken: list[int] = []
    for _ in range(5):
        port = await port_of_a_failure()
        try:
            async with serving(Health(SystemClock()), Metrics(), HOST, port) as (_, again):
                assert again == port
        except AddressUnavailable:
            taken.append(port)
    assert len(taken) < 5
