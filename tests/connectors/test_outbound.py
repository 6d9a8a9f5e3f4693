"""HTTP to targets, on loopback: what is refused is refused before anything is sent."""

import asyncio
import contextlib
import socket
import ssl
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from lucca_sync.kit.outbound import ANSWER_BYTES, Outbound, Unanswered, checked_url
from lucca_sync.testing import HttpTarget, Reply, http_target


@asynccontextmanager
async def outbound(*allow: str) -> AsyncGenerator[Outbound]:
    out = Outbound(allow=allow)
    try:
        yield out
    finally:
        await out.close()


async def silence(out: Outbound, url: str) -> Unanswered:
    with pytest.raises(Unanswered) as caught:
        await out.post(url, b"{}", {})
    return caught.value


def port(receiver: HttpTarget) -> str:
    return receiver.url.rpartition(":")[2]


@contextmanager
def nobody_listens() -> Generator[int]:
    """A port that stays taken and refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_the_bytes_and_headers_arrive_as_given() -> None:
    async with http_target() as receiver, outbound("127.0.0.1") as out:
        receiver.reply = Reply(202, {"Retry-After": "7"}, b"thanks")
        answer = await out.post(f"{receiver.url}/a?b=c", "é".encode(), {"x-mine": "1"})
        assert (answer.status, answer.retry_after, answer.body) == (202, "7", b"thanks")
        (got,) = receiver.requests
        assert (got.method, got.path, got.body, got.headers["x-mine"]) == (
            "POST",
            "/a?b=c",
            "é".encode(),
            "1",
        )


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "①②⑦.⓪.⓪.①",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0x7f.1",
        "127.0.0.1.",
        "0.0.0.0",  # noqa: S104 - a target, not a place to listen
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_loopback_is_not_reached_under_any_of_its_names(scheme: str, host: str) -> None:
    async with http_target() as receiver, outbound() as out:
        refused = await silence(out, f"{scheme}://{host}:{port(receiver)}/")
        assert not refused.possibly_sent
        assert receiver.requests == []


async def test_a_host_that_cannot_be_gives_no_answer() -> None:
    async with outbound() as out:
        refused = await silence(out, "https://crm..example/")
        assert (refused.reason, refused.possibly_sent) == ("crm..example: no host can have this name", False)


async def test_a_refusal_names_the_address_and_the_line_that_permits_it() -> None:
    async with http_target() as receiver, outbound() as out:
        refused = await silence(out, f"http://localhost:{port(receiver)}/")
        assert "127.0.0.1 is not a public address; if it is meant, add `allow: [127.0.0.1]`" in refused.reason


async def test_a_host_named_in_allow_is_reached_and_its_address_alone_is_not() -> None:
    async with http_target() as receiver, outbound("localhost") as out:
        assert (await out.post(f"http://localhost:{port(receiver)}/", b"", {})).status == 204
        assert "not a public address" in (await silence(out, receiver.url)).reason


async def test_metadata_stays_closed_though_everything_is_allowed() -> None:
    async with outbound("0.0.0.0/0", "::/0") as out:
        for host in ("169.254.169.254", "[fe80::1]", "[64:ff9b::a9fe:a9fe]"):
            assert "never" in (await silence(out, f"http://{host}/latest/meta-data")).reason


async def test_plain_http_to_a_public_address_is_refused_before_connecting() -> None:
    async with outbound() as out:
        refused = await silence(out, "http://[2606:4700:4700::1111]/")
        assert "plain http to 2606:4700:4700::1111 is refused; use https" in refused.reason


async def test_redirects_are_answers_and_not_followed() -> None:
    async with http_target() as receiver, outbound("127.0.0.1") as out:
        receiver.reply = Reply(302, {"Location": f"{receiver.url}/elsewhere"})
        assert (await out.post(f"{receiver.url}/here", b"", {})).status == 302
        assert [got.path for got in receiver.requests] == ["/here"]


async def test_a_proxy_from_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with http_target() as receiver, outbound("127.0.0.1") as out:
        assert (await out.post(receiver.url, b"", {})).status == 204


async def test_cookies_are_not_kept() -> None:
    async with http_target() as receiver, outbound("localhost") as out:
        receiver.reply = Reply(204, {"Set-Cookie": "track=1"})
        for _ in range(2):
            await out.post(f"http://localhost:{port(receiver)}/", b"", {})
        assert all("Cookie" not in got.headers for got in receiver.requests)


async def test_an_endless_answer_is_read_only_so_far() -> None:
    async with http_target() as receiver, outbound("127.0.0.1") as out:
        receiver.reply = Reply(500, body=b"x" * (ANSWER_BYTES * 40))
        answer = await out.post(receiver.url, b"", {})
        assert (answer.status, len(answer.body)) == (500, ANSWER_BYTES)
        assert "xx" not in repr(answer)


async def test_a_compressed_answer_is_not_blown_up() -> None:
    async with http_target() as receiver, outbound("127.0.0.1") as out:
        receiver.reply = Reply(400, {"Content-Encoding": "gzip"}, b"not gzip at all")
        assert (await out.post(receiver.url, b"", {})).body == b"not gzip at all"


@pytest.mark.leaping
async def test_no_answer_in_time_may_have_been_sent() -> None:
    async with http_target() as receiver, outbound("127.0.0.1") as out:
        await receiver.become("slow")
        late = await silence(out, receiver.url)
        assert (late.reason, late.possibly_sent) == ("127.0.0.1: no answer in time", True)
        assert len(receiver.requests) == 1


async def test_a_connection_that_breaks_may_have_been_sent() -> None:
    async with http_target() as receiver, outbound("127.0.0.1") as out:
        await receiver.become("gone")
        assert (await silence(out, receiver.url)).possibly_sent


async def test_a_refused_connection_was_not_sent() -> None:
    with nobody_listens() as closed:
        async with outbound("127.0.0.1") as out:
            refused = await silence(out, f"http://127.0.0.1:{closed}/")
            assert (refused.reason, refused.possibly_sent) == (
                "127.0.0.1: cannot connect (Connection refused)",
                False,
            )


async def test_a_name_that_does_not_exist_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is asked: where none answers, it would take longer than the test may."""

    def nobody_knows(*_given: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_knows)
    async with outbound() as out:
        unknown = await silence(out, "https://no-such-host.invalid/")
        assert (unknown.reason, unknown.possibly_sent) == (
            "no-such-host.invalid: cannot connect (the name is not known)",
            False,
        )


