"""What was claimed for a target and waits here for a free place: by lane, handed out in turn."""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lucca_sync.journal.protocol import Claim
from lucca_sync.model.delivery import Lane


@dataclass(frozen=True, slots=True)
class Batch:
    """Claims for one call, and until when their lease lasts."""

    claims: Sequence[Claim]
    until: datetime


class Shelf:
    """Batches by lane. A lane with a thousand of them has no more turns than one with a single one."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, deque[Batch]] = {}
        self._turns: deque[Lane] = deque()

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def __bool__(self) -> bool:
        return bool(self._turns)

    def __iter__(self) -> Iterator[Batch]:
        return (batch for batches in self._lanes.values() for batch in batches)

    @property
    def lanes(self) -> Collection[Lane]:
        """The lanes of which something waits."""
        return self._lanes.keys()

    def of(self, lane: Lane) -> int:
        """Return how many batches of a lane wait."""
        return len(self._lanes.get(lane, ()))

    def put(self, lane: Lane, batch: Batch) -> None:
        """Let a batch wait behind those of its lane."""
        if lane not in self._lanes:
            self._lanes[lane] = deque()
            self._turns.append(lane)
        self._lanes[lane].append(batch)

    def take(self) -> Batch | None:
        """Return the oldest batch of the lane whose turn it is, None when nothing waits."""
        if not self._turns:
            return None
        lane = self._turns.popleft()
        batch = self._lanes[lane].popleft()
        if self._lanes[lane]:
            self._turns.append(lane)
        else:
            del self._lanes[lane]
        return batch

    def clear(self, lanes: Collection[Lane] | None = None) -> list[Claim]:
        """Take everything away, or all of some lanes, and return the claims."""
        gone = [lane for lane in self._turns if lanes is None or lane in lanes]
        claims = [claim for lane in gone for batch in self._lanes.pop(lane) for claim in batch.claims]
        self._turns = deque(lane for lane in self._turns if lane in self._lanes)
        return claims
