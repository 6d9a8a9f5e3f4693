"""Packs bodies small: zstandard with one dictionary a resource, trained on the first records that it wrote.

A dictionary outlives the records it was trained on, so it is made of their structure and of values that
several of them share; what belongs to one person never enters it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import zstandard
from zstandard import ZstdCompressionDict, ZstdCompressionParameters, ZstdCompressor, ZstdDecompressor

from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store
from lucca_sync.model.values import Json

PLAIN: Final = 0
"""The dictionary of bodies that are stored as they are."""

_SQL: Final = named_queries("bodies")
_LEVEL: Final = 3
_DICTIONARY_BYTES: Final = 8192
_FEW: Final = 64
_MANY: Final = 256
_SHARED_BY: Final = 3
_READY_AT_ONCE: Final = 16


class Packed(NamedTuple):
    """A body as stored, and the dictionary that unpacks it."""

    dictionary: int
    body: bytes


class Bodies:
    """Packs and unpacks bodies; learns a resource's dictionary once it has seen enough of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._current: dict[int, int] = {}
        self._enough: dict[int, int] = {}
        self._compressor = lru_cache(_READY_AT_ONCE)(self._load_compressor)
        self._decompressor = lru_cache(_READY_AT_ONCE)(self._load_decompressor)
        store.when_in_doubt(self.forget)

    def forget(self) -> None:
        """Forget what a transaction may have taken back."""
        self._current.clear()
        self._compressor.cache_clear()
        self._decompressor.cache_clear()

    def pack(self, resource: int, body: bytes) -> Packed:
        """Pack a body with its resource's dictionary, if there is one yet."""
        dictionary = self._dictionary(resource)
        if dictionary == PLAIN:
            return Packed(PLAIN, body)
        return Packed(dictionary, self._compressor(dictionary).compress(body))

    def unpack(self, dictionary: int, body: bytes) -> bytes:
        """Return what was packed."""
        return body if dictionary == PLAIN else self._decompressor(dictionary).decompress(body)

    def learn(self, resource: int, coming: Sequence[bytes]) -> None:
        """Train a dictionary on the records about to be written and those there already, once enough."""
        enough = self._enough.get(resource, _FEW)
        if not coming or enough > _MANY or self._dictionary(resource) != PLAIN:
            return
        samples = list(coming[:_MANY])
        if len(samples) < enough:
            samples += (body for (body,) in self._store.rows(_SQL["plain"], (resource, _MANY)))
        if len(samples) >= enough:
            self._train(resource, samples)

    def _train(self, resource: int, samples: Sequence[bytes]) -> None:
        try:
            trained = zstandard.train_dictionary(_DICTIONARY_BYTES, [*depersonalised(samples)], k=64, d=6)
        except (zstandard.ZstdError, msgspec.DecodeError):  # nothing to learn from these: wait for more
            self._enough[resource] = 2 * len(samples)
            return
        row = self._store.row(_SQL["add_dictionary"], (trained.as_bytes(),))
        if row is not None:
            self._store.run(_SQL["use_dictionary"], (row[0], resource))
            self._current[resource] = row[0]

    def _dictionary(self, resource: int) -> int:
        known = self._current.get(resource)
        if known is None:
            row = self._store.row(_SQL["dictionary_of"], (resource,))
            known = self._current[resource] = row[0] if row else PLAIN
        return known

    def _load(self, dictionary: int) -> ZstdCompressionDict:
        row = self._store.row(_SQL["dictionary"], (dictionary,))
        return ZstdCompressionDict(row[0] if row else b"")

    def _load_compressor(self, dictionary: int) -> ZstdCompressor:
        trained = self._load(dictionary)
        parameters = ZstdCompressionParameters(
            compression_level=_LEVEL,
            format=zstandard.FORMAT_ZSTD1_MAGICLESS,
            write_checksum=False,
            write_dict_id=False,
        )
        return ZstdCompressor(dict_data=trained, compression_params=parameters)

    def _load_decompressor(self, dictionary: int) -> ZstdDecompressor:
        return ZstdDecompressor(dict_data=self._load(dictionary), format=zstandard.FORMAT_ZSTD1_MAGICLESS)


def depersonalised(bodies: Sequence[bytes]) -> list[bytes]:
    """Return JSON bodies with every value emptied that fewer than three of them have."""
    documents: list[Json] = [msgspec.json.decode(body) for body in bodies]
    had_by = Counter(value for document in documents for value in set(_leaves(document)))
    return [msgspec.json.encode(_emptied(document, had_by)) for document in documents]


def _leaves(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield repr(value)


def _emptied(value: Json, had_by: Counter[str]) -> Json:
    if isinstance(value, dict):
        return {name: _emptied(inner, had_by) for name, inner in value.items()}
    if isinstance(value, list):
        return [_emptied(inner, had_by) for inner in value]
    if had_by[repr(value)] >= _SHARED_BY:
        return value
    return "" if isinstance(value, str) else 0
