"""The hostile connector does exactly what it is told, so that a test can rely on it."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import cast, get_args

import anyio
import anyio.lowlevel
import pytest

from lucca_sync import CheckFailed, Done, Park, Reject, Retry
from lucca_sync.testing import made
from lucca_sync.testing.events import a_delivery, an_event
from lucca_sync.testing.hostile import HUGE, UNPRINTABLE, Deed, HostileConfig, HostileConnector, Unspeakable

BATCH = [a_delivery(an_event(record_id=str(number))) for number in range(2)]


def hostile(*script: str, **more: object) -> HostileConnector:
    return made(HostileConnector, {"type": "hostile", "script": script or ("done",), **more})


@pytest.mark.parametrize(
    ("deed", "answer"),
    [
        ("done", [Done("taken")] * 2),
        ("retry", [Retry("told to")] * 2),
        ("reject", [Reject("told to")] * 2),
        ("park", [Park("told to")] * 2),
        ("too_few", [Done()]),
        ("too_many", [Done()] * 3),
        ("nothing", None),
        ("not_outcomes", ["done", "done"]),
        ("half_outcomes", ["done", Done()]),
        ("wrong_fields", [Retry(cast(str, 4711), cast(timedelta, "soon"))] * 2),
        ("huge_reason", [Retry("x" * HUGE)] * 2),
        ("unprintable_reason", [Retry(f"told to{UNPRINTABLE}")] * 2),
        ("huge_receipt", [Done("x" * HUGE)] * 2),
        ("unprintable_receipt", [Done(f"taken{UNPRINTABLE}")] * 2),
        ("gone", [Retry(f"told to{UNPRINTABLE}", gone=True)] * 2),
        ("retry_before_now", [Retry("told to", -timedelta(days=1))] * 2),
        ("retry_after_for_ever", [Retry("told to", timedelta.max)] * 2),
        ("park_without_zone", [Park("told to", datetime.min)] * 2),  # noqa: DTZ901 - without a zone is the point
        ("park_until_the_end", [Park("told to", datetime.max.replace(tzinfo=UTC))] * 2),
    ],
)
async def test_it_answers_as_told(deed: str, answer: object) -> None:
    assert await hostile(deed).deliver(BATCH) == answer


async def test_the_script_is_played_in_order_and_its_last_deed_repeats() -> None:
    connector = hostile("retry", "done")
    answers = [await connector.deliver(BATCH) for _ in range(3)]
    assert answers == [[Retry("told to")] * 2, [Done("taken")] * 2, [Done("taken")] * 2]
    assert connector.calls == [tuple(BATCH)] * 3


async def test_what_it_raises_holds_the_records_values() -> None:
    with pytest.raises(RuntimeError, match="Grace"):
        await hostile("raise").deliver(BATCH)
    with pytest.raises(ExceptionGroup) as caught:
        await hostile("raise_group").deliver(BATCH)
    assert "Grace" in str(caught.value.exceptions[0])


@pytest.mark.parametrize("deed", ["values_in_reason", "values_in_receipt"])
async def test_what_it_answers_may_hold_the_records_values(deed: str) -> None:
    assert "Grace" in repr(await hostile(deed).deliver(BATCH))


async def test_its_answer_may_be_no_sequence() -> None:
    answer: object = await hostile("unsized").deliver(BATCH)
    assert not isinstance(answer, Sequence)


async def test_it_raises_what_cannot_be_spoken_of() -> None:
    with pytest.raises(Unspeakable) as caught:
        await hostile("raise_unspeakable").deliver(BATCH)
    with pytest.raises(Unspeakable):
        str(caught.value)
    with pytest.raises(Unspeakable):
        repr(caught.value)


async def test_it_tries_to_end_the_process() -> None:
    with pytest.raises(SystemExit, match="Grace"):
        await hostile("exit").deliver(BATCH)


async def test_it_spoils_what_it_was_handed() -> None:
    delivery = a_delivery(an_event())
    before = deepcopy(delivery.event.data)
    assert await hostile("spoil").deliver([delivery]) == [Retry("told to")]
    assert delivery.event.data != before


async def test_a_cancellation_leaks_though_nobody_cancelled() -> None:
    with pytest.raises(anyio.get_cancelled_exc_class()):
        await hostile("leak_cancellation").deliver(BATCH)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await anyio.lowlevel.checkpoint()


async def test_it_hangs_until_cancelled() -> None:
    connector = hostile("hang")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(connector.deliver, BATCH)
        await _until(lambda: connector.life == ["deliver"])
        tasks.cancel_scope.cancel()
    assert tasks.cancel_scope.cancelled_caught


async def test_it_swallows_a_cancellation() -> None:
    connector = hostile("hang_through_cancellation")
    answers: list[object] = []
    with anyio.CancelScope() as scope:
        scope.cancel()
        answers.append(await connector.deliver(BATCH))
    assert answers == [[Done("late")] * 2]
    assert connector.life == ["deliver", "swallowed"]


async def test_it_waits_to_be_let_go() -> None:
    connector = hostile("wait_to_be_let_go")
    answers: list[object] = []

    async def deliver() -> None:
        answers.append(await connector.deliver(BATCH))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deliver)
        await _until(lambda: len(connector.calls) == 1)
        assert answers == []
        connector.let_go.set()
    assert answers == [[Done("late")] * 2]


async def test_opening_checking_and_closing_fail_as_told() -> None:
    connector = hostile(at_open="raise", at_close="raise", check="no such door")
    with pytest.raises(RuntimeError, match="open, as ordered"):
        await connector.open()
    with pytest.raises(CheckFailed, match="no such door"):
        await connector.check()
    with pytest.raises(RuntimeError, match="close, as ordered"):
        await connector.close()
    assert connector.life == ["open", "check", "close"]


async def test_it_hangs_at_the_door_as_told() -> None:
    connector = hostile(at_open="hang")
    with anyio.move_on_after(0) as scope:
        await connector.open()
    assert scope.cancelled_caught


async def test_when_well_behaved_it_does_nothing_odd() -> None:
    connector = hostile(max_batch=7, concurrency=2)
    await connector.open()
    await connector.check()
    await connector.close()
    assert (connector.abilities.max_batch, connector.abilities.concurrency) == (7, 2)


async def test_so_many_connectors_of_one_section_fail_to_open_as_told() -> None:
    config = HostileConfig(type="hostile", fails_to_open=2)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="open, as ordered"):
            await HostileConnector(config, made(HostileConnector, {"type": "hostile"}).surroundings).open()
    await HostileConnector(config, made(HostileConnector, {"type": "hostile"}).surroundings).open()


async def test_it_may_be_stopped_at_the_door_only_once() -> None:
    connector = hostile(at_close="hang_through_cancellation")
    with anyio.move_on_after(0):
        await connector.close()
    assert connector.life == ["close", "swallowed"]


def test_its_abilities_are_absurd_as_told() -> None:
    abilities = hostile(absurd=True).abilities
    assert abilities.max_batch < 1 > abilities.concurrency
    assert abilities.linger < timedelta(0) == abilities.time_limit


@pytest.mark.parametrize("deed", get_args(Deed))
def test_every_deed_is_in_reach_of_a_settings_file(deed: str) -> None:
    assert hostile(deed).config.script == (deed,)