async def test_a_target_without_tls_is_not_spoken_to_in_clear() -> None:
    async with http_target() as receiver, outbound("127.0.0.1") as out:
        assert "TLS" in (await silence(out, receiver.url.replace("http:", "https:"))).reason
        assert receiver.requests == []


async def test_an_answer_that_is_not_http_may_have_been_sent() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SMTP ready\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server, outbound("127.0.0.1") as out:
        odd = await silence(out, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        assert (odd.reason, odd.possibly_sent) == ("127.0.0.1: its answer is not proper HTTP", True)


async def test_a_body_that_breaks_off_leaves_the_status_standing() -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(half, "127.0.0.1", 0) as server, outbound("127.0.0.1") as out:
        answer = await out.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"", {})
        assert (answer.status, answer.body) == (200, b"half")


@pytest.mark.parametrize(
    ("url", "allow", "complaint"),
    [
        ("https://user:geheim@example.org/", [], "user name"),
        ("http://geheim.example.org/", [], "https"),
        ("ftp://geheim.example.org/", ["localhost"], "must be a URL"),
        ("geheim", [], "must be a URL"),
        ("https://", [], "must be a URL"),
        ("https://[geheim/", [], "not a URL"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_showing_it(
    url: str, allow: list[str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        checked_url(url, allow)
    assert "geheim" not in str(caught.value)


def test_a_usable_url_comes_back_as_it_was() -> None:
    assert checked_url("https://example.org/a?b=c", []) == "https://example.org/a?b=c"
    assert checked_url("http://localhost/", ["localhost"]) == "http://localhost/"


STRANGER = Path(__file__).with_name("stranger.pem")
ASK = """
import asyncio, sys
from lucca_sync import Outbound, Unanswered

async def main() -> None:
    outbound = Outbound(allow=["127.0.0.1"])
    try:
        print((await outbound.post(sys.argv[1], b"", {})).status)
    except Unanswered as error:
        print(error.reason)
    await outbound.close()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "certificate refused: "), ({"SSL_CERT_FILE": str(STRANGER)}, "204")],
)
async def test_only_certificates_of_known_authorities_are_accepted(
    environment: dict[str, str], said: str
) -> None:
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stranger.load_cert_chain(STRANGER)
    async with await asyncio.start_server(_no_content, "127.0.0.1", 0, ssl=stranger) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ASK, url, env=environment, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await program.communicate()
    assert said in output.decode()


async def _no_content(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    writer.close()
