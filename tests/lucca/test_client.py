"""What the client sends, and what it makes of each answer. Real sockets on loopback, virtual time."""

import asyncio
import gzip
import json
from datetime import timedelta

import anyio
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from lucca_sync.lucca.budget import Budget
from lucca_sync.lucca.client import Answer, LuccaClient
from lucca_sync.lucca.errors import (
    CredentialsRefused,
    CursorLost,
    Refused,
    ScopeMissing,
    SourceError,
    TooHeavy,
    Unavailable,
    Unreadable,
)
from lucca_sync.lucca.wire import Wire
from lucca_sync.model.catalogue import CATALOGUE
from tests.lucca.notes import MemoryNotes
from tests.lucca.tenant import (
    VIRTUAL_TIME,
    Connection,
    Reaction,
    access_to,
    connected,
    problem,
    reply,
    tenant,
)

pytestmark = VIRTUAL_TIME

EMPLOYEES = CATALOGUE["employees"]
FIRST = "/lucca-api/employees?include=links&limit=100&sort=id"
LATER = "/lucca-api/employees?include=links&limit=100&page=!a1B2&sort=id"
BODY = b'{"items":[{"id":"1","familyName":"Planted"}]}'


async def page(connection: Connection, url: str = FIRST, etag: str | None = None) -> Answer:
    return await connection.client.page(url, resource=EMPLOYEES, etag=etag, purpose="sweep")


async def test_a_page_comes_as_raw_bytes_with_its_etag() -> None:
    async with connected() as there:
        there.tenant.will(reply(200, BODY, {"ETag": 'W/"abc"'}))
        answer = await page(there)
        assert (answer.url, answer.body, answer.etag) == (FIRST, BODY, 'W/"abc"')


async def test_a_request_carries_version_token_and_encoding_and_the_address_as_given() -> None:
    async with connected() as there:
        await page(there, LATER)
        asked = there.tenant.asked[0]
        assert asked.path == LATER
        assert asked.headers["Api-Version"] == "2024-11-01"
        assert asked.headers["Authorization"] == "Bearer token-1"
        assert asked.headers["Accept"] == "application/json"
        assert asked.headers["Accept-Encoding"] == "gzip"
        assert asked.headers["User-Agent"] == "lucca-sync"
        assert "If-None-Match" not in asked.headers


@pytest.mark.parametrize("etag", ['W/"abc"', "W/q5sd", '"strong"'])
async def test_an_etag_goes_back_byte_for_byte_and_304_brings_no_body(etag: str) -> None:
    async with connected() as there:
        there.tenant.will(reply(304, b"", {"ETag": 'W/"spelled otherwise"'}))
        answer = await page(there, etag=etag)
        assert there.tenant.asked[0].headers["If-None-Match"] == etag
        assert (answer.body, answer.etag) == (None, etag)


async def test_an_etag_that_could_not_be_sent_back_is_none() -> None:
    async with connected() as there:
        there.tenant.will(reply(200, BODY, {"ETag": 'W/"été"'}))
        assert (await page(there)).etag is None


async def test_gzip_is_undone() -> None:
    async with connected() as there:
        there.tenant.will(reply(200, gzip.compress(BODY), {"Content-Encoding": "gzip"}))
        assert (await page(there)).body == BODY


@pytest.mark.parametrize(
    ("raw", "coding", "trouble"),
    [
        (gzip.compress(BODY)[:-12], "gzip", "too early"),
        (gzip.compress(BODY)[:-1], "gzip", "too early"),
        (gzip.compress(BODY) + b"more", "gzip", "goes on"),
        (BODY, "gzip", "broken"),
        (BODY, "br", "other than gzip"),
        (gzip.compress(b"\0" * 100_000_001, 1), "gzip", "larger than 100000000 bytes"),
    ],
    ids=["cut", "trailer cut", "goes on", "no gzip", "not asked for", "a bomb"],
)
async def test_a_body_that_cannot_be_unwrapped_is_unreadable_after_two_more_tries(
    raw: bytes, coding: str, trouble: str
) -> None:
    async with connected() as there:
        there.tenant.will(*[reply(200, raw, {"Content-Encoding": coding})] * 3)
        with pytest.raises(Unreadable, match=trouble):
            await page(there)
        assert len(there.tenant.asked) == 3


