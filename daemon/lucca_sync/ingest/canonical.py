"""The canonical form of a record: what two looks at the same record agree on when nothing changed.

Pure. Drops what is not content (links, urls, embedded copies), orders what has no order of its own,
writes numbers one way. Source: lucca-api facts on caching and includes, Api-Version 2024-11-01.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, cast

import msgspec
import xxhash

from lucca_sync.model.catalogue import Resource
from lucca_sync.model.pointer import key_of
from lucca_sync.model.values import Json, JsonObject

_NOT_CONTENT: Final = frozenset({"links", "url", "embedded"})
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True, repr=False)
class Canonical:
    """A record's content, its bytes as stored, and a digest that ignores its clock and quiet fields."""

    content: JsonObject
    encoded: bytes
    digest: bytes


def canonicalise(item: JsonObject, resource: Resource, volatile: Collection[str] = ()) -> Canonical:
    """Bring a record into canonical form; `volatile` fields (names or JSON Pointers) are left out of it."""
    content: JsonObject = {key: _plain(value) for key, value in item.items() if key not in _NOT_CONTENT}
    for pointer in (*resource.volatile, *volatile):
        _leave_out(content, pointer.removeprefix("/").split("/"))
    for name in resource.sets:
        members = content.get(name)
        if isinstance(members, list):
            content[name] = sorted(members, key=_ENCODER.encode)
    encoded = _ENCODER.encode(content)
    return Canonical(content, encoded, _digest(content, resource, encoded))


def decode_content(encoded: bytes) -> JsonObject:
    """Read back stored canonical bytes."""
    return cast("JsonObject", _DECODER.decode(encoded))


def _digest(content: JsonObject, resource: Resource, encoded: bytes) -> bytes:
    silent = content.keys() & {resource.clock, *resource.quiet}
    if not silent:
        return xxhash.xxh3_128_digest(encoded)
    telling = {key: value for key, value in content.items() if key not in silent}
    return xxhash.xxh3_128_digest(_ENCODER.encode(telling))


def _leave_out(value: Json, path: Sequence[str]) -> None:
    """Take away what a JSON Pointer leads to; a step into an array goes into each of its objects."""
    if isinstance(value, list):
        for part in value:
            _leave_out(part, path)
    elif isinstance(value, dict):
        key = key_of(path[0])
        if len(path) == 1:
            value.pop(key, None)
        else:
            _leave_out(value.get(key), path[1:])


def _plain(value: Json) -> Json:
    kind = type(value)
    if kind is str or value is None:
        return value
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return _array(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _object(value: JsonObject) -> JsonObject:
    if "id" in value:
        return {key: _plain(part) for key, part in value.items() if key not in _NOT_CONTENT}
    return {key: _plain(part) for key, part in value.items()}


def _array(value: list[Json]) -> list[Json]:
    plain = [_plain(part) for part in value]
    identified = identities(plain)
    return [identified[key] for key in sorted(identified)] if identified else plain


def identities(array: list[Json]) -> "dict[str, Json]":
    """Return an array's objects by their id; nothing when they are not all distinct identified objects."""
    found: dict[str, Json] = {}
    for part in array:
        if not isinstance(part, dict) or not isinstance(key := part.get("id"), str | int):
            return {}
        found[str(key)] = part
    return found if len(found) == len(array) else {}
