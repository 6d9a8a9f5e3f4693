"""What the probes ask: is it alive, has it started, may it be relied on. Told by others, decides nothing.

Holds names of tenants and resources, times and advice; never anything of a record.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lucca_sync.kit.clock import Clock
from lucca_sync.kit.supervision import Heartbeats
from lucca_sync.model.event import rfc3339
from lucca_sync.model.values import JsonObject

PATIENCE: Final = timedelta(seconds=90)
"""A task that has not shown itself for this long counts as stuck; tasks look around every 30 seconds."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Lucca does not let us see a resource: since when, why, and what a person can do about it."""

    since: datetime
    reason: str
    advice: str


class Health:
    """The daemon's own view of itself.

    Alive: started tasks go on showing themselves. Ready: started, the store takes writes, not draining.
    What Lucca refuses is shown, but makes nothing unready: a restart would not help.
    """

    def __init__(self, clock: Clock, patience: timedelta = PATIENCE) -> None:
        self._clock = clock
        self._patience = patience.total_seconds()
        self._heartbeats = Heartbeats()
        self._started = False
        self._draining = False
        self._looking = "as set"
        self._store_failing_since: datetime | None = None
        self._refusals: dict[tuple[str, str], Refusal] = {}

    def started(self) -> None:
        """Note that migrations are done and tasks run."""
        self._started = True

    def draining(self) -> None:
        """Note that the daemon is coming to its end: not ready any more, and tasks may end."""
        self._draining = True

    def beat(self, name: str) -> None:
        """Note that the long-lived task `name` runs."""
        self._heartbeats.beat(name)

    def ended(self, name: str) -> None:
        """Note that the long-lived task `name` has ended as it should."""
        self._heartbeats.forget(name)

    def pressed(self, looking: str) -> None:
        """Note in a word how looking goes while much is kept. It makes nothing unready."""
        self._looking = looking

    def store_failed(self) -> None:
        """Note that the store refused a write."""
        if self._store_failing_since is None:
            self._store_failing_since = self._clock.now()

    def store_ok(self) -> None:
        """Note that the store took a write."""
        self._store_failing_since = None

    def refused(self, tenant: str, resource: str, reason: str, advice: str) -> None:
        """Note that Lucca refuses a resource, and what to do about it.

        Said again for the same reason, the time of the first stays.
        """
        before = self._refusals.get((tenant, resource))
        since = before.since if before and before.reason == reason else self._clock.now()
        self._refusals[tenant, resource] = Refusal(since, reason, advice)

    def granted(self, tenant: str, resource: str) -> None:
        """Note that Lucca answered for a resource."""
        self._refusals.pop((tenant, resource), None)

    @property
    def has_started(self) -> bool:
        """Whether everything was set up once."""
        return self._started

    @property
    def stuck(self) -> tuple[str, ...]:
        """The tasks that have not shown themselves for too long; while draining none is expected to."""
        return () if self._draining else self._heartbeats.silent(self._patience)

    @property
    def is_draining(self) -> bool:
        """Whether the daemon is coming to its end."""
        return self._draining

    @property
    def is_ready(self) -> bool:
        """Whether the daemon does its work."""
        return self._started and not self._draining and self._store_failing_since is None

    def detail(self) -> JsonObject:
        """The readiness in words, for `/readyz`."""
        since = self._store_failing_since
        return {
            "ready": self.is_ready,
            "started": self._started,
            "draining": self._draining,
            "looking": self._looking,
            "store": {"writable": since is None, "failing_since": rfc3339(since) if since else None},
            "refused": [
                {
                    "tenant": tenant,
                    "resource": resource,
                    "reason": refusal.reason,
                    "since": rfc3339(refusal.since),
                    "advice": refusal.advice,
                }
                for (tenant, resource), refusal in sorted(self._refusals.items())
            ],
        }
