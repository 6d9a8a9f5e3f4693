"""Long-lived tasks and their endings."""

import anyio
import pytest
import structlog
from structlog.testing import capture_logs

from lucca_sync.kit.supervision import Heartbeats, TaskEnded, guarded


async def test_a_task_that_fails_is_logged_by_name_and_raises_what_it_raised() -> None:
    async def work() -> None:
        raise LookupError

    with capture_logs() as logs, pytest.raises(LookupError):
        await guarded("egress:crm", work, log=structlog.get_logger())
    assert [(line["event"], line["task"], line["log_level"]) for line in logs] == [
        ("task_failed", "egress:crm", "critical")
    ]


async def test_a_task_that_ends_unasked_is_an_incident() -> None:
    with capture_logs() as logs, pytest.raises(TaskEnded, match="egress:crm"):
        await guarded("egress:crm", anyio.lowlevel.checkpoint, log=structlog.get_logger())
    assert [line["event"] for line in logs] == ["task_ended"]


async def test_a_task_that_was_asked_to_end_may_end() -> None:
    with capture_logs() as logs:
        await guarded(
            "egress:crm", anyio.lowlevel.checkpoint, log=structlog.get_logger(), expected=lambda: True
        )
    assert logs == []


async def test_cancelling_a_task_is_no_incident() -> None:
    with capture_logs() as logs, anyio.CancelScope() as scope:
        scope.cancel()
        await guarded("egress:crm", anyio.sleep_forever, log=structlog.get_logger())
    assert logs == []


@pytest.mark.looptime
async def test_only_tasks_that_ever_beat_can_fall_silent() -> None:
    heartbeats = Heartbeats()
    assert heartbeats.silent(0) == ()
    heartbeats.beat("b")
    heartbeats.beat("a")
    await anyio.sleep(10)
    heartbeats.beat("c")
    assert heartbeats.silent(9) == ("a", "b")
    assert heartbeats.silent(10) == ()
