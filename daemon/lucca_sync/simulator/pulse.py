"""Lets the world live: one change after the other, as many a minute as asked."""

import anyio

from lucca_sync.simulator.world.life import Life


class Pulse:
    """A heart whose rate can be changed while it beats."""

    def __init__(self, life: Life, per_minute: float) -> None:
        self._life = life
        self._per_minute = per_minute
        self._changed = anyio.Event()

    @property
    def per_minute(self) -> float:
        """Life changes a minute; 0 stands still."""
        return self._per_minute

    @per_minute.setter
    def per_minute(self, value: float) -> None:
        self._per_minute = value
        self._changed.set()

    async def beat(self) -> None:
        """Beat until cancelled."""
        while True:
            changed = self._changed
            with anyio.move_on_after(60 / self._per_minute if self._per_minute > 0 else None):
                await changed.wait()
            if changed.is_set():
                self._changed = anyio.Event()
            else:
                self._life.step()
