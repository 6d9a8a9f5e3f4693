"""Reads `fields=id,leavePeriod[ownerId],collection.count` and picks from a record what it names."""

from collections.abc import Callable, Iterable

from lucca_sync.simulator.answers.problems import Problem
from lucca_sync.simulator.shapes import Json, View

Fields = dict[str, "Fields"]
"""Names in lower case, each with what is wanted inside it."""
Expand = Callable[[str], Json]
"""Makes what is only shown when somebody asks for it, by its path; raises `KeyError` otherwise."""
DEFAULT = ("id", "name", "url")
COUNT = "collection"
_MAX_DEPTH = 6


def read_fields(text: str) -> Fields:
    """Read the parameter; raise a 400 when its brackets don't match."""
    fields, rest = _read(text, 0)
    if rest:
        raise _unreadable()
    return fields


def _read(text: str, depth: int) -> tuple[Fields, str]:
    """Read names up to the bracket that closes them; return them with what comes after it."""
    if depth > _MAX_DEPTH:
        raise _unreadable()
    fields: Fields = {}
    while text and text[0] != "]":
        end = next((place for place, letter in enumerate(text) if letter in ",[]"), len(text))
        name, text = text[:end].strip().lower(), text[end:]
        inner: Fields = {}
        if text.startswith("["):
            inner, text = _read(text[1:], depth + 1)
            if not text.startswith("]"):
                raise _unreadable()
            text = text[1:]
        _note(fields, name.split("."), inner)
        text = text.removeprefix(",")
    return fields, text


def _note(fields: Fields, path: list[str], inner: Fields) -> None:
    for name in path:
        if not name:
            raise _unreadable()
        fields = fields.setdefault(name, {})
    fields.update(inner)


def pick(view: View, fields: Fields, expand: Expand, path: str = "") -> View:
    """Return what is named of a record; raise a 400 for what it does not have."""
    names = {name.lower(): name for name in view}
    picked: View = {}
    for wanted, inner in fields.items():
        here = f"{path}{wanted}"
        name = names.get(wanted)
        value = _made(expand, here) if name is None else view[name]
        picked[name or _spelt(here)] = _inside(value, inner, expand, f"{here}.")
    return picked


def _inside(value: Json, inner: Fields, expand: Expand, path: str) -> Json:
    if isinstance(value, list):
        return [_inside(item, inner, expand, path) for item in value]
    if not isinstance(value, dict):
        return value
    if inner:
        return pick(value, inner, expand, path)
    return {name: value[name] for name in DEFAULT if name in value} or value


def _made(expand: Expand, path: str) -> Json:
    try:
        return expand(path)
    except KeyError:
        raise Problem(400, f"Unknown property {path}.") from None


_SPELLINGS = ("leaveAccount", "legalEntity")


def _spelt(path: str, spellings: Iterable[str] = _SPELLINGS) -> str:
    """Return the name at the end of a path as Lucca spells it."""
    name = path.rpartition(".")[2]
    return next((spelling for spelling in spellings if spelling.lower() == name), name)


def _unreadable() -> Problem:
    return Problem(400, "The parameter fields cannot be read.")
