"""What a record was before its last change is remembered, for a while, and taken for nothing but that."""

from lucca_sync.ingest.canonical import canonicalise
from lucca_sync.ingest.turned import Turned
from lucca_sync.journal.protocol import Known, Write
from lucca_sync.model.catalogue import CATALOGUE

THEN, NOW, ELSE = (
    canonicalise({"id": "7", "familyName": name}, CATALOGUE["employees"], ())
    for name in ("Then", "Now", "Else")
)


def known(which: object) -> Known:
    found = next(one for one in (THEN, NOW, ELSE) if one is which)
    return Known("7", found.encoded, found.digest, 1)


def turned() -> Turned:
    found = Turned()
    found.note(Write("7", NOW.encoded, NOW.digest, 2), known(THEN))
    return found


def test_who_looks_as_before_the_last_change_may_be_a_stale_copy() -> None:
    assert turned().back(THEN, known(NOW))
    assert not turned().back(ELSE, known(NOW))


def test_who_looks_as_he_is_known_is_no_stale_copy() -> None:
    """Of a change that the brake held back the snapshot never heard: nobody need be asked about."""
    assert not turned().back(THEN, known(THEN))


def test_a_write_of_the_same_content_is_no_change() -> None:
    found = turned()
    found.note(Write("7", NOW.encoded, NOW.digest, 2), known(NOW))
    assert found.back(THEN, known(NOW))


def test_of_many_the_last_ones_are_remembered() -> None:
    found = turned()
    for number in range(10_000):
        found.note(Write(f"x{number}", NOW.encoded, NOW.digest, 2), known(THEN))
    assert not found.back(THEN, known(NOW))
