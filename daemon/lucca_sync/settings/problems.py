"""What is wrong with a settings file, in words a person can act on and at the place to repair.

Knows no model and no YAML library. A problem never holds a value: it may be a secret.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NamedTuple, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way from the top of the file to a value: keys and list indexes, as in ("routes", "people", "to", 0)."""

_LIKE_A_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}|[a-z-]{1,20}\.[a-z-]{1,20}")
"""Or like the name of a business event."""


class Finding(NamedTuple):
    """What is wrong and where inside the file, before the place has a line number."""

    path: KeyPath
    message: str
    at_key: bool = False
    """Whether the key itself is wrong, not what it holds."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to repair; `line` and `column` count from 1, `path` is dotted, empty for the whole file."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class SettingsError(Exception):
    """The settings can't be used: every problem that was found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: KeyPath) -> str:
    """Write a path the way the guide does: `routes.people.to[0]`.

    A key that doesn't look like one is shown as `?`: a slip of the keyboard can turn a secret into a key.
    """
    parts = [f"[{key}]" if isinstance(key, int) else f".{_shown(key)}" for key in path]
    return "".join(parts).removeprefix(".")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean …?)` for the known name closest to `name`, or nothing when none is close."""
    spellings = {spelling.lower(): spelling for spelling in known}
    close = get_close_matches(name.lower(), spellings, n=1, cutoff=0.6)
    return f" (did you mean {spellings[close[0]]}?)" if close else ""


def _shown(key: str) -> str:
    return key if _LIKE_A_KEY.fullmatch(key) else "?"
