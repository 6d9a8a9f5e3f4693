"""What all actions have in common: they can be written as JSON, told apart by their word."""

from typing import TYPE_CHECKING

from msgspec import Struct

from lucca_sync.simulator.world.days import day_number
from lucca_sync.simulator.world.edit import Refused

if TYPE_CHECKING:
    from lucca_sync.simulator.world.edit import Edit


class Act(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="action"):
    """Something that happens in the company; whatever is left out is invented."""

    @property
    def what(self) -> str:
        """The word for it."""
        return str(self.__struct_config__.tag)

    def apply(self, edit: "Edit") -> None:
        """Make the change; raise `Refused` before touching anything if it makes no sense."""
        raise Refused(f"nothing is known of {self.what} by {edit.now}")


def day_or(text: str | None, otherwise: int) -> int:
    """Read a date that may be left out."""
    if text is None:
        return otherwise
    try:
        return day_number(text)
    except ValueError:
        raise Refused("a date is written like 2026-11-22") from None