async def cut_short(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(BODY)
    assert request.transport is not None
    request.transport.close()
    return response


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def nothing(request: web.Request) -> web.StreamResponse:
    await anyio.sleep(3600)
    return web.Response()


async def no_http(request: web.Request) -> web.StreamResponse:
    assert isinstance(request.transport, asyncio.Transport)
    request.transport.write(b"Planted is not HTTP\r\n\r\n")
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize("broken", [cut_short, reset, nothing, no_http])
async def test_a_transfer_that_breaks_is_tried_twice_more(broken: Reaction) -> None:
    async with connected() as there:
        there.tenant.will(broken, broken, reply(200, BODY))
        assert (await page(there)).body == BODY


@pytest.mark.parametrize("broken", [cut_short, nothing, no_http])
async def test_a_transfer_that_keeps_breaking_makes_the_tenant_unreachable(broken: Reaction) -> None:
    async with connected() as there:
        there.tenant.will(*[broken] * 4)
        with pytest.raises(Unavailable, match="/lucca-api/employees") as caught:
            await page(there)
        assert caught.value.reason == "unreachable"
        assert len(there.tenant.asked) == 3
        assert [seen.outcome for seen in there.seen] == ["ok", "failed", "failed", "failed"]


async def test_a_connection_that_keeps_being_reset_makes_the_tenant_unreachable() -> None:
    async with connected() as there:
        there.tenant.will(*[reset] * 20)  # aiohttp may send again by itself on a connection that was kept
        with pytest.raises(Unavailable) as caught:
            await page(there)
        assert caught.value.reason == "unreachable"


@pytest.mark.parametrize("host", ["acme..example", f"{'a' * 64}.example"])
async def test_a_host_that_cannot_be_is_unreachable(host: str) -> None:
    async with Wire(lambda _: None, "test") as wire:
        with pytest.raises(Unavailable, match="no host can have this name"):
            await wire.send(f"https://{host}/lucca-api/employees", "probe", {})


async def test_a_tenant_that_does_not_listen_is_unreachable() -> None:
    async with tenant() as gone:
        access = access_to(gone)
    async with connected() as there:
        budget = Budget(50, MemoryNotes(), "b", there.clock)
        async with LuccaClient(access, budget, there.clock, there.seen.append) as client:
            with pytest.raises(Unavailable) as caught:
                await client.page(FIRST, resource=EMPLOYEES, etag=None, purpose="sweep")
        assert caught.value.reason == "unreachable"


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_trouble_at_the_server_is_tried_twice_more_and_then_left(status: int) -> None:
    async with connected() as there:
        there.tenant.will(*[problem(status, '{"title": "Oh no"}')] * 4)
        with pytest.raises(Unavailable, match=f"{status} Oh no") as caught:
            await page(there)
        assert caught.value.reason == "server"
        assert len(there.tenant.asked) == 3


async def test_each_further_try_takes_its_turn() -> None:
    async with connected(rate=2) as there:
        there.tenant.will(reply(500), reply(500))
        began = anyio.current_time()
        await page(there)
        assert anyio.current_time() - began >= 60


async def test_a_server_that_says_when_it_is_back_is_left_alone_until_then() -> None:
    async with connected() as there:
        there.tenant.will(reply(503, headers={"Retry-After": "120"}))
        began = anyio.current_time()
        await page(there)
        assert 120 <= anyio.current_time() - began < 122


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("7", 60, 62),
        ("Mon, 02 Mar 2026 08:00:30 GMT", 60, 62),
        ("90", 90, 92),
        ("Mon, 02 Mar 2026 08:01:30 GMT", 89, 92),
        ("0", 60, 62),
        ("86400", 900, 902),
        ("soon", 60, 62),
        (None, 60, 62),
    ],
)
async def test_a_throttled_request_goes_out_again_when_it_may_but_not_inside_the_same_minute(
    retry_after: str | None, least: float, most: float
) -> None:
    async with connected() as there:
        there.tenant.will(reply(429, headers={"Retry-After": retry_after} if retry_after else None))
        began = anyio.current_time()
        await page(there)
        assert least <= anyio.current_time() - began < most
        assert [seen.outcome for seen in there.seen] == ["ok", "throttled", "ok"]


