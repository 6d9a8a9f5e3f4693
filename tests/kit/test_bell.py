"""Nobody who took the next ring misses it."""

import anyio
import pytest

from lucca_sync.kit.bell import Bell


def test_a_ring_that_comes_before_the_wait_is_not_missed() -> None:
    bell = Bell()
    ring = bell.next_ring()
    bell.ring()
    assert ring.is_set()


def test_an_earlier_ring_does_not_count_as_the_next() -> None:
    bell = Bell()
    bell.ring()
    ring = bell.next_ring()
    assert not ring.is_set()


@pytest.mark.looptime
async def test_everyone_who_waits_is_woken() -> None:
    bell = Bell()
    woken: list[str] = []

    async def wait(name: str) -> None:
        await bell.next_ring().wait()
        woken.append(name)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait, "a")
        tasks.start_soon(wait, "b")
        await anyio.sleep(1)
        bell.ring()
    assert sorted(woken) == ["a", "b"]


def test_a_bell_rings_its_echoes_too() -> None:
    bell, echo = Bell(), Bell()
    bell.echo_to(echo)
    ring = echo.next_ring()
    bell.ring()
    assert ring.is_set()
