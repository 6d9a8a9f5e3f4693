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
        """Hand over what was held and whatever comes; `listener` runs inside the signal handler."""
        self._told = listener
        if self._held:
            listener()

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._told is not None:
            self._told()
        elif self.terminal_gone:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._held = True


def ignore_at_the_end() -> None:
    """Let no SIGHUP end a process that is about to end in order, in whichever of its threads it arrives."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
