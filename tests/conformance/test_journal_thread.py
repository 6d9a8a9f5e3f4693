"""The store's own thread: nobody goes on while a job of theirs is half done, cancelled or not."""

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import anyio
import pytest
from anyio.lowlevel import checkpoint

from lucca_sync.journal.sqlite.thread import OwnThread


class Job:
    """A job that says when it has begun, and ends when it is told to."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.ended = False

    def __call__(self) -> str:
        self.begun.set()
        self.may_end.wait()
        self.ended = True
        return "done"

    async def running(self) -> None:
        """Wait until it has begun."""
        while not self.begun.is_set():
            await checkpoint()


@asynccontextmanager
async def a_thread() -> AsyncGenerator[OwnThread]:
    thread = OwnThread("test")
    try:
        yield thread
    finally:
        thread.stop()


async def some_turns() -> None:
    for _ in range(20):
        await checkpoint()


async def test_jobs_run_outside_the_loop_in_the_order_in_which_they_came() -> None:
    order: list[int] = []
    async with a_thread() as thread:
        async with anyio.create_task_group() as callers:
            for number in range(20):
                callers.start_soon(thread.run, partial(order.append, number))
        assert await thread.run(threading.current_thread) is not threading.main_thread()
    assert order == list(range(20))


async def test_a_job_gives_its_result_or_its_error() -> None:
    async with a_thread() as thread:
        assert await thread.run(lambda: 42) == 42
        with pytest.raises(ZeroDivisionError):
            await thread.run(lambda: 1 // 0)


async def test_a_cancelled_task_waits_for_the_end_of_its_job() -> None:
    job = Job()
    async with a_thread() as thread:
        caller = asyncio.create_task(thread.run(job))
        await job.running()
        for _ in range(3):
            caller.cancel()
            await some_turns()
        assert not caller.done()
        job.may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert job.ended


async def test_a_cancelled_scope_waits_for_the_end_of_its_job() -> None:
    job = Job()
    async with a_thread() as thread:
        async with anyio.create_task_group() as callers:
            callers.start_soon(thread.run, job)
            await job.running()
            callers.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await some_turns()
            job.may_end.set()
        assert job.ended


async def test_a_job_that_waits_its_turn_never_begins_when_its_caller_is_cancelled() -> None:
    first, second = Job(), Job()
    async with a_thread() as thread:
        running = asyncio.create_task(thread.run(first))
        await first.running()
        waiting = asyncio.create_task(thread.run(second))
        await some_turns()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        first.may_end.set()
        assert await running == "done"
        await thread.run(lambda: None)
        assert not second.begun.is_set()


async def test_an_error_that_nobody_waits_for_any_more_is_not_reported_by_the_loop() -> None:
    may_fail, begun = threading.Event(), threading.Event()
    reports: list[object] = []

    def failing() -> None:
        begun.set()
        may_fail.wait()
        raise ZeroDivisionError

    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    async with a_thread() as thread:
        caller = asyncio.create_task(thread.run(failing))
        while not begun.is_set():
            await checkpoint()
        caller.cancel()
        await some_turns()
        may_fail.set()
        with pytest.raises(asyncio.CancelledError):
            await caller
        del caller
        gc.collect()
        await thread.run(lambda: None)
        await some_turns()
    assert reports == []
