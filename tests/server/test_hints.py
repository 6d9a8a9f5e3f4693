"""Lucca's webhooks at the door: over real sockets, signed for real."""

import asyncio
import json
import socket
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import digest
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs
from yarl import URL

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import StoreError
from lucca_sync.kit.clock import SystemClock
from lucca_sync.kit.secret import Secret
from lucca_sync.model.hint import Hint
from lucca_sync.model.values import JsonObject
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.app import serving
from lucca_sync.server.health import Health
from lucca_sync.server.hints import AT_ONCE, MAX_BODY, Door, HintDesk

SECRET = "s3cr-t_of-the-endpoint"
EVENT: JsonObject = {
    "id": "98123",
    "type": "event",
    "topic": "job-position.updated",
    "occurredAt": "2026-02-03T10:11:12.345Z",
    "source": "https://acme.ilucca.net",
    "data": {
        "id": "74",
        "jobTitle": "Zoé's planted title",
        "employee": {"id": "12"},
        "employment": {"id": 9},
    },
    "previousAttributes": {"jobTitle": "planted before"},
}
BODY = json.dumps(EVENT, ensure_ascii=False).encode()


def signed(body: bytes, *, secret: str = SECRET, late: timedelta = timedelta()) -> dict[str, str]:
    """Return the headers that Lucca sends with a body: made by hand, not by what is tested."""
    at = (SystemClock().now() - late).strftime("%Y-%m-%dT%H:%M:%SZ")
    mac = digest(secret.encode(), at.encode() + b"." + body, "sha256")
    return {
        "Lucca-Timestamp": at,
        "Lucca-Signature": b64encode(mac).decode(),
        "Content-Type": "application/json",
    }


@dataclass
class Lucca:
    """Sends webhooks to the door."""

    http: aiohttp.ClientSession
    address: tuple[str, int]
    journal: MemoryJournal
    metrics: Metrics
    health: Health
    roused: list[str]

    def url(self, path: str) -> str:
        return "http://{}:{}".format(*self.address) + path

    async def post(
        self, body: bytes = BODY, headers: Mapping[str, str] | None = None, path: str = "/hints/acme"
    ) -> int:
        sent = signed(body) if headers is None else headers
        async with self.http.post(self.url(path), data=body, headers=sent) as answer:
            return answer.status

    async def hints(self) -> list[Hint]:
        return list(await self.journal.hints("acme", 100))

    def count(self, outcome: str) -> float | None:
        labels = {"tenant": "acme", "outcome": outcome}
        return self.metrics.registry.get_sample_value("lucca_sync_hints_received_total", labels)


class Refusing(MemoryJournal):
    async def take_in(self, tenant: str, hints: object) -> int:
        raise StoreError("the disk is full", "full")


