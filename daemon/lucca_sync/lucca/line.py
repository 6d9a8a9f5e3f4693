"""Why requests are sent, and who of those that wait goes next. Knows no time."""

from collections import deque
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import anyio

Purpose: TypeAlias = Literal["hint", "due", "confirm", "probe", "sweep", "baseline"]
"""Why a request is sent, the most urgent first."""

PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
URGENT: Final[frozenset[Purpose]] = frozenset(PURPOSES[:3])
"""Somebody waits for the answer: these may use whatever room there is at once. The others are paced."""
FLOOR_EVERY: Final = 5


class Turn:
    """One request's place in the line."""

    __slots__ = ("_news", "granted", "purpose")

    def __init__(self, purpose: Purpose) -> None:
        self.purpose: Final = purpose
        self.granted = False
        self._news = anyio.Event()

    async def news(self) -> None:
        """Wait until the turn is granted, or its holder should serve the line."""
        await self._news.wait()
        self._news = anyio.Event()

    def tell(self) -> None:
        """Wake the holder."""
        self._news.set()


class Upcoming(NamedTuple):
    """Whose turn it is; `paced` unless somebody urgent waits too: then every turn comes as soon as it can."""

    purpose: Purpose
    paced: bool
    contested: int = 0


def alone(purpose: Purpose) -> Upcoming:
    """Return how a request goes when nobody else waits."""
    return Upcoming(purpose, paced=purpose not in URGENT)


class Line:
    """Who waits, in the order of purposes.

    While several purposes wait, every fifth turn goes to the one passed over longest, so that none starves.
    The paced ones have no such claim against urgent ones while they are `sated`.
    """

    def __init__(self) -> None:
        self._waiting: Final[dict[Purpose, deque[Turn]]] = {purpose: deque() for purpose in PURPOSES}
        self._served: Final = dict.fromkeys(PURPOSES, 0)
        self._contested = 0
        self.waiting = 0

    def join(self, turn: Turn) -> None:
        """Stand at the end of the line of the turn's purpose."""
        self._waiting[turn.purpose].append(turn)
        self.waiting += 1

    def leave(self, turn: Turn) -> None:
        """Step out, if not served already."""
        if not turn.granted:
            self._waiting[turn.purpose].remove(turn)
            self.waiting -= 1

    def upcoming(self, *, sated: bool, crowded: bool = False) -> Upcoming:
        """Tell whose turn comes next; somebody must be waiting.

        While it is `crowded`, the most urgent purpose goes before all others, whoever was passed over.
        """
        present = self._present()
        if crowded and present[0] == PURPOSES[0]:
            return Upcoming(present[0], paced=False, contested=self._contested)
        paced = present[0] not in URGENT
        if sated and not paced:
            present = self._present(PURPOSES[: len(URGENT)])
        contested = self._contested + (len(present) > 1)
        passed_over = contested % FLOOR_EVERY == 0
        purpose = min(present, key=self._served.__getitem__) if passed_over else present[0]
        return Upcoming(purpose, paced, contested)

    def grant(self, upcoming: Upcoming) -> None:
        """Serve the one whose turn it is."""
        self._contested = self._served[upcoming.purpose] = upcoming.contested
        turn = self._waiting[upcoming.purpose].popleft()
        self.waiting -= 1
        turn.granted = True
        turn.tell()

    def wake_next(self) -> None:
        """Tell the first of the line, if there is one, that nobody serves it."""
        if present := self._present():
            self._waiting[present[0]][0].tell()

    def _present(self, among: Sequence[Purpose] = PURPOSES) -> Sequence[Purpose]:
        return [purpose for purpose in among if self._waiting[purpose]]
