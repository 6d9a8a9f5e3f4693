"""From the bytes of a page to its records: who is on it, what each looks like, what cannot be read.

Pure. No JSON object is built for a record until somebody asks for its content: most records of most pages
are unchanged, and a digest of their raw bytes says so.
"""

from dataclasses import dataclass
from typing import Final, cast

import msgspec
import xxhash

from lucca_sync.model.values import JsonObject

_NOTHING: Final = msgspec.Raw(b"")
_NULL: Final = b"null"


class UnreadablePage(Exception):
    """The body is not a collection as documented (invalid JSON, no `items`); the message holds no values."""


class UnreadableRecord(Exception):
    """A record has an identity, but its content cannot be decoded (no UTF-8, a number beyond all bounds)."""


class _Href(msgspec.Struct):
    href: str


class _Links(msgspec.Struct):
    next: _Href | None = None


class _Legacy(msgspec.Struct):
    items: list[msgspec.Raw]
    count: int | None = None


class _Envelope(msgspec.Struct):
    """A collection of the v5 API, or one of the legacy API, which keeps it all in `data`."""

    items: list[msgspec.Raw] | None = None
    links: _Links | None = None
    totalCount: int | None = None  # noqa: N815 - Lucca's name
    data: _Legacy | None = None


class _LegacyRecord(msgspec.Struct):
    data: msgspec.Raw


class _Head(msgspec.Struct):
    id: str | int
    links: msgspec.Raw = _NOTHING
    embedded: msgspec.Raw = _NOTHING


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)
_LEGACY_RECORD: Final = msgspec.json.Decoder(_LegacyRecord)
_HEAD: Final = msgspec.json.Decoder(_Head)
_OBJECT: Final = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """One record as listed: its id and a digest of its raw bytes without `links` and `embedded`."""

    id: str
    digest: bytes
    raw: msgspec.Raw

    def content(self) -> JsonObject:
        """Decode the record; raise UnreadableRecord when that fails: until now nobody looked inside."""
        try:
            return cast("JsonObject", _OBJECT.decode(self.raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UnreadableRecord from None


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """A decoded page. `next_href` as Lucca printed it; `unidentified` counts items without an identity.

    `rows` counts all items, also those shown twice.
    """

    items: tuple[Item, ...]
    next_href: str | None
    total: int | None
    unidentified: int
    rows: int


def page_digest(body: bytes) -> bytes:
    """Digest a whole body: equal bodies need no further look."""
    return xxhash.xxh3_128_digest(body)


def decode_page(body: bytes) -> Page:
    """Split a page of either API into its records; raise UnreadablePage when it is no collection."""
    envelope = _decoded(body)
    rows = envelope.items if envelope.data is None else envelope.data.items
    if rows is None:
        raise UnreadablePage("the answer holds no items")
    items = [item for raw in rows if (item := _item(raw)) is not None]
    link = envelope.links.next if envelope.links else None
    return Page(
        items=tuple({item.id: item for item in items}.values()),
        next_href=link.href if link else None,
        total=envelope.data.count if envelope.data else envelope.totalCount,
        unidentified=len(rows) - len(items),
        rows=len(rows),
    )


def legacy_rows(body: bytes) -> "list[msgspec.Raw]":
    """Return the rows of a legacy collection, undecoded; raise UnreadablePage when it is none."""
    data = _decoded(body).data
    if data is None:
        raise UnreadablePage("the answer holds no data")
    return data.items


def legacy_record(body: bytes) -> msgspec.Raw | None:
    """Return the one record of a legacy answer, undecoded; None when it is no such answer."""
    try:
        return _LEGACY_RECORD.decode(body).data
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _decoded(body: bytes) -> _Envelope:
    try:
        return _ENVELOPE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadablePage(_without_values(error)) from None


def decode_record(body: bytes) -> Item | None:
    """Read a single record's body, of either API; None when it is no object or has no id."""
    item = _item(msgspec.Raw(body))
    if item is None and (wrapped := legacy_record(body)) is not None:
        return _item(wrapped)
    return item


def _item(raw: msgspec.Raw) -> Item | None:
    try:
        head = _HEAD.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return None if head.id == "" else Item(str(head.id), _digest(raw, head), raw)


def _digest(raw: msgspec.Raw, head: _Head) -> bytes:
    """Digest a record without what may differ at every call: signed links, stale embedded copies."""
    data = bytes(raw)
    for volatile in (head.links, head.embedded):
        part = bytes(volatile)
        if part and part != _NULL:
            data = data.replace(part, b"", 1)
    return xxhash.xxh3_128_digest(data)


def _without_values(error: Exception) -> str:
    """Keep the decoder's complaint up to where it might quote the document."""
    return f"{type(error).__name__}: {str(error).partition(':')[0][:120]}"
