"""Egress as a whole: a worker for each target, one settler for all, and a way to stop that loses nothing."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import anyio
from anyio.abc import TaskStatus

from lucca_sync.connector import Abilities
from lucca_sync.egress.means import LONGEST_REST, Means, Stop
from lucca_sync.egress.report import Reporter
from lucca_sync.egress.route import Route
from lucca_sync.egress.settle import Settler
from lucca_sync.egress.shift import Post, Shift
from lucca_sync.egress.target import Deliverer, Target, Trouble, closed, opened
from lucca_sync.kit.backoff import growing_waits
from lucca_sync.kit.bell import Bell
from lucca_sync.kit.supervision import guarded

FIRST_WAIT: Final = 1.0
LAST_SETTLING: Final = 5.0
"""Seconds beyond the grace for writing what became of the last calls."""


class Egress:
    """Delivers what the journal holds for the lanes of these routes.

    Life: `run` once, until `stop` was called and everything under way has ended. Cancelling `run` is the hard
    way: calls are cut short, their leases end by themselves, and they are made again later.
    """

    def __init__(self, routes: Sequence[Route], targets: Sequence[Target], means: Means) -> None:
        self.bell = Bell()
        """Ring it after each commit that wrote deliveries."""
        self._means = means
        self._stop = Stop()
        self._settler = Settler(means, recovered=self.bell.ring)
        posts = [self._post(target, routes) for target in targets]
        self._workers = [Worker(post) for post in posts]
        self.lanes: Final = frozenset(lane for post in posts for lane in post.routes)
        """What it delivers; the journal may hold deliveries of routes and connectors that are no more."""
        self._reporter = Reporter(self.lanes, means, self._stop)

    def _post(self, target: Target, routes: Sequence[Route]) -> Post:
        bell = Bell()
        self.bell.echo_to(bell)
        lanes = {lane: route for route in routes for lane in route.lanes if lane.connector == target.name}
        return Post(target, lanes, self._means, self._settler, self._stop, bell)

    def stop(self, grace: timedelta) -> None:
        """Claim nothing more; calls under way may end within `grace` and are cut short then.

        May be called again with less patience.
        """
        self._stop.ask(grace)
        self.bell.ring()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Deliver until stopped. Raises what a worker should never have raised."""
        async with anyio.create_task_group() as settling:
            settling.start_soon(partial(self._guarded, self._settler))
            async with anyio.create_task_group() as working:
                working.start_soon(partial(self._guarded, self._reporter))
                for worker in self._workers:
                    working.start_soon(partial(self._guarded, worker))
                task_status.started()
            self._settler.close()
            settling.cancel_scope.deadline = anyio.current_time() + LAST_SETTLING

    async def _guarded(self, task: "Settler | Reporter | Worker") -> None:
        await guarded(task.name, task.run, log=self._means.log, expected=lambda: self._stop.asked)


class Worker:
    """Opens the connector of one target, however long that takes, lets it work, and closes it."""

    def __init__(self, post: Post) -> None:
        self.name = post.name
        self._post = post

    async def run(self) -> None:
        """Work until stopped."""
        ready = await self._open()
        if ready is None:
            return
        connector, abilities = ready
        try:
            await Shift(self._post, connector, abilities).run()
        finally:
            await self._close(connector)

    async def _open(self) -> tuple[Deliverer, Abilities] | None:
        """Open the connector, again and again if need be; None when stopped before that worked."""
        post = self._post
        waits = growing_waits(FIRST_WAIT, LONGEST_REST, post.means.random.random)
        failing = False
        while not post.stop.asked:
            post.means.beat(post.name)
            answer = await opened(post.target)
            if not isinstance(answer, Trouble):
                if failing:
                    post.means.log.info("connector_opened", connector=post.target.name)
                return answer
            if not failing:
                post.means.log.error("connector_not_opened", connector=post.target.name, error=answer.what)
            failing = True
            await post.stop.wait(next(waits))
        return None

    async def _close(self, connector: Deliverer) -> None:
        trouble = await closed(connector)
        if trouble is not None:
            self._post.means.log.warning(
                "connector_not_closed", connector=self._post.target.name, error=trouble.what
            )
