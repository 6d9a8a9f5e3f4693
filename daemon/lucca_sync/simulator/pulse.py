"""Lets the world live: one change after the other, as many a minute as asked."""

import anyio

from lucca_sync.simulator.world.life import Life


class Pulse:
    """A heart whose rate can be changed while it beats."""

    def __init__(self, life: Life, per_minute: float, speed: float = 1.0) -> None:
        self._life = life
        self._per_minute = per_minute
        self._speed = speed
        self._changed: anyio.Event | None = None

    @property
    def per_minute(self) -> float:
        """Life changes in one of the world's minutes; 0 stands still."""
        return self._per_minute

    @per_minute.setter
    def per_minute(self, value: float) -> None:
        self._per_minute = value
        if self._changed is not None:
            self._changed.set()

    async def beat(self) -> None:
        """Beat until cancelled."""
        while True:
            self._changed = changed = anyio.Event()
            rate = self._per_minute * self._speed
            with anyio.move_on_after(60 / rate if rate > 0 else None):
                await changed.wait()
            if not changed.is_set():
                self._life.step()
