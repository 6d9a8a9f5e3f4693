"""SIGHUP: a terminal that goes away, or somebody who wants the settings read again. Tells the two apart.

The handler is Python's own, not the event loop's: that one leaves the deadly default behind when it closes,
and other threads would still take the signal.
"""

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Final

_STDIN: Final = 0


class Hangups:
    """Holds SIGHUP while nobody can act on it; a terminal that goes still ends the process meanwhile.

    Whoever was started from a terminal has it as standard input, and finds it no terminal once it is gone;
    services, and what `nohup` starts, have none.
    """

    def __init__(self) -> None:
        self._had_terminal = os.isatty(_STDIN)
        self._held = False
        self._told: Callable[[], object] | None = None

    @property
    def terminal_gone(self) -> bool:
        """Whether there was a terminal and is none any more."""
        return self._had_terminal and not os.isatty(_STDIN)

    def hold(self) -> None:
        """Hold from now on what comes."""
        signal.signal(signal.SIGHUP, self._note)

    def tell(self, listener: Callable[[], object]) -> None:
        """Call `listener`, inside the signal handler, for what was held and comes; once until `heard`."""
        self._told = listener
        if self._held:
            listener()

    def heard(self) -> None:
        """Note that what was told is acted on from here: what comes later is to be told again."""
        self._held = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._told is None and self.terminal_gone:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        known, self._held = self._held, True
        if self._told is not None and not known:
            self._told()


def ignore_at_the_end() -> None:
    """Let no SIGHUP end a process that is about to end in order, in whichever of its threads it arrives."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def bear_storms() -> None:
    """Let no storm of signals stop the process: to be called once the event loop has its handlers.

    When more come than the loop has read, Python warns of each, and takes a lock for that inside the signal
    handler: one that comes while the lock is held waits for itself, for ever (seen on 3.11).
    """
    signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
