"""A connector's life: it opens without its target, checks without a trace, and closes whatever happened."""

import asyncio

from lucca_sync.connector import CheckFailed
from lucca_sync.testing.connectors.scenario import a_while, expect, scenario
from lucca_sync.testing.connectors.suite import Suite, all_done, ids_at


class Living(Suite):
    """Opening, checking, closing."""

    @scenario
    async def test_opens_and_closes_while_the_target_is_gone(self) -> None:
        """Opening must not need the target."""
        self._needs("gone")
        async with self.scene() as scene:
            await scene.target.become("gone")
            connector = self._made(scene)
            await connector.open()
            await connector.close()

    @scenario
    async def test_closes_without_having_been_opened_and_twice(self) -> None:
        """`close` is called also when `open` failed, and a second time does no harm."""
        async with self.scene() as scene:
            connector = self._made(scene)
            await connector.close()
            await connector.close()

    @scenario
    async def test_leaves_nothing_running_once_closed(self) -> None:
        """No task outlives `close`: there is nobody left to be told what becomes of its work."""
        before = asyncio.all_tasks()
        async with self._opened() as (connector, _):
            await all_done(connector, [self.delivery(1)])
            await connector.check()
        await a_while()
        left = [task.get_name() for task in asyncio.all_tasks() - before]
        expect(not left, f"still running after close: {', '.join(left)}")

    @scenario
    async def test_its_check_passes_and_delivers_nothing(self) -> None:
        """`check` finds nothing wrong with a healthy target and leaves no event there."""
        async with self._opened() as (connector, scene):
            await connector.check()
            expect(not await ids_at(scene), "check left something at the target")

    @scenario
    async def test_its_check_fails_in_words(self) -> None:
        """If `check` notices that the target is gone it says so as CheckFailed."""
        self._needs("gone")
        async with self._opened() as (connector, scene):
            await scene.target.become("gone")
            try:
                await connector.check()
            except CheckFailed as failure:
                expect(bool(str(failure)), "CheckFailed must say what is wrong")
