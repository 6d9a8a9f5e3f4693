"""Ways into a record: paths, and JSON Pointers (RFC 6901) as far as changes and settings need them."""

from collections.abc import Sequence

from lucca_sync.model.values import Json, JsonObject


def segment(key: str) -> str:
    """Escape one key to stand in a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def key_of(text: str) -> str:
    """Read one segment of a pointer back."""
    return text.replace("~1", "/").replace("~0", "~")


def text_at(record: JsonObject, path: Sequence[str]) -> str | None:
    """Return the text or number at the end of a path, such as an id or a date; None without one."""
    value: Json = record
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int) else None
