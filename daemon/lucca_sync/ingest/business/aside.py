"""People whose events cannot be folded, by a fault of ours: set aside, so that everybody else's go on.

Who is set aside is a note in the store. They are taken up where they stand whenever a daemon begins, and
every hour; until then retention removes nothing that is still to be read of them. No record's value is kept.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias, TypeVar

import msgspec
import structlog

from lucca_sync.ingest.business.cursor import ASIDE
from lucca_sync.journal.protocol import Journal, StoreError
from lucca_sync.kit.clock import Clock

Item = TypeVar("Item")
PutAside: TypeAlias = Callable[[str, Exception, Collection[str]], Awaitable[None]]
"""Sets somebody aside for a fault; the resources are those whose baseline was not taken in."""

_LOG: Final = structlog.get_logger("lucca_sync.ingest")
_AGAIN: Final = timedelta(hours=1)
_MOST: Final = 1_000
"""What breaks down for more people than this is no matter of single ones."""


class TooManyAside(Exception):
    """So many people cannot be folded that nobody's events are told any more until that is mended."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Where somebody stands: all of theirs up to `position` was folded.

    What comes next was recorded at `since`. `tried` is when that was last attempted, `fault` what kind of
    exception came of it. Of `unseeded` resources the baseline was not taken in.
    """

    position: int
    since: datetime
    tried: datetime
    fault: str
    unseeded: tuple[str, ...] = ()


@dataclass(slots=True)
class Asides:
    """Those who are set aside in one tenant. Some of them may just be taken up again."""

    journal: Journal
    tenant: str
    clock: Clock
    _all: dict[str, Aside] = field(default_factory=dict[str, Aside])
    _trying: set[str] = field(default_factory=set[str])

    def __contains__(self, person: object) -> bool:
        return person in self._all

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, person: str) -> Aside:
        return self._all[person]

    def waits(self, person: str) -> bool:
        """Tell whether somebody is set aside and not being taken up."""
        return person in self._all and person not in self._trying

    async def learn(self) -> None:
        """Read who is set aside, to take all of them up again."""
        prefix = _key(self.tenant, "")
        notes = await self.journal.notes(prefix)
        self._all = {key.removeprefix(prefix): _DECODER.decode(note) for key, note in notes.items()}
        self._trying = set(self._all)

    def take_up(self) -> Mapping[str, Aside]:
        """Return whom it is time to try again, and let their events be read."""
        now = self.clock.now()
        due = {who for who, one in self._all.items() if self.waits(who) and abs(now - one.tried) >= _AGAIN}
        self._trying |= due
        return {who: self._all[who] for who in due}

    @property
    def standing(self) -> Collection[Aside]:
        """How everybody who is set aside stands."""
        return self._all.values()

    @property
    def taken_up(self) -> Mapping[str, Aside]:
        """Those who are being taken up."""
        return {who: self._all[who] for who in sorted(self._trying)}

    async def put(
        self, person: str, position: int, since: datetime, error: Exception, unseeded: Collection[str] = ()
    ) -> None:
        """Set somebody aside, before the cursor passes what is still to be folded of theirs."""
        _LOG.error("person_set_aside", tenant=self.tenant, employee=person, exc_info=error)
        one = Aside(position, since, self.clock.now(), type(error).__name__, tuple(unseeded))
        before = self._all.get(person)
        if before is None and len(self._all) >= _MOST:
            raise TooManyAside from error
        await self._write(person, one if before is None else _both(before, one))
        self._trying.discard(person)

    async def move_back(self, person: str, position: int, recorded: datetime) -> None:
        """Mind an event of somebody who is set aside that stands before those already waited for."""
        one = self._all[person]
        if position <= one.position:
            earlier = Aside(position - 1, min(one.since, recorded), one.tried, one.fault, one.unseeded)
            await self._write(person, earlier)

    async def seeded(self, person: str) -> None:
        """Mind that somebody's baselines were taken in after all."""
        one = self._all[person]
        if one.unseeded:
            await self._write(person, Aside(one.position, one.since, one.tried, one.fault))

    async def release(self, unfolded: Callable[[str], bool]) -> None:
        """Let those go on like everybody who were taken up, and of whom nothing is unfolded any more."""
        for person in [who for who in sorted(self._trying) if not unfolded(who)]:
            await self.journal.drop_note(_key(self.tenant, person))
            del self._all[person]
            self._trying.discard(person)
            _LOG.info("person_taken_up", tenant=self.tenant, employee=person)

    async def _write(self, person: str, one: Aside) -> None:
        await self.journal.write_note(_key(self.tenant, person), msgspec.json.encode(one))
        self._all[person] = one


async def each_alone(
    items: Sequence[Item],
    act: Callable[[Sequence[Item]], Awaitable[None]],
    at_fault: Callable[[Item, Exception], Awaitable[None]],
) -> None:
    """Act on all at once; where that breaks down, on each alone, to find whose the fault is.

    A store that fails is nobody's, nor is a machine without memory.
    """
    try:
        await act(items)
    except (StoreError, MemoryError, TooManyAside):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is: it is found out whose
        if len(items) == 1:
            await at_fault(items[0], error)
            return
        for item in items:
            await each_alone([item], act, at_fault)


def aside_of(notes: Mapping[str, bytes], tenant: str, person: str) -> Aside | None:
    """Return how somebody was set aside, from the notes under `ASIDE`; None when they were not."""
    note = notes.get(_key(tenant, person))
    return None if note is None else _DECODER.decode(note)


def _both(one: Aside, other: Aside) -> Aside:
    """Keep the earlier place: reading more again does no harm."""
    first = min(one, other, key=lambda aside: aside.position)
    unseeded = tuple(sorted({*one.unseeded, *other.unseeded}))
    return Aside(first.position, min(one.since, other.since), other.tried, other.fault, unseeded)


def _key(tenant: str, person: str) -> str:
    return f"{ASIDE}{tenant}/{person}"


_DECODER: Final = msgspec.json.Decoder(Aside)
