"""The target that authors test with does what it is told, on a real line."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest
from aiohttp import ClientError, ClientSession, ServerDisconnectedError

from lucca_sync.testing import Arrival, HttpTarget, Mood, Reply, header, http_target


@asynccontextmanager
async def meeting() -> AsyncGenerator[tuple[HttpTarget, ClientSession]]:
    async with http_target() as target, ClientSession(target.url) as session:
        yield target, session


async def status(session: ClientSession, event_id: str = "1") -> int:
    async with session.post("/", data=b"body", headers={"webhook-id": event_id}) as answer:
        return answer.status


async def test_it_takes_everything_and_keeps_what_came() -> None:
    async with meeting() as (target, session):
        assert await status(session) == 204
        (request,) = target.requests
        assert (request.method, request.path, request.body) == ("POST", "/", b"body")
        assert request.headers["Webhook-Id"] == request.headers["webhook-id"] == "1"
        assert await target.received() == [Arrival("1", b"body")]


async def test_what_it_keeps_is_not_shown() -> None:
    async with meeting() as (target, session):
        await status(session, "an-id")
        assert "body" not in repr(target.requests).replace("body=", "")
        assert "an-id" not in repr(target.requests)


async def test_a_script_is_played_once_and_then_it_answers_as_usual() -> None:
    async with meeting() as (target, session):
        target.reply = Reply(202)
        target.script += [Reply(503, {"Retry-After": "60"}), Reply(429)]
        async with session.post("/", headers={"webhook-id": "1"}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
        assert [await status(session) for _ in range(3)] == [429, 202, 202]
        assert len(await target.received()) == 2


async def test_a_poison_is_refused_and_all_else_is_taken() -> None:
    async with meeting() as (target, session):
        await target.poison("2")
        assert [await status(session, event_id) for event_id in "123"] == [204, 422, 204]
        assert [arrival.event_id for arrival in await target.received()] == ["1", "3"]


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (Reply(ending="reset", taken=True), ["1"]),
        (Reply(ending="reset", taken=False), []),
        (Reply(ending="reset"), ["1"]),
        (Reply(500, ending="reset"), []),
    ],
)
async def test_a_line_may_break_after_the_effect_or_before(reply: Reply, kept: list[str]) -> None:
    async with meeting() as (target, session):
        target.script.append(reply)
        with pytest.raises(ClientError):
            await status(session)
        assert [arrival.event_id for arrival in await target.received()] == kept


async def test_a_body_may_drip_for_ever() -> None:
    async with meeting() as (target, session):
        target.reply = Reply(200, body=b"x", ending="drip")
        async with session.post("/") as answer:
            assert [await answer.content.readexactly(1) for _ in range(3)] == [b"x"] * 3
            assert not answer.content.at_eof()


async def test_an_answer_may_hang_until_it_is_let_go() -> None:
    async with meeting() as (target, session):
        target.script.append(Reply(201, ending="hang"))
        answers: list[int] = []

        async def call() -> None:
            answers.append(await status(session))

        async with anyio.create_task_group() as calls:
            calls.start_soon(call)
            assert await target.holding() == 1
            assert answers == []
            await target.become("healthy")
        assert answers == [201]


async def test_it_counts_what_it_holds_and_how_many_came_at_once() -> None:
    async with meeting() as (target, session):
        await target.become("slow")
        async with anyio.create_task_group() as calls:
            for number in range(3):
                calls.start_soon(status, session, str(number))
            while await target.holding() < 3:
                await anyio.lowlevel.checkpoint()
            await target.become("healthy")
        assert target.most_at_once == 3
        assert await status(session) == 204
        assert target.most_at_once == 3


@pytest.mark.parametrize(("mood", "kept"), [("cut", ["1"]), ("gone", [])])
async def test_in_some_moods_nobody_answers(mood: Mood, kept: list[str]) -> None:
    async with meeting() as (target, session):
        await target.become(mood)
        with pytest.raises((ServerDisconnectedError, ConnectionError)):
            await status(session)
        assert [arrival.event_id for arrival in await target.received()] == kept


async def test_it_refuses_in_the_words_of_another_target() -> None:
    async with http_target(header("x-id"), Reply(404, body=b"no_service")) as target:
        await target.become("refusing")
        async with ClientSession() as session, session.post(target.url, headers={"x-id": "1"}) as answer:
            assert (answer.status, await answer.read()) == (404, b"no_service")


async def test_an_event_is_known_by_the_header_that_is_named() -> None:
    async with http_target(header("x-id")) as target, ClientSession(target.url) as session:
        await status(session)
        assert await target.received() == []
        async with session.post("/", headers={"X-Id": "7"}):
            assert await target.received() == [Arrival("7", b"")]


async def test_as_a_command_it_prints_what_comes_and_answers_as_told() -> None:
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lucca_sync.testing", "0", "--status", "503", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert command.stdout is not None
        url = (await command.stdout.readline()).decode().split()[-1]
        async with ClientSession() as session, session.post(f"{url}/a?b=c", data="é" * 300) as answer:
            assert answer.status == 503
        assert (await command.stdout.readline()).decode() == f"POST /a?b=c  {'é' * 100}\n"
        command.terminate()
        assert await command.wait() == 0
    finally:
        if command.returncode is None:
            command.kill()
            await command.wait()
