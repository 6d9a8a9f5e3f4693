"""How soon a deletion is seen: by counts and a search where pages have numbers, else as pages pass."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bench.company import EIGHT
from bench.detection import NOTHING_ELSE, Row
from bench.models import Delays, scan, uniform
from bench.simulation import Plan
from lucca_sync.app.tenancy import URGENT_SHARE
from lucca_sync.model.catalogue import CATALOGUE

EMPLOYEES: Final = 10_000
SORTED: Final = tuple(name for name in EIGHT if CATALOGUE[name].sort == "id")
"""Resources that are listed in the order of their ids: elsewhere a page proves nothing."""
WANTED: Final = Delays(13.0, 20.0, 13.0)
_DELETED: Final = 250
_QUIET: Final = 600.0
"""Seconds between two deletions: as many in one sweep as the brake lets pass by default."""


def rows(employees: int = EMPLOYEES, scale: float = 1.0) -> Iterator[Row]:
    """Give the lines: with counts as often as the limit allows, by passing pages alone, by default."""
    count = math.ceil(_DELETED * scale)
    unbraked = {"brake": {"deletions": {"count": 1_000_000, "share": 1}}}
    often = Plan(
        employees,
        every="7d",
        eyes={**NOTHING_ELSE, "count": "16s"},
        reserve=URGENT_SHARE,
        numbered=True,
        section=unbraked,
    )
    yield Row("counts every 16 s, pages numbered", often, WANTED, SORTED, 300.0, _QUIET, count, "delete")
    passing = Plan(employees, every="1s", eyes=NOTHING_ELSE, section=unbraked)
    cycle = 2 * scan(employees, len(EIGHT)).mean
    proof = uniform(cycle)
    yield Row("gap proof alone", passing, proof, SORTED, cycle * 1.1, _QUIET, count, "delete")
    usual = Plan(employees, requests_per_minute=30, reserve=URGENT_SHARE, numbered=True)
    yield Row("defaults, pages numbered", usual, None, SORTED, 3600.0, _QUIET, count, "delete")
    unnumbered = replace(usual, numbered=False)
    yield Row("defaults, not numbered", unnumbered, None, SORTED, 3600.0, _QUIET, count, "delete")
