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


class _Envelope(msgspec.Struct):
    items: list[msgspec.Raw]
    links: _Links | None = None
    totalCount: int | None = None  # noqa: N815 - Lucca's name


class _Head(msgspec.Struct):
    id: str | int
    links: msgspec.Raw = _NOTHING
    embedded: msgspec.Raw = _NOTHING


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)
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
    """A decoded page. `next_href` as Lucca printed it; `unidentified` counts items without an identity."""

    items: tuple[Item, ...]
    next_href: str | None
    total: int | None
    unidentified: int


def page_digest(body: bytes) -> bytes:
    """Digest a whole body: equal bodies need no further look."""
    return xxhash.xxh3_128_digest(body)


def decode_page(body: bytes) -> Page:
    """Split a page into its records; raise UnreadablePage when it is no collection."""
    try:
        envelope = _ENVELOPE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadablePage(_without_values(error)) from None
    items = [item for raw in envelope.items if (item := _item(raw)) is not None]
    link = envelope.links.next if envelope.links else None
    return Page(
        items=tuple({item.id: item for item in items}.values()),
        next_href=link.href if link else None,
        total=envelope.totalCount,
        unidentified=len(envelope.items) - len(items),
    )


def decode_record(body: bytes) -> Item | None:
    """Read a single record's body; None when it is no object or has no id."""
    return _item(msgspec.Raw(body))


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