async def test_the_minute_of_a_refusal_is_counted_from_when_the_request_was_sent() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await anyio.sleep(20)
        return web.Response(status=429, headers={"Retry-After": "1"})

    async with connected() as there:
        there.tenant.will(slow)
        began = anyio.current_time()
        await page(there)
        assert 60 <= anyio.current_time() - began < 62


async def test_a_throttled_request_lowers_the_rate_that_is_kept_to() -> None:
    async with connected(rate=50) as there:
        there.tenant.will(reply(429, headers={"Retry-After": "1"}))
        await page(there)
        assert there.budget.allowed_per_minute() < 50
        assert there.budget.estimated_others() > 0


async def test_408_is_not_sent_again_unchanged_whoever_asks_for_less_may_at_once() -> None:
    """Trap 9: a request that is too complex is so the second time too."""
    async with connected() as there:
        there.tenant.will(problem(408, '{"title": "Too slow"}'), problem(408, "{}"))
        with pytest.raises(TooHeavy, match="408 Too slow") as caught:
            await page(there)
        assert caught.value.reason == "server"
        with pytest.raises(TooHeavy):
            await there.client.record(EMPLOYEES, "7", "confirm")
        assert len(there.tenant.asked) == 2


async def test_408_that_says_when_to_come_back_pauses_everybody_until_then() -> None:
    async with connected() as there:
        there.tenant.will(reply(408, headers={"Retry-After": "20"}))
        with pytest.raises(TooHeavy):
            await page(there)
        began = anyio.current_time()
        await page(there)
        assert 20 <= anyio.current_time() - began < 22


async def test_a_throttled_request_is_given_up_after_three_replays() -> None:
    async with connected() as there:
        there.tenant.will(*[reply(429, headers={"Retry-After": "1"})] * 5)
        with pytest.raises(Unavailable) as caught:
            await page(there)
        assert caught.value.reason == "throttled"
        assert len(there.tenant.asked) == 4


async def test_a_throttled_tenant_is_left_alone_after_a_kill_too() -> None:
    async with connected() as there:
        there.tenant.will(*[reply(429, headers={"Retry-After": "600"})] * 4)
        with pytest.raises(Unavailable):
            await page(there)
        began = anyio.current_time()
        await Budget(10_000, there.notes, "budget", there.clock).take("confirm")
        assert anyio.current_time() - began > 598


async def test_a_refused_token_is_renewed_once_and_the_request_sent_again() -> None:
    async with connected() as there:
        there.tenant.will(reply(401), reply(200, BODY))
        assert (await page(there)).body == BODY
        assert [asked.headers["Authorization"] for asked in there.tenant.asked] == [
            "Bearer token-1",
            "Bearer token-2",
        ]


async def test_a_new_token_that_is_refused_too_ends_it() -> None:
    async with connected() as there:
        there.tenant.will(*[reply(401)] * 5)
        with pytest.raises(CredentialsRefused, match="client_id"):
            await page(there)
        assert (len(there.tenant.asked), len(there.tenant.signed_in)) == (2, 2)


async def test_whatever_mixture_of_trouble_comes_a_request_ends_after_seven_tries() -> None:
    async with connected() as there:
        throttled = [reply(429, headers={"Retry-After": "1"})] * 3
        there.tenant.will(reply(401), *throttled, reply(503), cut_short, *[reply(500)] * 10)
        with pytest.raises(Unavailable):
            await page(there)
        assert len(there.tenant.asked) == 7