class Holding(MemoryJournal):
    """Takes its time: until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.held = 0
        self.go = asyncio.Event()

    async def take_in(self, tenant: str, hints: object) -> int:
        self.held += 1
        await self.go.wait()
        return 0


@asynccontextmanager
async def door(
    journal: MemoryJournal | None = None, secrets: tuple[Secret, ...] = (Secret(SECRET),)
) -> AsyncGenerator[Lucca]:
    kept, metrics, health, roused = journal or MemoryJournal(), Metrics(), Health(SystemClock()), list[str]()
    metrics.initialise_tenant("acme", [])
    door = Door("acme", "https://acme.ilucca.net", secrets, lambda: roused.append("acme"))
    desk = HintDesk({"acme": door}, kept, SystemClock(), metrics, lambda: health.is_draining)
    async with (
        serving(health, metrics, "127.0.0.1", 0, desk.routes()) as address,
        aiohttp.ClientSession() as http,
    ):
        yield Lucca(http, address, kept, metrics, health, roused)


async def test_a_genuine_webhook_is_noted_without_values_and_then_accepted() -> None:
    async with door() as lucca:
        assert await lucca.post() == 202
        (hint,) = await lucca.hints()
        whom = (hint.topic, hint.record, hint.employee, hint.employment, hint.eye)
        assert whom == ("job-position.updated", "74", "12", "9", "hint")
        assert "planted" not in repr(hint)
        assert lucca.roused == ["acme"]
        assert lucca.count("taken") == 1
        assert lucca.metrics.registry.get_sample_value(
            "lucca_sync_hints_last_timestamp_seconds", {"tenant": "acme"}
        ) == pytest.approx(hint.taken.timestamp())


async def test_it_is_durable_before_it_is_accepted() -> None:
    """Trap 30: nothing but check and note happens before the answer, and never the answer first."""
    journal = Holding()
    async with door(journal) as lucca:
        posting = asyncio.create_task(lucca.post())
        while not journal.held:  # noqa: ASYNC110 - what is awaited happens behind a socket
            await asyncio.sleep(0)
        assert not posting.done()
        journal.go.set()
        assert await posting == 202


async def test_a_store_that_refuses_makes_lucca_come_again() -> None:
    async with door(Refusing()) as lucca:
        assert await lucca.post() == 503
        assert lucca.roused == []
        assert lucca.count("deferred") == 1


async def test_the_same_event_twice_is_one_hint() -> None:
    """Trap 35: repeats are known by source and id."""
    async with door() as lucca:
        assert [await lucca.post(), await lucca.post()] == [202, 202]
        other_source = json.dumps({**EVENT, "source": "https://acme-2.ilucca.net"}).encode()
        assert await lucca.post(other_source) == 202
        assert len(await lucca.hints()) == 2
        assert (lucca.count("taken"), lucca.count("repeated")) == (2, 1)


FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "bare": dict,
    "no signature": lambda: {"Lucca-Timestamp": signed(BODY)["Lucca-Timestamp"]},
    "no timestamp": lambda: {"Lucca-Signature": signed(BODY)["Lucca-Signature"]},
    "another secret": lambda: signed(BODY, secret="another"),
    "another body": lambda: signed(BODY + b" "),
    "short": lambda: signed(BODY) | {"Lucca-Signature": "short"},
    "empty": lambda: signed(BODY) | {"Lucca-Signature": ""},
    "no ascii": lambda: signed(BODY) | {"Lucca-Signature": "é" * 44},
    "no time": lambda: signed(BODY) | {"Lucca-Timestamp": "yesterday"},
    "too old": lambda: signed(BODY, late=timedelta(minutes=5, seconds=30)),
    "from the future": lambda: signed(BODY, late=timedelta(minutes=-5, seconds=-30)),
    "a plain hash": lambda: signed(BODY) | {"Lucca-Signature": sha256(SECRET.encode() + BODY).hexdigest()},
}


@pytest.mark.parametrize("how", FORGED)
async def test_what_is_not_genuine_is_refused(how: str) -> None:
    """Trap 33: an HMAC over the raw bytes, nothing less; and five minutes either way."""
    async with door() as lucca:
        assert await lucca.post(BODY, {"Content-Type": "application/json", **FORGED[how]()}) == 401
        assert await lucca.hints() == []
        assert lucca.count("refused") == 1


async def test_the_signature_is_of_the_bytes_that_came_not_of_what_they_mean() -> None:
    """Trap 33: spaces, escapes and the order of members count."""
    async with door() as lucca:
        loose = b'{ "topic":"employee.updated",\n "id": 7, "data": {"id": "\\u00e9"} }'
        assert await lucca.post(loose) == 202
        (hint,) = await lucca.hints()
        assert (hint.id, hint.record) == ("https://acme.ilucca.net 7", "é")


async def test_a_charset_behind_the_content_type_is_fine_and_another_type_is_not() -> None:
    async with door() as lucca:
        headers = signed(BODY)
        charset = headers | {"Content-Type": "application/json; charset=utf-8"}
        assert await lucca.post(BODY, charset) == 202
        assert await lucca.post(BODY, headers | {"Content-Type": "text/plain"}) == 415


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("path", ["/hints", "/hints/", "/hints/globex", "/hints/acme/", "/hints/acme/more"])
async def test_nothing_under_hints_is_ever_not_found(method: str, path: str) -> None:
    """Trap 31: a 404 or 410, were it only during a roll-out, suspends the endpoint at once."""
    async with door() as lucca, lucca.http.request(method, lucca.url(path + "?echo=x")) as answer:
        assert answer.status == 503


async def test_a_daemon_that_ends_asks_lucca_to_come_again() -> None:
    """Trap 31."""
    async with door() as lucca:
        lucca.health.draining()
        assert await lucca.post() == 503
        assert await lucca.hints() == []


@pytest.mark.parametrize("name", ["echo", "challenge"])
async def test_the_activation_challenge_is_echoed_byte_for_byte(name: str) -> None:
    """Trap 32: both names that the documentation has had."""
    async with door() as lucca:
        query = f"?x=1&{name}=fa%C3%A7ade%2B1%20%26%3C%00%ff&y=2"
        url = URL(lucca.url("/hints/acme" + query), encoded=True)
        async with lucca.http.get(url) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/plain"
            assert await answer.read() == "façade+1 &<\0".encode() + b"\xff"


async def test_the_activation_needs_no_secret_yet_and_no_journal() -> None:
    async with door(Refusing(), secrets=(Secret(file=Path("/nonexistent/secret")),)) as lucca:
        async with lucca.http.get(lucca.url("/hints/acme?echo=é")) as answer:
            assert (answer.status, await answer.text()) == (200, "é")
        async with lucca.http.get(lucca.url("/hints/acme")) as answer:
            assert answer.status == 400


async def test_a_secret_that_is_not_there_yet_makes_lucca_come_again_and_is_said_once(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    with capture_logs() as logs:
        async with door(secrets=(Secret(file=file),)) as lucca:
            assert [await lucca.post(), await lucca.post()] == [503, 503]
            assert lucca.count("deferred") == 2
            file.write_text(SECRET)
            assert await lucca.post() == 202
    assert [line["event"] for line in logs] == ["hint_secret_unreadable"]


async def test_while_a_secret_is_replaced_the_former_one_still_counts(tmp_path: Path) -> None:
    former = tmp_path / "former"
    former.write_text("former\n")
    async with door(secrets=(Secret(SECRET), Secret(file=former))) as lucca:
        assert await lucca.post(BODY, signed(BODY, secret="former")) == 202
        assert await lucca.post() == 202
        former.unlink()
        assert await lucca.post(BODY, signed(BODY, secret="former")) == 401
        assert await lucca.post() == 202


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{}", b'{"id": 7}', b'{"topic": "x.y"}', b"\xff", b'{"id": true, "topic": "x"}'],
)
async def test_a_genuine_body_that_cannot_be_read_is_not_sent_again(body: bytes) -> None:
    async with door() as lucca:
        assert await lucca.post(body) == 202
        assert await lucca.hints() == []
        assert lucca.count("unreadable") == 1


@pytest.mark.parametrize(
    "data", [None, [], "x", {"id": None}, {"employee": 7}, {"id": {}, "employee": {"id": []}}]
)
async def test_only_id_and_topic_must_be_there(data: object) -> None:
    async with door() as lucca:
        assert await lucca.post(json.dumps({"id": "1", "topic": "ping", "data": data}).encode()) == 202
        (hint,) = await lucca.hints()
        assert (hint.record, hint.employee) == ("", None)


async def test_a_body_that_is_too_large_is_cut_short() -> None:
    async with door() as lucca:
        body = json.dumps({**EVENT, "filler": "x" * MAX_BODY}).encode()
        assert await lucca.post(body) == 413
        assert await lucca.hints() == []


async def test_more_than_can_be_handled_at_once_are_asked_to_come_again() -> None:
    journal = Holding()
    async with door(journal) as lucca, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        lucca.http = http
        posts = [asyncio.create_task(lucca.post()) for _ in range(AT_ONCE)]
        while journal.held < AT_ONCE:  # noqa: ASYNC110 - what is awaited happens behind sockets
            await asyncio.sleep(0)
        assert await lucca.post() == 503
        journal.go.set()
        assert set(await asyncio.gather(*posts)) == {202}
        assert await lucca.post() == 202


async def test_a_visitor_who_goes_away_in_mid_body_does_no_harm() -> None:
    async with door() as lucca:
        head = "".join(f"{name}: {value}\r\n" for name, value in signed(BODY).items())
        with socket.create_connection(lucca.address) as visitor:
            visitor.sendall(
                f"POST /hints/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n{head}\r\n{{".encode()
            )
        assert await lucca.post() == 202
        assert len(await lucca.hints()) == 1


@pytest.mark.leaping
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_stranger_who_never_ends_is_not_read_for_long(method: str) -> None:
    """The answer comes before the body's end; what follows is heard for a second, not for aiohttp's ten."""
    async with door() as lucca:
        reader, writer = await asyncio.open_connection(*lucca.address)
        writer.write(f"{method} /hints/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{{".encode())
        began = asyncio.get_running_loop().time()
        answer = await reader.read()
        assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 405"))
        assert asyncio.get_running_loop().time() - began < 5
        writer.close()


async def test_a_body_that_is_not_in_the_coding_it_names_is_refused() -> None:
    async with door() as lucca:
        assert await lucca.post(BODY, signed(BODY) | {"Content-Encoding": "gzip"}) == 400
        assert lucca.count("refused") == 1
