"""Writes what was delivered, many at once: nearly all that is ever settled, and what comes fastest."""

from collections.abc import Sequence
from typing import Final

import msgspec

from lucca_sync.journal.protocol import Settlement
from lucca_sync.journal.sqlite.codes import CODES, micros
from lucca_sync.journal.sqlite.lanes import Lanes
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.delivery import State

_SQL: Final = named_queries("finishing")


class Finishing:
    """Ends deliveries that reached their target and lets what waited behind them move up."""

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes

    def finish(self, settlements: Sequence[Settlement], state: State) -> int:
        """End those that are still in flight under the same attempt; return how many those are.

        No two of the settlements are of the same attempt.
        """
        if not settlements:
            return 0
        listed = [[one.key, one.attempt, micros(one.at), one.reason] for one in settlements]
        self._store.run(_SQL["shelf"])
        self._store.run(_SQL["clear"])
        self._store.run(_SQL["gather"], (msgspec.json.encode(listed).decode(),))
        self._store.run(_SQL["note_attempts"], (CODES[state],))
        self._store.run(_SQL["end"], (CODES[state],))
        self._store.run(_SQL["move_up"])
        self._store.run(_SQL["tick_off"])
        return self._counted(state)

    def _counted(self, state: State) -> int:
        effective = 0
        for lane, count in self._store.rows(_SQL["count"]):
            self._lanes.moved(lane, "in_flight", state, count)
            effective += count
        return effective
