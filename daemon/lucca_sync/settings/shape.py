"""What a model expects at a path of its data: which keys, which of them are files, which are numbers.

Knows no setting.
"""

from collections.abc import Iterator
from inspect import isclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel

from lucca_sync.settings.document import Data
from lucca_sync.settings.problems import KeyPath


def known_keys(model: type[BaseModel], path: KeyPath) -> frozenset[str]:
    """Return the keys that the model accepts in the mapping at `path`; none where any key goes."""
    expected: list[object] = [model]
    for key in path:
        expected = [deeper for annotation in expected for deeper in _below(annotation, key)]
    return frozenset(
        key for annotation in expected for found in _models(annotation) for key in _fields(found)
    )


def prepared(data: Data, expected: object, folder: Path) -> Data:
    """Make data ready for the model that is expected.

    File paths are made absolute, taken from `folder`. Where only a number will do, true and false are
    replaced by what the model refuses: pydantic would take them for 1 and 0.
    """
    if isinstance(data, bool):
        return [] if _only_a_number(expected) else data
    if isinstance(data, str):
        is_path = _mentions_path(expected) and data not in _literals(expected)
        return str(folder / data) if is_path and data else data
    if isinstance(data, dict):
        return {key: _prepared_below(value, expected, key, folder) for key, value in data.items()}
    if isinstance(data, list):
        return [_prepared_below(value, expected, index, folder) for index, value in enumerate(data)]
    return data


def _prepared_below(value: Data, expected: object, key: str | int, folder: Path) -> Data:
    below = list(_below(expected, key))
    return prepared(value, below[0], folder) if below else value


def _below(annotation: object, key: str | int) -> Iterator[object]:
    """What is expected under a key of whatever the annotation allows."""
    for option in _options(annotation):
        arguments = get_args(option)
        if isclass(option) and issubclass(option, BaseModel):
            yield from (found for name, found in _fields(option).items() if name == key)
        elif arguments and isinstance(key, str):
            yield arguments[-1]
        elif arguments:
            yield arguments[0]


def _fields(model: type[BaseModel]) -> dict[str, object]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    for option in _options(annotation):
        if isclass(option) and issubclass(option, BaseModel):
            yield option


def _options(annotation: object) -> Iterator[object]:
    """Take `Annotated` off and unions apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for argument in get_args(annotation):
            yield from _options(argument)
    else:
        yield annotation


def _mentions_path(annotation: object) -> bool:
    return Path in _options(annotation)


def _only_a_number(annotation: object) -> bool:
    allowed = {*_options(annotation), *map(type, _literals(annotation))}
    return not allowed.isdisjoint({int, float}) and allowed.isdisjoint({bool, object, Any})


def _literals(annotation: object) -> frozenset[object]:
    literals = (get_args(option) for option in _options(annotation) if get_origin(option) is Literal)
    return frozenset(cast(object, value) for values in literals for value in values)
