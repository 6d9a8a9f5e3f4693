"""Page tokens: opaque to clients, a place in an order to us."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import msgspec

from lucca_sync.simulator.answers.conditions import read_number
from lucca_sync.simulator.answers.order import Place, read_place
from lucca_sync.simulator.answers.problems import Problem, bad_parameters
from lucca_sync.simulator.answers.query import Sort
from lucca_sync.simulator.shapes import Json

_PREFIX = "!w."
FORWARD, BACKWARD = "f", "b"
NONCE = "~nonce~"


@dataclass(frozen=True)
class Start:
    """Where a page begins: at a place, or after a number of records that an index skips."""

    place: Place | None = None
    backwards: bool = False
    skip: int = 0


class PageTokens:
    """Writes and reads page tokens."""

    def __init__(self, *, stable: bool) -> None:
        self._stable = stable
        self._nonces: Iterator[int] = count(1)

    def write(self, direction: str, sorts: Sequence[Sort], place: Place) -> str:
        """Return the token of a place; without stable tokens it holds a placeholder for a nonce."""
        packed = msgspec.json.encode([direction, _words(sorts), *place])
        token = _PREFIX + base64.urlsafe_b64encode(packed).decode().rstrip("=")
        return token if self._stable else f"{token}.{NONCE}"

    def finished(self, body: bytes) -> bytes:
        """Put a new nonce into an answer, when tokens are to differ from call to call."""
        if self._stable:
            return body
        return body.replace(NONCE.encode(), f"{next(self._nonces):x}".encode())

    def read(self, text: str | None, sorts: Sequence[Sort], limit: int) -> Start:
        """Return where a page begins; a whole number is the index of a page, from 1."""
        if text is None:
            return Start()
        index = read_number(text)
        if index:
            return Start(skip=(index - 1) * limit)
        values = _unpacked(text)
        if len(values) < len((FORWARD, "id", 1)) or values[1] != _words(sorts):
            raise _strange_token()
        place = read_place(values[2:], sorts)
        if place is None or values[0] not in (FORWARD, BACKWARD):
            raise _strange_token()
        return Start(place=place, backwards=values[0] == BACKWARD)


def _words(sorts: Sequence[Sort]) -> str:
    return ",".join(str(sort) for sort in sorts)


def _unpacked(text: str) -> list[Json]:
    if not text.startswith(_PREFIX):
        raise _strange_token()
    packed = text.removeprefix(_PREFIX).partition(".")[0]
    try:
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        return msgspec.json.decode(raw, type=list[Json])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise _strange_token() from None


def _strange_token() -> Problem:
    return bad_parameters({"page": ["The page token is not one of this list's."]})
