"""Random programs of journal calls, and two journals that run them side by side and must always agree."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, TypeVar

from hypothesis import strategies as st

from lucca_sync.journal.protocol import (
    Claim,
    EventFilter,
    Journal,
    PageItems,
    ResourceName,
    Settlement,
    StoreError,
    SweepCursor,
    Write,
)
from lucca_sync.model.delivery import Lane
from lucca_sync.model.event import Kind
from lucca_sync.testing.events import LANE, NOON
from lucca_sync.testing.journal.scene import LEASE, NAME, digest, page, seen, told, url

T = TypeVar("T")

IDS = ("1", "2", "3")
LANES = (LANE, Lane("another-route", "a-connector"))
NAMES = (NAME, ResourceName("globex", "employees"))
SLOTS = 3
MINUTE = timedelta(minutes=1)


class Disagreement(AssertionError):
    """The two journals answered differently."""


@dataclass
class Pair:
    """The journal to be trusted, the one to be tested, the claims that are out, and what time it is."""

    model: Journal
    tested: Journal
    now: datetime = NOON
    claims: list[tuple[Claim, Claim]] = field(default_factory=list[tuple[Claim, Claim]])

    async def both(self, call: Callable[[Journal], Awaitable[T]]) -> T | str:
        """Make a call on both and return the answer they agree on, or the name of the error."""
        wanted, found = await _answer(call, self.model), await _answer(call, self.tested)
        if wanted != found:
            raise Disagreement(f"wanted {wanted!r}\nfound  {found!r}")
        return wanted

    async def agree(self) -> None:
        """Compare everything that can be asked."""
        wanted, found = await _everything(self.model, self.now), await _everything(self.tested, self.now)
        for question, answer in wanted.items():
            if found[question] != answer:
                raise Disagreement(f"{question}: wanted {answer!r}\nfound  {found[question]!r}")


async def _everything(journal: Journal, now: datetime) -> dict[str, object]:
    answers: dict[str, object] = {"lanes": await journal.lanes()}
    for name in NAMES:
        answers[f"state of {name}"] = await journal.state(name)
        answers[f"heads of {name}"] = await journal.heads(name)
        answers[f"known of {name}"] = await journal.known(name, IDS)
        answers[f"missing of {name}"] = await journal.missing(name, 3)
        answers[f"missing count of {name}"] = await journal.count_missing(name)
        answers[f"ids of {name}"] = [*await journal.ids(name)]
        answers[f"scan of {name}"] = [*await journal.scan(name, None, 100)]
        for slot in range(SLOTS):
            answers[f"items of {name} at {slot}"] = await journal.items(name, slot)
    for lane in LANES:
        answers[f"next due of {lane}"] = await journal.next_due(lane)
        answers[f"ready of {lane}"] = await journal.ready(lane, now=now, limit=2)
    entries = answers["events"] = await journal.events(after=0, limit=999, wanted=EventFilter())
    for entry in entries:
        answers[f"history of {entry.position}"] = await journal.history(entry.position)
    return answers


async def _answer(call: Callable[[Journal], Awaitable[T]], journal: Journal) -> T | str:
    try:
        return await call(journal)
    except (StoreError, ValueError) as error:
        return type(error).__name__


# --- what a program can do ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A record that is to have a value (None: be gone), with or without an event, however many are due to it.

    `slip` makes its sequence wrong.
    """

    record_id: str
    value: str | None
    lanes: tuple[Lane, ...] | None
    slip: int

    async def write(self, pair: Pair, name: ResourceName, earlier: Sequence[Write]) -> Write:
        """Make the write that continues what is stored and the writes before it."""
        known = (await pair.model.known(name, [self.record_id])).get(self.record_id)
        sequence = known.sequence if known else 0
        sequence = next((one.sequence for one in reversed(earlier) if one.id == self.record_id), sequence)
        sequence += self.slip
        if self.lanes is not None:
            kind: Kind = "deleted" if self.value is None else "updated"
            value = self.value or "a"
            return told(
                self.record_id, value, sequence + 1, lanes=self.lanes, kind=kind, name=name, recorded=pair.now
            )
        write = seen(self.record_id, self.value or "a", sequence)
        return write if self.value else replace(write, content=None)


@dataclass(frozen=True)
class Look:
    """A page was seen: these records and these changes. A careless one shows what nobody wrote."""

    name: ResourceName
    slot: int
    shown: tuple[str, ...]
    changes: tuple[Change, ...]
    careless: bool

    async def run(self, pair: Pair) -> None:
        """Commit it; what is changed is shown too, what is gone is not."""
        writes: list[Write] = []
        for change in self.changes if self.careless else (*self.changes, *await self._newcomers(pair)):
            writes.append(await change.write(pair, self.name, writes))
        present = {write.id: write.digest for write in writes if write.content is not None}
        gone = {write.id for write in writes if write.content is None}
        shown = tuple(record_id for record_id in self.shown if record_id not in gone)
        shown += tuple(record_id for record_id in present if record_id not in shown)
        digests = tuple(present.get(record_id, digest(record_id, "a")) for record_id in shown)
        commit = page(self.slot, dict.fromkeys(shown, "a"), writes, name=self.name, at=pair.now)
        commit = replace(commit, items=PageItems(shown, digests))
        await pair.both(lambda journal: journal.commit_page(commit))

    async def _newcomers(self, pair: Pair) -> list[Change]:
        known = await pair.model.known(self.name, self.shown)
        living = {record_id for record_id, record in known.items() if record.content is not None}
        changed = {change.record_id for change in self.changes}
        fresh = dict.fromkeys(self.shown).keys() - living - changed
        return [Change(record_id, "a", None, 0) for record_id in sorted(fresh)]


