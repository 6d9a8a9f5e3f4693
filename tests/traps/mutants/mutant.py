"""What a mutant is. Knows none."""

from typing import Final, NamedTuple

INGEST: Final = "daemon/lucca_sync/ingest"
LUCCA: Final = "daemon/lucca_sync/lucca"
MODEL: Final = "daemon/lucca_sync/model"


class Mutant(NamedTuple):
    """A protection taken out: against a trap in Lucca's API, by number, or of a promise, such as `P1`.

    `old` stands once in `file`; with `new` in its place `test` fails. Paths are from the repository's root,
    `test` is a node id.
    """

    trap: int | str
    file: str
    old: str
    new: str
    test: str
