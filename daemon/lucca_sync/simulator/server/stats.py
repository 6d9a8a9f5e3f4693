"""Counts what was asked, how it was answered, and which misbehaviours were really met."""

from collections import Counter, defaultdict
from datetime import datetime
from http import HTTPStatus

from lucca_sync.simulator.shapes import Json, View


class Stats:
    """Requests by path and status, and by minute; misbehaviours by name."""

    def __init__(self) -> None:
        self._by_path: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._by_minute: Counter[str] = Counter()
        self.tokens = 0
        self.met: Counter[str] = Counter()
        """Name of a misbehaviour to the number of requests (or webhooks) that really met it."""

    def count(self, path: str, status: int, now: datetime) -> None:
        """Count one request to the API."""
        self._by_path[path][status] += 1
        self._by_minute[now.strftime("%Y-%m-%dT%H:%MZ")] += 1

    def meet(self, name: str) -> None:
        """Count one misbehaviour that a request really met."""
        self.met[name] += 1

    def requests(self, path: str | None = None, status: int | None = None) -> int:
        """Return how many requests there were, of one path or all, with one status or any."""
        chosen = self._by_path.values() if path is None else [self._by_path.get(path, Counter[int]())]
        return sum(number for counts in chosen for found, number in counts.items() if status in (None, found))

    @property
    def throttled(self) -> int:
        """How many requests were answered 429."""
        return self.requests(status=HTTPStatus.TOO_MANY_REQUESTS)

    def view(self) -> View:
        """Return everything as JSON."""
        by_path: dict[str, Json] = {
            path: {str(status): number for status, number in sorted(counts.items())}
            for path, counts in sorted(self._by_path.items())
        }
        return {
            "requests": by_path,
            "total": self.requests(),
            "throttled": self.throttled,
            "per_minute": dict[str, Json](self._by_minute),
            "tokens_issued": self.tokens,
            "misbehaviours": dict[str, Json](sorted(self.met.items())),
        }