async def test_403_names_the_scope_and_is_not_repeated() -> None:
    async with connected() as there:
        there.tenant.will(problem(403, '{"title": "Unauthorized"}'))
        with pytest.raises(ScopeMissing, match=r"employees\.readonly") as caught:
            await page(there)
        assert caught.value.scope == "employees.readonly"
        assert len(there.tenant.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_a_followed_page_that_is_gone_loses_the_cursor(status: int) -> None:
    async with connected() as there:
        there.tenant.will(problem(status, '{"title": "no"}'))
        with pytest.raises(CursorLost):
            await page(there, LATER)
        assert len(there.tenant.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 405, 410, 413, 204])
async def test_a_first_page_that_is_refused_says_so_and_is_not_repeated(status: int) -> None:
    async with connected() as there:
        there.tenant.will(problem(status, '{"title": "Not here", "traceId": "00-77"}'))
        with pytest.raises(Refused) as caught:
            await page(there)
        assert caught.value.status == status
        assert len(there.tenant.asked) == 1


async def test_only_title_and_trace_of_a_foreign_answer_are_shown_shortened_and_on_one_line() -> None:
    words = {"title": "T" * 500 + "!", "detail": "Planted", "extensions": {"traceId": "00-77\n\x1b[31m"}}
    async with connected() as there:
        there.tenant.will(problem(400, json.dumps(words)))
        with pytest.raises(Refused) as caught:
            await page(there, FIRST + "&email=planted%40example.org")
        assert "T" * 200 in str(caught.value)
        assert "T" * 201 not in str(caught.value)
        assert "trace 00-77" in str(caught.value)
        assert str(caught.value).isprintable()
        assert "lanted" not in str(caught.value)


@pytest.mark.parametrize("body", ['"text"', '{"title": 7}', "<html>Planted</html>", "[", "\x00"])
async def test_an_error_page_of_any_other_make_is_not_shown(body: str) -> None:
    async with connected() as there:
        there.tenant.will(problem(404, body))
        with pytest.raises(Refused) as caught:
            await page(there)
        assert "Planted" not in str(caught.value)


async def test_a_title_counts_only_in_an_answer_that_calls_itself_a_problem() -> None:
    async with connected() as there:
        there.tenant.will(reply(404, b'{"title": "Planted"}', {"Content-Type": "application/json"}))
        with pytest.raises(Refused) as caught:
            await page(there)
        assert caught.value.title == ""


async def test_an_address_goes_out_exactly_as_given() -> None:
    async with connected() as there:
        await page(there, FIRST + "&page=%7Ea%2B!%21")
        assert there.tenant.asked[0].path == FIRST + "&page=%7Ea%2B!%21"


async def test_a_redirect_is_not_followed_so_the_token_stays_home() -> None:
    async with connected() as there, tenant() as elsewhere:
        there.tenant.will(reply(302, headers={"Location": f"{elsewhere.url}/lucca-api/employees"}))
        with pytest.raises(Refused, match="302"):
            await page(there)
        assert elsewhere.asked == []


@pytest.mark.parametrize("url", ["@elsewhere.example/lucca-api/employees", "https://elsewhere.example/", ""])
async def test_an_address_that_is_no_path_of_the_api_is_never_sent_to(url: str) -> None:
    async with connected() as there:
        with pytest.raises(ValueError, match="/lucca-api/"):
            await page(there, url)
        assert there.tenant.asked == []


async def test_cookies_are_not_kept() -> None:
    async with connected() as there:
        there.tenant.will(reply(200, headers={"Set-Cookie": "session=1"}))
        await page(there)
        await page(there)
        assert "Cookie" not in there.tenant.asked[1].headers


async def test_a_proxy_from_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with connected() as there:
        there.tenant.will(reply(200, BODY))
        assert (await page(there)).body == BODY


