"""The memory of pages: how each was answered, which records it showed, which of that is still trusted."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from lucca_sync.journal.protocol import PageHead, PageItems
from lucca_sync.journal.sqlite.queries import named_queries
from lucca_sync.journal.sqlite.store import Store

_SQL: Final = named_queries("pages")
_SLOT_BITS: Final = 32
_SLOTS: Final = (1 << _SLOT_BITS) - 1
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(tuple[tuple[str, ...], tuple[bytes, ...]])


class Pages:
    """Reads and writes the rows of one page each."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def heads(self, resource: int) -> Mapping[int, PageHead]:
        """Return all remembered pages of a resource by slot."""
        rows = self._store.rows(_SQL["heads"], (_key(resource, 0), _key(resource, _SLOTS)))
        return {key & _SLOTS: PageHead(key & _SLOTS, *rest) for key, *rest in rows}

    def items(self, resource: int, slot: int) -> PageItems:
        """Return the records last seen at a slot."""
        row = self._store.row(_SQL["items"], (_key(resource, slot),))
        return PageItems() if row is None else _read(row[0])

    def slots(self, resource: int, *, since: int = 0) -> Sequence[int]:
        """Return every remembered slot from `since` on."""
        rows = self._store.rows(_SQL["slots"], (_key(resource, since), _key(resource, _SLOTS)))
        return [key & _SLOTS for (key,) in rows]

    def remember(self, resource: int, head: PageHead, items: PageItems) -> None:
        """Note how a page was answered, in place of what was known of its slot."""
        self._store.run(
            _SQL["remember"],
            (_key(resource, head.slot), head.url, head.etag, head.digest, head.next_url, _write(items)),
        )

    def forget(self, resource: int, slot: int) -> None:
        """Drop what is known of a slot."""
        self._store.run(_SQL["forget"], (_key(resource, slot),))

    def distrust(self, resource: int, slot: int, ids: Collection[str]) -> None:
        """Let the page at a slot vouch no longer for these records, nor for itself as a whole."""
        items = self.items(resource, slot)
        trusted = tuple(
            b"" if name in ids else digest for name, digest in zip(items.ids, items.digests, strict=True)
        )
        self._store.run(_SQL["distrust"], (_write(PageItems(items.ids, trusted)), _key(resource, slot)))

    def distrust_wherever(self, resource: int, ids: Collection[str], *, besides: int | None) -> None:
        """As `distrust`, on every page that shows one of the records, but not at the slot `besides`."""
        wanted = frozenset(ids)
        for slot in self.slots(resource):
            if slot != besides and not wanted.isdisjoint(self.items(resource, slot).ids):
                self.distrust(resource, slot, wanted)


def _key(resource: int, slot: int) -> int:
    return resource << _SLOT_BITS | slot


def _write(items: PageItems) -> bytes:
    return _ENCODER.encode((items.ids, items.digests))


def _read(packed: bytes) -> PageItems:
    return PageItems(*_DECODER.decode(packed))
