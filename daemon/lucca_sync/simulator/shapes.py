"""The shapes of JSON that the simulator shows, and writing at a JSON Pointer inside them."""

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
else:
    # msgspec reads annotations at run time and knows no recursive alias.
    Json = Any

View: TypeAlias = dict[str, Json]


class PointerError(ValueError):
    """The pointer does not lead into the value."""


def pointer_segments(pointer: str) -> list[str]:
    """Split `/a/b~1c` into `["a", "b/c"]`; anything that does not begin with a slash is refused."""
    if not pointer.startswith("/"):
        message = "a path begins with a slash, for example /familyName"
        raise PointerError(message)
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def write_at(view: View, segments: list[str], value: Json) -> None:
    """Set `value` at the place that the segments name, making objects on the way."""
    place = view
    for segment in segments[:-1]:
        inner = place.get(segment)
        if not isinstance(inner, dict):
            inner = {}
        # Views may share inner objects: copy before writing.
        place[segment] = inner = dict(inner)
        place = inner
    place[segments[-1]] = value


def read_at(value: Json, segments: list[str]) -> Json:
    """Return what stands at the place that the segments name, null when there is nothing."""
    for segment in segments:
        if not isinstance(value, dict):
            return None
        value = value.get(segment)
    return value
