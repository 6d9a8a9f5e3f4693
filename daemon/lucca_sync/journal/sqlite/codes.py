"""How instants, states, event ids and lists are written in SQLite's few types."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from lucca_sync.model.delivery import State

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ID_DIGITS: Final = 32
_HEX: Final = frozenset("0123456789abcdef")
LAST_CHARACTER: Final = "\U0010ffff"

# The position is the code in the store: append, never reorder.
_STATES: Final[tuple[State, ...]] = (
    "pending",
    "in_flight",
    "retrying",
    "parked",
    "done",
    "dead",
    "discarded",
)
CODES: Final[dict[State, int]] = {state: code for code, state in enumerate(_STATES)}


def state_of(code: int) -> State:
    """Return the state that a code stands for."""
    return _STATES[code]


def micros(at: datetime) -> int:
    """Write an aware instant as microseconds since 1970 UTC."""
    return (at - _EPOCH) // _MICROSECOND


def instant(count: int) -> datetime:
    """Read what `micros` wrote."""
    return _EPOCH + timedelta(microseconds=count)


def maybe_micros(at: datetime | None) -> int | None:
    """Write an instant that may be absent."""
    return None if at is None else micros(at)


def maybe_instant(count: int | None) -> datetime | None:
    """Read an instant that may be absent."""
    return None if count is None else instant(count)


def pack_id(event_id: str) -> bytes | str:
    """Write an event's id: 16 bytes for the digests that ids are, the text itself for anything else."""
    return bytes.fromhex(event_id) if len(event_id) == _ID_DIGITS and _HEX.issuperset(event_id) else event_id


def unpack_id(packed: bytes | str) -> str:
    """Read what `pack_id` wrote."""
    return packed if isinstance(packed, str) else packed.hex()


def id_ranges(beginning: str) -> Iterator[tuple[bytes | str, bytes | str]]:
    """Give the first and last packed id that begins so, once for text and once for digests."""
    if not beginning:
        return
    yield beginning, beginning + LAST_CHARACTER
    if len(beginning) <= _ID_DIGITS and _HEX.issuperset(beginning):
        yield bytes.fromhex(beginning.ljust(_ID_DIGITS, "0")), bytes.fromhex(beginning.ljust(_ID_DIGITS, "f"))