async def test_a_record_is_asked_for_by_its_id() -> None:
    async with connected() as there:
        there.tenant.will(reply(200, BODY))
        answer = await there.client.record(EMPLOYEES, "a/b?c", "confirm")
        assert answer is not None
        assert answer.body == BODY
        assert there.tenant.asked[0].path == "/lucca-api/employees/a%2Fb%3Fc"


@pytest.mark.parametrize("status", [404, 410])
async def test_a_record_that_is_absent_is_none(status: int) -> None:
    async with connected() as there:
        there.tenant.will(reply(status))
        assert await there.client.record(EMPLOYEES, "7", "confirm") is None


async def test_a_record_that_is_refused_is_no_absence() -> None:
    async with connected() as there:
        there.tenant.will(reply(403), reply(400))
        with pytest.raises(ScopeMissing):
            await there.client.record(EMPLOYEES, "7", "confirm")
        with pytest.raises(Refused):
            await there.client.record(EMPLOYEES, "7", "confirm")


async def test_every_request_is_seen_with_its_purpose_outcome_and_time() -> None:
    async with connected() as there:
        there.tenant.will(reply(200), reply(304), reply(404), reply(500), reply(200))
        await page(there)
        await page(there, etag='W/"x"')
        await there.client.record(EMPLOYEES, "7", "confirm")
        await there.client.record(EMPLOYEES, "8", "probe")
        assert [(seen.purpose, seen.outcome) for seen in there.seen] == [
            ("token", "ok"),
            ("sweep", "ok"),
            ("sweep", "not_modified"),
            ("confirm", "refused"),
            ("probe", "failed"),
            ("probe", "ok"),
        ]
        assert all(seen.seconds >= 0 for seen in there.seen)


async def test_an_announced_end_is_logged_once_a_resource() -> None:
    announced = {"Deprecation": "@1788220800", "Sunset": "Mon, 01 Mar 2027 00:00:00 GMT"}
    async with connected() as there:
        there.tenant.will(*[reply(200, BODY, announced)] * 2)
        with capture_logs() as logs:
            await page(there)
            await page(there, LATER)
        assert [(entry["event"], entry["resource"], entry["sunset"]) for entry in logs] == [
            ("source_deprecated", "employees", "Mon, 01 Mar 2027 00:00:00 GMT")
        ]


async def test_a_share_that_is_used_up_makes_the_next_page_wait() -> None:
    async with connected(rate=3) as there:
        began = anyio.current_time()
        for _ in range(4):
            await page(there)
        assert anyio.current_time() - began >= 60


async def test_a_client_that_is_not_open_says_so() -> None:
    async with connected() as there:
        budget = Budget(50, MemoryNotes(), "b", there.clock)
        client = LuccaClient(access_to(there.tenant), budget, there.clock, there.seen.append)
        with pytest.raises(RuntimeError, match="not open"):
            await client.page(FIRST, resource=EMPLOYEES, etag=None, purpose="sweep")


async def test_no_error_and_no_repr_shows_a_secret_a_body_or_a_query() -> None:
    shown: list[str] = []
    async with connected() as there:
        there.tenant.will(reply(200, BODY), reply(400, BODY), *[reply(401, BODY)] * 2, *[no_http] * 3)
        shown.append(repr(await page(there)))
        shown.extend(
            [repr(there.client), repr(there.budget), repr(access_to(there.tenant)), repr(there.seen)]
        )
        for _ in range(3):
            with pytest.raises(SourceError) as caught:
                await page(there, FIRST + "&search=Planted")
            shown.extend([str(caught.value), repr(caught.value), repr(caught.value.__cause__)])
    assert len(shown) == 14
    for text in shown:
        assert "planted-secret" not in text
        assert "token-" not in text
        assert "Planted" not in text


async def test_a_pause_is_at_most_a_quarter_of_an_hour() -> None:
    async with connected() as there:
        there.tenant.will(reply(429, headers={"Retry-After": "Tue, 02 Mar 2027 08:00:00 GMT"}))
        began = there.clock.now()
        await page(there)
        assert there.clock.now() - began < timedelta(minutes=16)
