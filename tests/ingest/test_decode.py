"""What can be read of a page, and what cannot."""

import msgspec
import pytest

from lucca_sync.ingest.decode import UnreadablePage, decode_page, decode_record
from lucca_sync.model.values import Json


def body(*items: Json, **envelope: Json) -> bytes:
    return msgspec.json.encode({"type": "employees", "items": list(items), **envelope})


def test_the_next_link_and_the_total_come_with_the_page() -> None:
    page = decode_page(body(totalCount=3, links={"prev": None, "next": {"href": "https://a/next"}}))
    assert (page.next_href, page.total) == ("https://a/next", 3)


@pytest.mark.parametrize("links", [None, {}, {"next": None}])
def test_no_next_link_means_the_last_page(links: Json) -> None:
    assert decode_page(body(links=links)).next_href is None


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"null", b"[]", b"{}", b'{"items": 3}', b'{"items": [}', b"<html>", b"\xff\xfe"]
)
def test_what_is_no_collection_is_an_unreadable_page(raw: bytes) -> None:
    with pytest.raises(UnreadablePage):
        decode_page(raw)


def test_items_without_an_identity_are_counted_and_the_rest_is_kept() -> None:
    page = decode_page(
        body({"id": "1"}, {"name": "nobody"}, "text", None, {"id": None}, {"id": ""}, {"id": "2"})
    )
    assert [item.id for item in page.items] == ["1", "2"]
    assert page.unidentified == 5


def test_numbers_are_accepted_as_ids() -> None:
    assert [item.id for item in decode_page(body({"id": 7})).items] == ["7"]


def test_a_rotating_token_in_the_links_leaves_the_digest_alone() -> None:
    first, second = (
        decode_page(body({"id": "1", "name": "x", "links": {"portrait": {"href": f"?token={token}"}}})).items[
            0
        ]
        for token in ("a", "b")
    )
    assert first.digest == second.digest


def test_any_other_difference_moves_the_digest() -> None:
    first, second = (
        decode_page(body({"id": "1", "name": name, "links": {}})).items[0] for name in ("a", "b")
    )
    assert first.digest != second.digest


def test_an_error_does_not_quote_the_page() -> None:
    with pytest.raises(UnreadablePage) as caught:
        decode_page(b'{"items": [{"id": "1", "familyName": "Secretname"}], "links": "Secretname"')
    assert "Secretname" not in str(caught.value)


def test_a_single_record_without_an_id_is_none() -> None:
    assert decode_record(b'{"status": 404}') is None
    assert decode_record(b"oops") is None
