"""The post office of a tenant: keeps endpoints, turns changes into events, and queues their deliveries.

It sends nothing itself; the postman does.
"""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from random import Random
from typing import Literal, TypeVar

from lucca_sync.simulator.answers.lens import Lens
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.server.faults import Mischief
from lucca_sync.simulator.server.stats import Stats
from lucca_sync.simulator.shapes import View, read_at
from lucca_sync.simulator.webhooks.mail import (
    Attempt,
    Delivery,
    Endpoint,
    EndpointStatus,
    Event,
    without_address,
)
from lucca_sync.simulator.webhooks.topics import PING, SUBJECTS, topic_of
from lucca_sync.simulator.world.days import milliseconds, moment_text
from lucca_sync.simulator.world.ledger import LedgerEntry
from lucca_sync.simulator.world.world import World

RETENTION = timedelta(days=61)
RETRIES = (timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=4), timedelta(hours=18))
"""The waits before the second to the fifth attempt, a day in all; the real ones are not published."""
_OVERTAKEN_BY = 45.0
Kind = Literal["event", "endpoint", "delivery", "attempt"]
DatedT = TypeVar("DatedT", Event, Attempt)


class Office:
    """Endpoints, events, deliveries and attempts; whoever listens is told when something is to be sent."""

    def __init__(
        self, world: World, lens: Lens, mischief: Mischief, stats: Stats, options: SimulatorOptions
    ) -> None:
        self._world = world
        self._lens = lens
        self._mischief = mischief
        self._stats = stats
        self._options = options
        self._random = Random(options.seed + 4)
        self.endpoints: dict[int, Endpoint] = {}
        self.events: dict[int, Event] = {}
        self.deliveries: dict[int, Delivery] = {}
        self.attempts: dict[int, Attempt] = {}
        self._by_event: dict[int, list[Delivery]] = {}
        self._queue: list[tuple[datetime, int]] = []
        self._last = Counter[Kind]()
        self.on_mail: Callable[[], None] = lambda: None
        """Called whenever something new is to be sent."""
        world.ledger.listen(self.heard)

    def number(self, kind: Kind) -> int:
        """Return the next number of a kind of thing."""
        self._last[kind] += 1
        return self._last[kind]

    def secret(self) -> str:
        """Draw a secret, in letters that are safe in addresses."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return "".join(self._random.choices(letters, k=43))

    def now(self) -> datetime:
        """Return what time it is by the tenant's own clock, which may be off."""
        return self._world.now() + timedelta(seconds=self._mischief.standing.clock_skew)

    def heard(self, entry: LedgerEntry) -> None:
        """Take note of a change, if anybody is to hear of it."""
        topic = topic_of(entry)
        if topic is None or not self._is_kept(topic):
            return
        if self._mischief.strikes(self._mischief.standing.webhooks.unrecorded):
            self._stats.meet("webhook-unrecorded")
            return
        event = self._event(topic, entry)
        if event is not None:
            self.record(event)

    def ping(self, endpoint: Endpoint) -> Delivery:
        """Send an event about nothing to one endpoint."""
        event = self._made(PING, None, b"{}", None)
        self.events[event.id] = event
        return self.queue(event, endpoint, by_hand=True)

    def record(self, event: Event) -> None:
        """Keep an event and queue its deliveries."""
        self._forget_old()
        self.events[event.id] = event
        for endpoint in self.endpoints.values():
            if endpoint.status != "inactive" and endpoint.wants(event):
                self.queue(event, endpoint)

    def queue(self, event: Event, endpoint: Endpoint, *, by_hand: bool = False) -> Delivery:
        """Queue the delivery of an event to an endpoint, or note that there will be none."""
        delivery = Delivery(self.number("delivery"), event.id, endpoint.id, by_hand=by_hand)
        self.deliveries[delivery.id] = delivery
        self._by_event.setdefault(event.id, []).append(delivery)
        troubles = self._mischief.standing.webhooks
        if endpoint.status != "active" and not by_hand:
            delivery.status = "failed"
        elif self._mischief.strikes(troubles.lost):
            self._stats.meet("webhook-lost")
            delivery.status = "delivered"
        else:
            self.put_off(delivery, timedelta(seconds=self._detour()))
        return delivery

    def put_off(self, delivery: Delivery, wait: timedelta) -> None:
        """Have a delivery tried after a while."""
        delivery.due = self._world.now() + wait
        insort(self._queue, (delivery.due, delivery.id))
        self.on_mail()

    def due(self) -> list[Delivery]:
        """Take what is to be sent by now out of the queue."""
        now = self._world.now()
        taken: list[Delivery] = []
        while self._queue and self._queue[0][0] <= now:
            delivery = self.deliveries.get(self._queue.pop(0)[1])
            if delivery is not None:
                taken.append(delivery)
        return taken

    def wait(self) -> float | None:
        """Return how many of the world's seconds it is until something is to be sent."""
        return (self._queue[0][0] - self._world.now()).total_seconds() if self._queue else None

    def settle(self, delivery: Delivery, endpoint: Endpoint, status: int | None) -> None:
        """Draw the consequences of an attempt, from what the endpoint answered."""
        delivery.attempts += 1
        delivery.due = None
        if status is not None and status // 100 == 2:  # noqa: PLR2004 - any success
            delivery.status, endpoint.failures = "delivered", 0
            return
        endpoint.failures += 1
        gone = status in (404, 410)
        if gone or endpoint.failures >= self._options.webhook_patience:
            self.suspend(endpoint)
        if gone or delivery.attempts > len(RETRIES):
            delivery.status = "failed"
        else:
            self.put_off(delivery, RETRIES[delivery.attempts - 1])

    def suspend(self, endpoint: Endpoint) -> None:
        """Stop sending to an endpoint that was sent to."""
        if endpoint.status == "active":
            self.change_status(endpoint, "suspended")

    def change_status(self, endpoint: Endpoint, status: EndpointStatus) -> None:
        """Change an endpoint's status."""
        endpoint.status = status
        endpoint.failures = 0
        endpoint.updated_at = self.now()

    def status_of(self, event: int) -> str | None:
        """Return how far the deliveries of an event have come; None for one that nobody wants."""
        statuses = {delivery.status for delivery in self._by_event.get(event, ())}
        if not statuses:
            return None
        if "undelivered" in statuses:
            return "scheduled"
        return "failed" if "failed" in statuses else "delivered"

    def _is_kept(self, topic: str) -> bool:
        if self._options.events == "always":
            return True
        endpoints = self.endpoints.values()
        return any(endpoint.status != "inactive" and topic in endpoint.topics for endpoint in endpoints)

    def _event(self, topic: str, entry: LedgerEntry) -> Event | None:
        """Return the event of a change; None for a record that this client may not see."""
        before = self._world.previous(entry.resource, entry.id)
        if entry.kind == "deleted":
            return None if before is None else self._told(topic, before, None)
        record = self._world.records.find(entry.resource, entry.id)
        if record is None or not self._lens.answers(record):
            return None
        changed: View | None = None
        if entry.kind == "updated" and SUBJECTS[entry.resource].remembers and before is not None:
            changed = {name: before.get(name) for name in entry.fields if name != "lastUpdatedAt"}
        return self._told(topic, self._lens.view(record, ""), changed)

    def _told(self, topic: str, view: View, changed: View | None) -> Event:
        previous = without_address(changed) if changed else None
        return self._made(topic, self._establishment(view), without_address(view), previous)

    def _made(self, topic: str, establishment: str | None, data: bytes, previous: bytes | None) -> Event:
        occurred = moment_text(milliseconds(self.now()))
        return Event(self.number("event"), topic, self._world.now(), occurred, establishment, data, previous)

    def _establishment(self, view: View) -> str | None:
        """Return the establishment that a record belongs to, by way of its employee or its position."""
        if view.get("type") == "business-establishment":
            return str(view["id"])
        direct = read_at(view, ["businessEstablishment", "id"])
        if isinstance(direct, str):
            return direct
        for resource, field in (("job-positions", "applicableJobPosition"), ("employees", "employee")):
            other = read_at(view, [field, "id"])
            record = self._world.records.find(resource, other) if isinstance(other, str) else None
            if record is not None:
                return self._establishment(self._world.records.view(record))
        return None

    def _detour(self) -> float:
        """Draw how many seconds a delivery takes longer than it should."""
        troubles = self._mischief.standing.webhooks
        seconds = troubles.delayed
        if seconds:
            self._stats.meet("webhook-delayed")
        if self._mischief.strikes(troubles.shuffled):
            self._stats.meet("webhook-shuffled")
            seconds += self._random.uniform(0, _OVERTAKEN_BY)
        return seconds

    def _forget_old(self) -> None:
        """Let go of what is older than two months, delivered or not."""
        limit = self._world.now() - RETENTION
        for event in _older(self.events.values(), limit):
            del self.events[event.id]
            for delivery in self._by_event.pop(event.id, ()):
                del self.deliveries[delivery.id]
        for attempt in _older(self.attempts.values(), limit):
            del self.attempts[attempt.id]


def _older(kept: Iterable[DatedT], limit: datetime) -> list[DatedT]:
    """Return the first ones of things in order of time, up to a limit."""
    return list(takewhile(lambda item: item.at < limit, kept))
