"""SIGHUP: a terminal that goes away, or somebody who wants the settings read again. Tells the two apart."""

import os
import signal
from types import FrameType
from typing import Final

_STDIN: Final = 0


class Hangups:
    """Holds SIGHUP while nobody can act on it yet; a terminal that goes still ends the process meanwhile.

    Whoever was started from a terminal has it as standard input, and finds it no terminal once it is gone;
    services, and what `nohup` starts, have none.
    """

    def __init__(self) -> None:
        self._had_terminal = os.isatty(_STDIN)
        self.held = False
        """Whether somebody has asked for the settings to be read again."""

    @property
    def terminal_gone(self) -> bool:
        """Whether there was a terminal and is none any more."""
        return self._had_terminal and not os.isatty(_STDIN)

    def hold(self) -> None:
        """Hold from now on what comes."""
        signal.signal(signal.SIGHUP, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.terminal_gone:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.held = True


def ignore_at_the_end() -> None:
    """Let no SIGHUP end a process that is about to end in order: asyncio leaves it deadly behind."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