@dataclass(frozen=True)
class Aside:
    """Records were read alone."""

    name: ResourceName
    changes: tuple[Change, ...]

    async def run(self, pair: Pair) -> None:
        """Commit them."""
        writes: list[Write] = []
        for change in self.changes:
            writes.append(await change.write(pair, self.name, writes))
        await pair.both(lambda journal: journal.commit_writes(self.name, pair.now, writes))


@dataclass(frozen=True)
class Finish:
    """A sweep was completed."""

    name: ResourceName
    pages: int

    async def run(self, pair: Pair) -> None:
        """End it."""
        await pair.both(lambda journal: journal.finish_sweep(self.name, pair.now, self.pages))


@dataclass(frozen=True)
class Move:
    """The cursor was moved or cleared."""

    name: ResourceName
    slot: int | None

    async def run(self, pair: Pair) -> None:
        """Save it."""
        cursor = None if self.slot is None else SweepCursor(pair.now, self.slot, url(self.slot))
        await pair.both(lambda journal: journal.save_cursor(self.name, cursor))


@dataclass(frozen=True)
class Take:
    """Deliveries are claimed."""

    lane: Lane
    limit: int

    async def run(self, pair: Pair) -> None:
        """Claim them; keys are each journal's own affair."""
        claims = [
            await journal.claim(self.lane, now=pair.now, lease=LEASE, limit=self.limit)
            for journal in (pair.model, pair.tested)
        ]
        wanted, found = ([replace(claim, key=0) for claim in side] for side in claims)
        if wanted != found:
            raise Disagreement(f"claims {wanted!r} and {found!r}")
        pair.claims += zip(*claims, strict=True)


@dataclass(frozen=True)
class End:
    """Something became of one of the claims ever made, counted from the last."""

    which: int
    state: Literal["done", "retrying", "parked", "dead"]
    due: int | None

    async def run(self, pair: Pair) -> None:
        """Settle it."""
        if not pair.claims:
            return
        claims = pair.claims[-1 - self.which % len(pair.claims)]
        due = None if self.due is None else pair.now + self.due * MINUTE
        counts = [
            await journal.settle([Settlement(claim.key, claim.attempt, self.state, pair.now, "why", due)])
            for journal, claim in zip((pair.model, pair.tested), claims, strict=True)
        ]
        if counts[0] != counts[1]:
            raise Disagreement(f"settled {counts}")


@dataclass(frozen=True)
class GiveBack:
    """One of the claims ever made, counted from the last, is released."""

    which: int

    async def run(self, pair: Pair) -> None:
        """Release it."""
        if pair.claims:
            first, second = pair.claims[-1 - self.which % len(pair.claims)]
            await pair.model.release([first])
            await pair.tested.release([second])


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    minutes: int

    async def run(self, pair: Pair) -> None:
        """Move the clock."""
        pair.now += self.minutes * MINUTE


@dataclass(frozen=True)
class Prune:
    """Old events are deleted."""

    minutes: int
    limit: int

    async def run(self, pair: Pair) -> None:
        """Delete them."""
        before = pair.now - self.minutes * MINUTE
        await pair.both(lambda journal: journal.prune(before, self.limit))


Step: TypeAlias = Look | Aside | Finish | Move | Take | End | GiveBack | Wait | Prune

_name = st.sampled_from((NAME,) * 9 + NAMES[1:])
_slot = st.integers(0, SLOTS - 1)
_id = st.sampled_from(IDS)
_lane = st.sampled_from(LANES)
_lanes = st.one_of(
    st.none(), st.just(()), st.just(LANES), st.just((LANE,)), st.lists(_lane, max_size=3).map(tuple)
)
_change = st.builds(
    Change,
    record_id=_id,
    value=st.sampled_from(("a", "b", "c", None)),
    lanes=_lanes,
    slip=st.sampled_from((0,) * 20 + (-1, 1)),
)


_looks = st.builds(
    Look,
    name=_name,
    slot=_slot,
    shown=st.lists(_id, max_size=3).map(tuple),
    changes=st.one_of(
        st.just(()), st.lists(_change, max_size=2, unique_by=lambda change: change.record_id).map(tuple)
    ),
    careless=st.sampled_from((False,) * 9 + (True,)),
)
_aside = st.builds(Aside, name=_name, changes=st.lists(_change, min_size=1, max_size=3).map(tuple))
_take = st.builds(Take, lane=_lane, limit=st.integers(1, 4))
_end = st.builds(
    End,
    which=st.sampled_from((0, 0, 1, 1, 2, 3, 5, 8)),
    state=st.sampled_from(("done", "retrying", "parked", "dead")),
    due=st.one_of(st.none(), st.integers(0, 3)),
)
_rarely = st.one_of(
    st.builds(Finish, name=_name, pages=st.integers(0, SLOTS)),
    st.builds(Move, name=_name, slot=st.one_of(st.none(), _slot)),
    st.builds(GiveBack, which=st.sampled_from((0, 0, 1, 1, 2, 3, 5, 8))),
    st.builds(Wait, minutes=st.integers(1, 3)),
    st.builds(Prune, minutes=st.integers(-1, 2), limit=st.integers(1, 3)),
)
_news = st.builds(
    Change, record_id=_id, value=st.just("a"), lanes=st.sampled_from((LANES, (LANE,))), slip=st.just(0)
)
_told = st.builds(Aside, name=st.just(NAME), changes=st.lists(_news, min_size=1, max_size=4).map(tuple))
looking: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(_looks, _looks, _aside, _rarely), min_size=10, max_size=40
)
_round = st.tuples(_told, _take, _end, _end)
delivering: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(_round, _round, st.tuples(_take, _end), st.tuples(_rarely)), min_size=4, max_size=12
).map(lambda rounds: [step for steps in rounds for step in steps])
