"""Draws names, numbers and addresses for people who do not exist."""

import unicodedata
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from lucca_sync.simulator.world import names

ItemT = TypeVar("ItemT")
_STROKES = str.maketrans({"ł": "l", "ø": "o", "ı": "i"})
_SHORT_MONTH = 28


class Invention:
    """Makes things up; the same random source gives the same things in the same order."""

    def __init__(self, random: Random) -> None:
        self._draw = random.random

    def chance(self, probability: float) -> bool:
        """Say yes as often as asked."""
        return self._draw() < probability

    def between(self, low: int, high: int) -> int:
        """Draw a whole number, both bounds included."""
        return low + int(self._draw() * (high - low + 1))

    def one_of(self, items: Sequence[ItemT]) -> ItemT:
        """Draw one item."""
        return items[int(self._draw() * len(items))]

    def another(self, items: Sequence[ItemT], than: ItemT) -> ItemT:
        """Draw an item that differs from the present one, as long as there is any."""
        return self.one_of([item for item in items if item != than] or items)

    def given_name(self) -> str:
        """Draw a given name."""
        return self.one_of(names.GIVEN)

    def family_name(self, than: str = "") -> str:
        """Draw a family name other than the present one."""
        return self.another(names.FAMILY, than) if than else self.one_of(names.FAMILY)

    def phone(self) -> str:
        """Draw a mobile number from the range that the French regulator keeps for fiction."""
        return f"+3363998{self.between(0, 9999):04}"

    def birth_day(self) -> tuple[int, int]:
        """Draw a day and a month."""
        return self.between(1, _SHORT_MONTH), self.between(1, 12)


_plain_names: dict[str, str] = {}


def email_of(given: str, family: str, number: int) -> str:
    """Return the professional address of a person; the number keeps namesakes apart."""
    return f"{_plain(given)}.{_plain(family)}{number}@example.org"


def _plain(name: str) -> str:
    """Fold a name to lower-case ASCII letters."""
    if name not in _plain_names:
        folded = unicodedata.normalize("NFKD", name.casefold()).translate(_STROKES)
        _plain_names[name] = "".join(letter for letter in folded if letter.isascii() and letter.isalpha())
    return _plain_names[name]
