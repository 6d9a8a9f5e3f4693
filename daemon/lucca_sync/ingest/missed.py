"""Whether Lucca's own telling, by webhook or feed, has missed a change that another eye found.

Pure. Only said of changes that they tell of, that bear a time of their own, and that are old enough: an eye
that was merely faster has found nothing that was missed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeAlias, get_args

from lucca_sync.model.catalogue import Resource
from lucca_sync.model.event import Event

Teller: TypeAlias = Literal["hint", "feed"]

TELLERS: Final[tuple[Teller, ...]] = get_args(Teller)
GRACE: Final = timedelta(minutes=5)
"""How long Lucca may take to tell of a change, and we to look."""


class Attention(Protocol):
    """Knows since when Lucca tells us of changes."""

    def working_since(self, eye: Teller) -> datetime | None:
        """Return since when hints, or the feed, have been coming without a break; None when they don't."""
        ...


class Inattentive:
    """Nobody is listening."""

    def working_since(self, eye: Teller) -> datetime | None:
        """Return None."""
        del eye
        return None


def missed_by(event: Event, resource: Resource, attention: Attention) -> Iterator[Teller]:
    """Give who should have told of a change before it was found."""
    untimed = event.happened >= event.recorded
    if resource.topic is None or untimed or event.recorded - event.happened <= GRACE:
        return
    for teller in TELLERS:
        since = attention.working_since(teller)
        if event.detected_by != teller and since is not None and since <= event.happened:
            yield teller
