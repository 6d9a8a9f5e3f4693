"""Egress as a whole: a worker for each target, one settler for all, a reload at one instant, and an end."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import anyio
from anyio.abc import TaskGroup, TaskStatus

from lucca_sync.connector import Abilities
from lucca_sync.egress.admission import Admission
from lucca_sync.egress.means import LONGEST_REST, Means, Paused, Stop
from lucca_sync.egress.porters import Work
from lucca_sync.egress.post import Common, Post
from lucca_sync.egress.report import Reporter
from lucca_sync.egress.route import Route
from lucca_sync.egress.settle import Settler
from lucca_sync.egress.shift import Shift
from lucca_sync.egress.target import Deliverer, Target, Trouble, closed, opened
from lucca_sync.egress.watch import Watch
from lucca_sync.kit.backoff import growing_waits
from lucca_sync.kit.bell import Bell
from lucca_sync.kit.supervision import guarded
from lucca_sync.model.delivery import Lane

FIRST_WAIT: Final = 1.0
LAST_SETTLING: Final = 5.0
"""Seconds beyond the grace for writing what became of the last calls."""
RELOAD_GRACE: Final = timedelta(seconds=35)
"""How long calls to a target that was changed or removed may go on: longer than a call's usual limit."""


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
        settler = Settler(means, recovered=self.bell.ring)
        self._common = Common(means, settler, Paused(), self.bell, Bell())
        self._watch = Watch(self._common, self._posts, self._stop)
        self._reporter = Reporter(lambda: self.lanes, lambda: self._workers, means, self._stop)
        self._workers: dict[str, Worker] = {}
        self._leaving: set[Worker] = set()
        self._tasks: TaskGroup | None = None
        self._engage(routes, targets)

    @property
    def lanes(self) -> frozenset[Lane]:
        """What it delivers; the journal may hold deliveries of routes and connectors that are no more."""
        return frozenset(lane for post in self._posts() for lane in post.routes)

    def _posts(self) -> Iterable[Post]:
        return [worker.post for worker in self._workers.values()]

    def reload(
        self, routes: Sequence[Route], targets: Sequence[Target], grace: timedelta = RELOAD_GRACE
    ) -> None:
        """Go on with other settings: when this returns, nothing is handed out by the old ones any more.

        A target that is the same keeps its connector and its calls. One that was changed or removed gets
        nothing more; its calls may end within `grace`, and only then the new one of that name begins. What
        waits along lanes that are no more stays in the journal.
        """
        if self._stop.asked:
            return
        wanted = {target.name: target for target in targets}
        for name, worker in tuple(self._workers.items()):
            if wanted.get(name) != worker.post.target:
                self._dismiss(self._workers.pop(name), grace)
        self._engage(routes, targets)
        self.bell.ring()
        self._common.changed.ring()

    def _dismiss(self, worker: "Worker", grace: timedelta) -> None:
        if self._tasks is not None:  # else it has not begun
            worker.post.stop.ask(grace)
            worker.post.bell.ring()
            self._leaving.add(worker)

    def _engage(self, routes: Sequence[Route], targets: Sequence[Target]) -> None:
        """Give each target its lanes, and a worker where it has none."""
        for target in targets:
            lanes = {lane: route for route in routes for lane in route.lanes if lane.connector == target.name}
            if target.name in self._workers:
                self._workers[target.name].post.routes = lanes
            else:
                self._employ(target, lanes)

    def _employ(self, target: Target, lanes: dict[Lane, Route]) -> None:
        admission = Admission(target.terms, self._means.random.random)
        post = Post(target, lanes, self._common, admission, Stop(), Bell())
        self._watch.adopt(post)
        self.bell.echo_to(post.bell)
        before = [worker for worker in self._leaving if worker.name == post.name]
        self._workers[target.name] = Worker(post, before)
        if self._tasks is not None:
            self._tasks.start_soon(self._employed, self._workers[target.name])

    def stop(self, grace: timedelta) -> None:
        """Claim nothing more; calls under way may end within `grace` and are cut short then.

        May be called again with less patience.
        """
        self._stop.ask(grace)
        for worker in (*self._workers.values(), *self._leaving):
            worker.post.stop.ask(grace)
        self.bell.ring()
        self._common.changed.ring()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Deliver until stopped. Raises what a worker should never have raised."""
        async with anyio.create_task_group() as settling:
            settling.start_soon(partial(self._guarded, self._common.settler))
            async with anyio.create_task_group() as working:
                working.start_soon(partial(self._guarded, self._reporter))
                working.start_soon(self._begin, working)
                task_status.started()
            await self._watch.finish()
            self._common.settler.close()
            settling.cancel_scope.deadline = anyio.current_time() + LAST_SETTLING

    async def _begin(self, tasks: TaskGroup) -> None:
        """Let the workers begin once it is known what they must leave alone."""
        await self._watch.begin()
        self._tasks = tasks
        tasks.start_soon(partial(self._guarded, self._watch))
        for worker in self._workers.values():
            tasks.start_soon(self._employed, worker)

    async def _employed(self, worker: "Worker") -> None:
        log, post = self._means.log, worker.post
        await guarded(worker.name, worker.run, log=log, expected=lambda: post.stop.asked)
        self._leaving.discard(worker)
        self.bell.no_echo_to(post.bell)
        if post.target.name not in self._workers:
            self._means.ended(worker.name)

    async def _guarded(self, task: "Settler | Reporter | Watch") -> None:
        await guarded(task.name, task.run, log=self._means.log, expected=lambda: self._stop.asked)


class Worker:
    """Opens the connector of one target, however long that takes, lets it work, and closes it.

    It begins when those `before` it have ended: of a target there is never more than one connector.
    """

    def __init__(self, post: Post, before: Iterable["Worker"] = ()) -> None:
        self.name: Final = post.name
        self.post: Final = post
        self._before = tuple(before)
        self._ended = anyio.Event()

    async def run(self) -> None:
        """Work until stopped."""
        try:
            for worker in self._before:
                await worker._ended.wait()  # noqa: SLF001 - of the same kind
            self._before = ()
            ready = await self._open()
            if ready is not None:
                await self._work(*ready)
        finally:
            self._ended.set()

    async def _work(self, connector: Deliverer, abilities: Abilities) -> None:
        try:
            await Shift(Work(self.post, connector, abilities)).run()
        finally:
            await self._close(connector)

    async def _open(self) -> tuple[Deliverer, Abilities] | None:
        """Open the connector, again and again if need be; None when stopped before that worked."""
        post = self.post
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
            self.post.means.log.warning(
                "connector_not_closed", connector=self.post.target.name, error=trouble.what
            )
