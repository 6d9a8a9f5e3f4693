"""Decisions left in the journal reach the brake that they are about, within seconds, once."""

from collections.abc import Awaitable, Callable, Collection, Mapping

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.app.decisions import Decisions
from lucca_sync.ingest.held import Decision, decision_key, encoded, held_key
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Known, ResourceName, StoreError
from tests.ingest.braking import change, crowd, held_of, kinds, restarted
from tests.ingest.watching import NAME, START, Scene

pytestmark = pytest.mark.looptime


async def held_scene(journal: MemoryJournal | None = None) -> Scene:
    scene = await crowd(journal=journal)
    change(scene.tenant, range(1, 151), familyName="Import")
    await scene.look()
    return scene


def approval(scene: Scene) -> bytes:
    return encoded(Decision(verdict="approve", since=held_of(scene).since, at=START))


def decisions(scene: Scene) -> Decisions:
    return Decisions(scene.journal, "acme", [scene.watch], scene.gate)


async def test_an_approval_beside_a_running_daemon_is_carried_out_within_seconds() -> None:
    scene = await held_scene()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(decisions(scene).run)
        tasks.start_soon(scene.watch.run)
        await anyio.sleep(1)
        await scene.journal.write_note(decision_key(NAME), approval(scene))
        await anyio.sleep(5)
        tasks.cancel_scope.cancel()
    assert await kinds(scene) == {"updated": 150}
    assert await scene.journal.notes("brake") == {}


async def test_an_approval_from_while_the_daemon_was_away_is_taken_up_when_it_starts() -> None:
    scene = await held_scene()
    await scene.journal.write_note(decision_key(NAME), approval(scene))
    scene = await restarted(scene)
    await decisions(scene).begin()
    await scene.look()
    assert await kinds(scene) == {"updated": 150}


async def test_a_decision_taken_up_before_the_end_of_the_daemon_is_carried_out_when_it_starts_again() -> None:
    scene = await held_scene()
    await scene.journal.write_note(decision_key(NAME), approval(scene))
    await decisions(scene).look()
    scene = await restarted(scene)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.watch.run)
        await anyio.sleep(5)
        tasks.cancel_scope.cancel()
    assert await kinds(scene) == {"updated": 150}


async def test_what_is_held_shows_in_the_metrics_from_the_start() -> None:
    scene = await restarted(await held_scene())
    await decisions(scene).begin()
    assert scene.metric("brake_held_records", kind="updated") == 50
    assert scene.metric("brake_holding", reason="many") == 1


async def test_a_decision_about_what_is_not_watched_is_dropped_and_said() -> None:
    scene = await held_scene()
    other = ResourceName("acme", "departments")
    await scene.journal.write_note(decision_key(other), approval(scene))
    with capture_logs() as logs:
        await decisions(scene).look()
    assert [line["event"] for line in logs] == ["brake_decision_without_resource"]
    assert await scene.journal.notes("brake-decision/") == {}


async def test_a_decision_that_cannot_be_read_is_dropped_and_said() -> None:
    scene = await held_scene()
    await scene.journal.write_note(decision_key(NAME), b"approve!")
    with capture_logs() as logs:
        await decisions(scene).look()
    assert [line["event"] for line in logs] == ["brake_decision_without_resource"]
    assert held_of(scene).verdict is None


class Hasty(MemoryJournal):
    """The journal of another, in which somebody thinks better of a decision just after it was read."""

    def __init__(self, journal: MemoryJournal, second: bytes) -> None:
        self.__dict__ = journal.__dict__
        self._second: bytes | None = second

    async def notes(self, prefix: str) -> Mapping[str, bytes]:
        found = dict(await super().notes(prefix))
        if self._second is not None:
            await self.write_note(decision_key(NAME), self._second)
            self._second = None
        return found


async def test_who_thinks_better_of_it_while_a_decision_is_taken_up_is_heard_too() -> None:
    scene = await held_scene()
    await scene.journal.write_note(decision_key(NAME), approval(scene))
    rejection = encoded(Decision(verdict="reject", since=held_of(scene).since, at=START))
    taking_up = Decisions(Hasty(scene.journal, rejection), "acme", [scene.watch], scene.gate)
    await taking_up.look()
    await taking_up.look()
    assert held_of(scene).verdict == "reject"
    assert await scene.journal.notes("brake-decision/") == {}


class Full(MemoryJournal):
    """A journal with no room for the next note about what is held."""

    full = False

    async def write_note(self, key: str, value: bytes) -> None:
        if self.full and key == held_key(NAME):
            self.full = False
            raise StoreError("no room left", "full")
        await super().write_note(key, value)


async def test_a_decision_that_could_not_be_written_at_once_is_known_after_a_restart() -> None:
    journal = Full()
    scene = await held_scene(journal)
    await journal.write_note(decision_key(NAME), approval(scene))
    journal.full = True
    with pytest.raises(StoreError):
        await decisions(scene).look()
    await decisions(scene).look()
    scene = await restarted(scene)
    await decisions(scene).begin()
    assert held_of(scene).verdict == "approve"


class Interrupted(MemoryJournal):
    """A journal that lets something happen once while it is asked about more records than a page has."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        if len(ids) > 20 and (happening := self.meanwhile) is not None:
            self.meanwhile = None
            await happening()
        return await super().known(name, ids)


async def test_a_decision_that_comes_while_a_look_ends_is_carried_out_too() -> None:
    journal = Interrupted()
    scene = await crowd(journal=journal)
    change(scene.tenant, range(1, 151), familyName="Import")
    await scene.look()
    await journal.write_note(decision_key(NAME), approval(scene))
    journal.meanwhile = decisions(scene).look
    await scene.look()
    assert journal.meanwhile is None, "the end of the look asked for nobody by id"
    assert held_of(scene).verdict == "approve"
    await scene.look()
    assert await kinds(scene) == {"updated": 150}
