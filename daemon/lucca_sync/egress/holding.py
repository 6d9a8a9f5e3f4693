"""The notes in the store that say what is held back: a route that a person paused, a target left alone.

A person's commands write and drop them beside the running daemon, which looks every second. Knows no target.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias

import msgspec

PAUSED: Final = "paused/"
TARGETS: Final = "target/"
"""What the keys of these notes begin with."""

Holding: TypeAlias = Literal["open", "disabled"]


class Pause(msgspec.Struct, frozen=True):
    """A person has paused a route: nothing travels along it until the note is dropped."""

    since: datetime
    reason: str = ""


class Hold(msgspec.Struct, frozen=True):
    """A target is left alone; dropping the note resumes it at once, and so do settings of another digest.

    `open`: too much failed; at `until`, after `rest` seconds, it is tried again by itself. `disabled`: it
    said that it is no more (HTTP 410); nothing else resumes it.
    """

    state: Holding
    since: datetime
    reason: str = ""
    until: datetime | None = None
    rest: float = 0.0
    settings: str = ""


_PAUSE: Final = msgspec.json.Decoder(Pause)
_HOLD: Final = msgspec.json.Decoder(Hold)
_LONG_AGO: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def paused_key(route: str) -> str:
    """Return the key of the note that pauses a route."""
    return f"{PAUSED}{route}"


def target_key(connector: str) -> str:
    """Return the key of the note that says how a target is held."""
    return f"{TARGETS}{connector}"


def encoded(note: Pause | Hold) -> bytes:
    """Return the value of a note."""
    return msgspec.json.encode(note)


def pauses(notes: Mapping[str, bytes]) -> Mapping[str, Pause]:
    """Return the pauses among notes by route; an unreadable one pauses all the same."""
    return {key.removeprefix(PAUSED): _pause(value) for key, value in notes.items() if key.startswith(PAUSED)}


def holds(notes: Mapping[str, bytes]) -> Mapping[str, Hold]:
    """Return the holds among notes by connector; an unreadable one holds nothing."""
    found = {key.removeprefix(TARGETS): hold_of(notes[key]) for key in notes if key.startswith(TARGETS)}
    return {name: hold for name, hold in found.items() if hold is not None}


def _pause(value: bytes) -> Pause:
    try:
        return _PAUSE.decode(value)
    except msgspec.DecodeError:
        return Pause(_LONG_AGO, "unreadable note")


def hold_of(value: bytes | None) -> Hold | None:
    """Return what a note says of its target, None where there is none or it can't be read."""
    if value is None:
        return None
    try:
        return _HOLD.decode(value)
    except msgspec.DecodeError:
        return None
