"""A bell that wakes whoever waits for work: rung at any time, by anyone, at no cost when nobody waits."""

import anyio


class Bell:
    """Rings for everyone who took the next ring before it rang.

    Take `next_ring()` first, then look for work, then wait for that ring: so nothing in between is missed.
    """

    def __init__(self) -> None:
        self.rings = 0
        """How often it rang so far."""
        self._next: anyio.Event | None = None
        self._echoes: list[Bell] = []

    def echo_to(self, other: "Bell") -> None:
        """Ring `other` too, each time."""
        self._echoes.append(other)

    def no_echo_to(self, other: "Bell") -> None:
        """Ring `other` no longer."""
        self._echoes.remove(other)

    def next_ring(self) -> anyio.Event:
        """Return what is set at the next ring."""
        if self._next is None:
            self._next = anyio.Event()
        return self._next

    def ring(self) -> None:
        """Wake those who wait."""
        self.rings += 1
        if self._next is not None:
            self._next.set()
            self._next = None
        for other in self._echoes:
            other.ring()
