"""What pydantic found wrong, in the words of somebody who writes YAML. Never shows what was given.

Works for every model, a stranger's connector included.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lucca_sync.settings.document import Data
from lucca_sync.settings.problems import Finding, KeyPath, did_you_mean
from lucca_sync.settings.rules import BROKEN
from lucca_sync.settings.shape import known_keys

_KEY: Final = "[key]"  # how pydantic marks that the key of an entry is wrong, not its value
_LEAST_HIDDEN: Final = 4
"""Shorter texts are parts of everyday words, and no secret is that short."""

_QUOTED: Final = re.compile(r"'([^']*)'")
_QUOTE: Final = re.compile(r"""(['"`])(.+?)\1""")
_WORDS: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "path_type": "must be text: a path",
    "dict_type": "must be a mapping of names to settings",
    "mapping_type": "must be a mapping of names to settings",
    "model_type": "must be a mapping of settings",
    "model_attributes_type": "must be a mapping of settings",
    "list_type": "must be a list, such as [a, b]",
    "tuple_type": "must be a list, such as [a, b]",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


def findings(
    error: ValidationError, model: type[BaseModel], data: Data, *, foreign: bool = False
) -> list[Finding]:
    """Translate every error of one validation of `data` against `model`, but for rules that span sections.

    A `foreign` model's own words may quote what was given: that is taken out of them.
    """
    details = error.errors(include_url=False, include_input=False)
    hidden = frozenset(_texts(data)) if foreign else frozenset[str]()
    return [
        _finding(one, model, data, hidden)
        for one in details
        if one["type"] != BROKEN and not _is_consequence(one, details)
    ]


def _is_consequence(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Tell whether a list is too short only because what stands in it is wrong: pydantic says both."""
    place = detail["loc"]
    below = (one for one in details if len(one["loc"]) > len(place) and one["loc"][: len(place)] == place)
    return detail["type"] == "too_short" and any(below)


def _is_key(detail: ErrorDetails) -> bool:
    return detail["loc"][-1:] == (_KEY,)


def _finding(detail: ErrorDetails, model: type[BaseModel], data: Data, hidden: frozenset[str]) -> Finding:
    path = tuple(_real(detail["loc"], data))
    if detail["type"] == "extra_forbidden":
        return Finding(path, _unknown(path, model), at_key=True)
    message = _our_words(detail, _at(data, path)) or _without(hidden, _plain(detail["msg"]))
    absent = [key for key in detail["loc"][-1:] if key in known_keys(model, path)]
    return Finding((*path, *absent), message, at_key=_is_key(detail))


def _real(loc: KeyPath, data: Data) -> Iterator[str | int]:
    """Keep the parts of a location that stand in the data: pydantic adds names of its own for unions."""
    inner = data
    for key in loc:
        entries = _entries(inner)
        if key in entries:
            inner = entries[key]
            yield key


def _at(data: Data, path: KeyPath) -> Data:
    for key in path:
        data = _entries(data)[key]
    return data


def _entries(data: Data) -> Mapping[str | int, Data]:
    if isinstance(data, dict):
        return cast("Mapping[str | int, Data]", data)
    return {**dict(enumerate(data))} if isinstance(data, list) else {}


def _unknown(path: KeyPath, model: type[BaseModel]) -> str:
    key, known = str(path[-1]), known_keys(model, path[:-1])
    guess = did_you_mean(key, known)
    return f"unknown setting{guess}" if guess else f"unknown setting; known here: {', '.join(sorted(known))}"


def _our_words(detail: ErrorDetails, given: Data) -> str | None:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_type":
        return "must be text: put it in quotes" if isinstance(given, int | float) else "must be text"
    if kind == "literal_error":
        expected = str(context["expected"])
        return f"must be {expected}{did_you_mean(str(given), _QUOTED.findall(expected))}"
    if "timedelta" in str(context.get("gt")):
        return "must be longer than nothing"
    return _WORDS.get(kind)


def _plain(message: str) -> str:
    """Take off what pydantic puts before a validator's own words."""
    own = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return own.replace("Input should be", "must be").replace("String should", "must")


def _texts(data: Data) -> Iterator[str]:
    if isinstance(data, dict):
        yield from (text for value in data.values() for text in _texts(value))
    elif isinstance(data, list):
        yield from (text for value in data for text in _texts(value))
    elif isinstance(data, str):
        yield data


def _without(hidden: frozenset[str], message: str) -> str:
    """Take given texts out of a message, and what it quotes if that is part of one."""
    for text in sorted(hidden, key=len, reverse=True):
        if len(text) >= _LEAST_HIDDEN:
            message = re.sub(rf"(?<![\w-]){re.escape(text)}(?![\w-])", "…", message)

    def kept(quote: re.Match[str]) -> str:
        is_given = len(quote[2]) >= _LEAST_HIDDEN and any(quote[2] in text for text in hidden)
        return f"{quote[1]}…{quote[1]}" if is_given else quote[0]

    return _QUOTE.sub(kept, message)
