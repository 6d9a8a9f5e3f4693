"""Ends the present thread of work at the n-th touch of the file system, as a crash or a failing disk would.

Python announces each open, rename, mkdir and remove to audit hooks before it does it.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

_TOUCHES = {"open", "os.rename", "os.mkdir", "os.remove"}


class Crashed(BaseException):
    """No handler of the code under test may catch this, just as none runs in a killed process."""


@dataclass
class _Plan:
    folder: str = ""
    left: int = 0
    error: BaseException | None = None


_plan = _Plan()


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    error = _plan.error
    if error is None or event not in _TOUCHES or not str(arguments[0]).startswith(_plan.folder):
        return
    _plan.left -= 1
    if _plan.left == 0:
        _plan.error = None
        raise error


sys.addaudithook(_hook)


@contextmanager
def at_touch(number: int, folder: object, error: BaseException) -> Generator[None]:
    """Raise `error` at the n-th touch of anything under `folder`; once."""
    _plan.folder, _plan.left, _plan.error = str(folder), number, error
    try:
        yield
    finally:
        _plan.error = None


def touches_left() -> int:
    """How many touches more the plan would have waited for; above zero, it never struck."""
    return _plan.left
