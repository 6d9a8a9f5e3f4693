"""Keeps notes and people informed: how each target stands, and what a person did beside the daemon."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import anyio

from lucca_sync.egress.admission import TargetState
from lucca_sync.egress.claims import LEASE_MARGIN
from lucca_sync.egress.holding import PAUSED, TARGETS, encoded, hold_of, pauses, target_key
from lucca_sync.egress.means import Stop, rest
from lucca_sync.egress.post import Common, Post
from lucca_sync.journal.protocol import EventFilter, StoreError
from lucca_sync.kit.backoff import growing_waits
from lucca_sync.obs.metrics import TARGET_STATES

EVERY: Final = 1.0
SLIP: Final = timedelta(seconds=2)
"""A clock that is nudged by less is left alone."""
STRAGGLING: Final = 60.0
"""Seconds in which something may still be written that was begun by the clock before it was set back."""
FIRST_WAIT: Final = 0.5
_AT_ONCE: Final = 500
"""Subjects let go in one transaction: the rest at the next looks."""


class Watch:
    """Looks every second, and at once when a target's standing changes. `posts` are those of the present."""

    name: Final = "egress:watch"

    def __init__(self, common: Common, posts: Callable[[], Iterable[Post]], stop: Stop) -> None:
        self._common = common
        self._posts = posts
        self._stop = stop
        self._noted: Mapping[str, bytes] = {}
        """The notes about targets, by key, as last read or written."""
        self._told: dict[str, TargetState] = {}
        self._unread = False
        self._seen = common.means.clock.now(), 0.0
        self._set_back = -STRAGGLING

    async def begin(self) -> None:
        """Learn what earlier lives left, before anything is sent; go on trying until that works."""
        waits = growing_waits(FIRST_WAIT, EVERY, self._common.means.random.random)
        followed = False
        while not self._stop.asked:
            try:
                if not followed:  # once: what has come sooner is not to come sooner again
                    await self._follow(await self._newest())
                    followed = True
                await self._read()
            except StoreError as error:
                self._common.means.store(error)
                self._common.means.beat(self.name)
                await self._stop.wait(next(waits))
            else:
                self._tell()
                return

    async def run(self) -> None:
        """Watch until stopped."""
        while not self._stop.asked:
            ring = self._common.changed.next_ring()
            self._common.means.beat(self.name)
            try:
                await self._follow(self._expected)
                self._unread |= await self._common.means.journal.touched()
                if self._unread:
                    await self._read()
                    self._unread = False
                    self._common.commits.ring()
                await self._write()
                await self._let_go()
            except StoreError as error:
                self._common.means.store(error)
            self._tell()
            await rest(ring, EVERY)

    async def _newest(self) -> datetime:
        """Return how far the clock was when the journal was last added to."""
        newest = await self._common.means.journal.newest(limit=1, wanted=EventFilter())
        return newest[-1].event.recorded if newest else self._common.means.clock.now()

    async def _follow(self, expected: datetime) -> None:
        """Let nothing wait for a time of day that the clock was set back from.

        Going forward needs no help: what is due then is due. What was begun by the clock before may still be
        written after this was noticed.
        """
        seen = now, _ = self._common.means.clock.now(), anyio.current_time()
        if expected - now > SLIP:
            by = expected - now
            self._common.settler.set_back(now, by)
            await self._common.means.journal.set_back(now, by, spare=LEASE_MARGIN)
            self._common.means.log.warning("clock_set_back", seconds=round(by.total_seconds()))
            self._common.commits.ring()
            self._set_back = anyio.current_time()
        elif anyio.current_time() - self._set_back < STRAGGLING:
            await self._common.means.journal.hasten(now, beyond=now + SLIP)
            self._common.commits.ring()
        self._seen = seen

    @property
    def _expected(self) -> datetime:
        """What the clock should show: as much more than at the last look as the loop's own time has moved."""
        seen, at = self._seen
        return seen + timedelta(seconds=anyio.current_time() - at)

    async def finish(self) -> None:
        """Write the last changes as egress ends."""
        try:
            await self._write()
        except StoreError as error:
            self._common.means.store(error)

    async def _read(self) -> None:
        journal = self._common.means.journal
        paused = frozenset(pauses(await journal.notes(PAUSED)))
        noted = await journal.notes(TARGETS)
        for route in sorted(paused ^ self._common.paused.routes):
            self._common.means.log.info("route_paused" if route in paused else "route_resumed", route=route)
        self._common.paused.routes = paused
        recalled = await journal.recalled()
        for post in self._posts():
            self._compare(post, noted)
            post.recalled.update(recalled)
        self._noted = noted  # also of targets that only a reload brings

    def _compare(self, post: Post, noted: Mapping[str, bytes]) -> None:
        """Take over what somebody else wrote, or dropped, since this was last read or written."""
        key = target_key(post.target.name)
        if noted.get(key) != self._noted.get(key):
            post.admission.adopt(hold_of(noted.get(key)))

    def adopt(self, post: Post) -> None:
        """Let a target that comes with new settings stand as its note says."""
        post.admission.adopt(hold_of(self._noted.get(target_key(post.target.name))))

    async def _write(self) -> None:
        """Note how targets stand; who wrote or dropped a note meanwhile has the last word."""
        for post in list(self._posts()):
            key, hold = target_key(post.target.name), post.admission.hold
            before, now = self._noted.get(key), None if hold is None else encoded(hold)
            if now == before:
                continue
            if await self._common.means.journal.swap_note(key, before, now):
                others = {other: note for other, note in self._noted.items() if other != key}
                self._noted = others if now is None else {**others, key: now}
            else:
                self._unread = True

    async def _let_go(self) -> None:
        """Let subjects go on that a dead letter holds along a route that holds none any more."""
        routes = (item for post in self._posts() for item in post.routes.items())
        lanes = [lane for lane, route in routes if route.on_dead == "skip"]
        count = await self._common.means.journal.let_go(lanes, _AT_ONCE)
        if count:
            self._common.means.log.info("subjects_let_go", count=count)
            self._common.commits.ring()

    def _tell(self) -> None:
        now, told = self._common.means.clock.now(), self._told
        self._told = {}
        for post in self._posts():
            name, state = post.target.name, post.admission.state(now)
            self._told[name] = state
            if state != told.get(name):
                self._show(name, state)
                self._log(post, told.get(name, "closed"), state)
                post.bell.ring()
            for route in {lane.route for lane in post.routes}:
                paused = route in self._common.paused.routes
                self._common.means.metrics.route_paused.labels(route).set(paused)

    def _show(self, name: str, state: TargetState) -> None:
        for each in TARGET_STATES:
            self._common.means.metrics.target_state.labels(name, each).set(each == state)

    def _log(self, post: Post, before: TargetState, state: TargetState) -> None:
        """Log a change of standing; trials that come and go are no news."""
        log, hold = self._common.means.log, post.admission.hold
        reason = hold.reason if hold else ""
        if state == "disabled":
            log.error("target_disabled", connector=post.target.name, reason=reason)
        elif state == "maintenance":
            log.info("target_maintenance", connector=post.target.name)
        elif state == "open" and before != "half_open":
            log.warning("target_open", connector=post.target.name, reason=reason)
        elif state == "closed" != before:
            log.info("target_closed", connector=post.target.name, after=before)
