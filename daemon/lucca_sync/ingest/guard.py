"""The guard: whether what was seen is believable enough to become events by itself, and why it is not.

Pure. A lost scope or a revoked HR section looks exactly like mass deletion (HTTP 200, nothing there), a
restored sandbox like a thousand changes: such things are held until the rows return or a person decides.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

Reason: TypeAlias = Literal[
    "many", "emptied", "restore", "scope-lost", "establishment-lost", "sections-lost", "nulled"
]
"""Why a held set looks odd.

- `many`: more records at once than the thresholds allow, and nothing else is known about them.
- `emptied`: a resource that had rows shows none.
- `restore`: nearly all ids are others, or the clocks of most rows went back: an older copy was put in place.
- `scope-lost`: as `emptied` or `many`, while others still show rows, or Lucca answered 403 meanwhile.
- `establishment-lost`: all that a business establishment had went from view together.
- `sections-lost`: all attributes of several definitions went from view together: the HR sections pitfall.
- `nulled`: one field lost its value on nearly all rows.
"""

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
_GRAVITY: Final[tuple[Reason, ...]] = (
    "many",
    "nulled",
    "emptied",
    "scope-lost",
    "sections-lost",
    "establishment-lost",
    "restore",
)
_FEWEST: Final = 10
"""Rows that must agree before a page says something about the whole resource."""
_FEWEST_OF_ALL: Final = 2
"""The same where the page is the whole resource."""
_STRANGERS: Final = 5
_NEARLY_ALL: Final = 0.9
_RETURNED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Threshold:
    """Trips when more than `count` records and more than `share` of the resource (0 to 1) are concerned."""

    count: int
    share: float

    def trips(self, concerned: int, of: int) -> bool:
        """Tell whether `concerned` records out of `of` are too many to believe."""
        return concerned > self.count and concerned > self.share * of


DELETIONS: Final = Threshold(count=10, share=0.05)
CHANGES: Final = Threshold(count=100, share=0.5)


@dataclass(frozen=True, slots=True)
class Showing:
    """A page beside what we had, in numbers.

    Of its `rows`, `known` have a living snapshot; `back` of those show an older clock than it, or another
    instant of their creation. `former` rows stood here at the last look, and `vanished` of those are not
    among today's. `whole`: they were all of the resource. `listed`: the rows were not chosen by who changed.
    """

    rows: int
    known: int
    back: int = 0
    former: int = 0
    vanished: int = 0
    whole: bool = False
    listed: bool = True


def deletions_held(missing: int, records: int, threshold: Threshold) -> bool:
    """Tell whether `missing` of `records` living records are held instead of confirmed one by one."""
    return missing > 0 and (missing >= records or threshold.trips(missing, records))


def looks_restored(page: Showing) -> bool:
    """Tell whether a page looks as if somebody had put an older, or another, copy in place of the tenant."""
    fewest = _FEWEST_OF_ALL if page.whole else _FEWEST
    if page.back >= fewest and page.back * 2 >= page.known:
        return True
    return (
        nearly_all(page.rows - page.known, page.rows)
        and nearly_all(page.vanished, page.former)
        and min(page.rows, page.former) >= fewest
    )


def looks_replaced(page: Showing) -> bool:
    """Tell whether a page shows so many strangers that it is worth a look if anybody we know is left."""
    strangers = page.rows - page.known
    return strangers >= _STRANGERS and nearly_all(strangers, page.rows)


def nulled_fields(nulled: Iterable[Collection[str]], page: Showing) -> frozenset[str]:
    """Return the fields that lost their value on nearly all rows of a page; `nulled` has each row's."""
    if not page.listed:
        return frozenset()
    counts = Counter(field for fields in nulled for field in fields)
    fewest = max(_FEWEST, page.known * _NEARLY_ALL)
    return frozenset(field for field, count in counts.items() if count >= fewest)


def nearly_all(part: int, of: int) -> bool:
    """Tell whether a part is nearly the whole; never of nothing."""
    return of > 0 and part >= of * _NEARLY_ALL


def replaced(missing: int, records: int) -> bool:
    """Tell whether so much of a resource is missing that new records will be others in place of them."""
    return missing >= _FEWEST and nearly_all(missing, records)


def returned(left: int, held: int) -> bool:
    """Tell whether so few of what was held are left that the rest may be believed."""
    return left <= held * _RETURNED


def outgrown(now: int, agreed: int) -> bool:
    """Tell whether a set has grown by more than half since a person decided about it."""
    return now * 2 > agreed * 3


def graver(one: Reason, other: Reason) -> Reason:
    """Return the reason that says more: a number says least, and emptiness less than why."""
    return one if _GRAVITY.index(one) > _GRAVITY.index(other) else other
