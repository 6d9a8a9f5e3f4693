"""Judges a run in which everything broke: what was changed was delivered, what was delivered was changed.

Pure: knows no process, store or socket. `judge` gets what happened, what arrived, and what the store holds.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from tests.life.oracle import Moment, Oracle, Told
from tests.life.oracle import Verdict as Walked
from tests.life.states import State

Law: TypeAlias = Literal[
    "conserved", "intact", "identified", "ordered", "settled", "fresh", "derived", "void"
]
"""Every change arrived or stands visibly, and nothing else did · same id, same bytes, signed · same change,
same id · per subject no step back · what the store calls done, the target has · after the faults an event
passes · business events are those that follow from the changes told, each once, and arrived · the run saw
faults, sudden ends, repeats and acknowledgements."""
Seen: TypeAlias = Literal["faults", "ends", "repeats", "acknowledgements"]
EVERYTHING: frozenset[Seen] = frozenset({"faults", "ends", "repeats", "acknowledgements"})
"""What a run must have seen, or it has proved nothing."""
VISIBLE = frozenset({"pending", "in_flight", "retrying", "parked", "dead"})
"""States in which an undelivered event is not lost: the store shows it."""


@dataclass(frozen=True)
class Route:
    """What one route wants: of which resources, and which of their fields; None is all."""

    name: str
    resources: frozenset[str] | None = None
    fields: frozenset[str] | None = None

    def wants(self, subject: str) -> bool:
        """Tell whether the route is about a subject at all."""
        return self.resources is None or subject.partition("/")[0] in self.resources

    def shown(self, state: State) -> State:
        """Return what the route shows of a state."""
        if state is None or self.fields is None:
            return state
        kept = {name: value for name, value in msgspec.json.decode(state).items() if name in self.fields}
        return msgspec.json.encode(kept, order="deterministic")


class Arrival(NamedTuple):
    """One attempt as the target saw it. `kept`: it has the event. `acknowledged`: and it has said so."""

    route: str
    told: Told
    digest: str
    kept: bool = True
    acknowledged: bool = True
    verified: bool = True


class Stored(NamedTuple):
    """One delivery in the store after the run."""

    route: str
    told: Told
    state: str


@dataclass
class Run:
    """What happened. `calm` is how many arrivals there were when the faults had ended; `fresh` changed then.

    `history` has each subject's true states; `faults` counts what went wrong by kind, `ends` sudden ends.
    """

    history: Mapping[str, Sequence[Moment]]
    arrivals: Sequence[Arrival]
    stored: Sequence[Stored] = ()
    faults: Counter[str] = field(default_factory=Counter[str])
    ends: Counter[str] = field(default_factory=Counter[str])
    fresh: Collection[str] = ()
    calm: int = 0
    business: "Derived | None" = None


@dataclass(frozen=True)
class Derived:
    """Business events by id, each with what it says: `told` of the run, `due` where nothing disturbs.

    `raw` are the ids of the changes, `route` is the one that wants all of them.
    """

    route: str
    told: Mapping[str, "Announced"]
    due: Mapping[str, "Announced"]
    raw: Collection[str]


class Announced(NamedTuple):
    """What a business event says: what happens to whom, on which day, and because of which changes."""

    name: str
    person: str
    on: str
    because: tuple[str, ...]


class Finding(NamedTuple):
    """A law that was broken, on which route and about which subject."""

    law: Law
    route: str
    subject: str
    detail: str


@dataclass
class Figures:
    """The run in numbers. Of the changes some were folded into one event with others, or undone unseen.

    `announced` are the business events by name, `compared` those that follow where nothing disturbs.
    """

    changes: int = 0
    events: int = 0
    deliveries: int = 0
    attempts: int = 0
    repeats: int = 0
    acknowledged: int = 0
    announced: Counter[str] = field(default_factory=Counter[str])
    compared: int = 0
    folded: int = 0
    unseen: int = 0
    standing: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    ends: Counter[str] = field(default_factory=Counter[str])

    def lines(self) -> Iterator[str]:
        """Say it, a figure a line."""
        for name in ("changes", "events", "deliveries", "attempts", "repeats", "acknowledged"):
            yield f"{name}: {getattr(self, name):,}"
        yield f"told together with others: {self.folded:,}; taken back before any look: {self.unseen:,}"
        yield f"business events that follow where nothing disturbs: {self.compared:,}"
        for name, counts in (
            ("business events told", self.announced),
            ("sudden ends", self.ends),
            ("faults", self.faults),
            ("left open", self.standing),
        ):
            told = ", ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items()))
            yield f"{name}: {counts.total():,}{f' ({told})' if told else ''}"


@dataclass
class Verdict:
    """Which laws were broken, and the figures."""

    findings: list[Finding]
    figures: Figures

    def __str__(self) -> str:
        broken = Counter(finding.law for finding in self.findings)
        shown = (f"{one.law}: {one.route}: {one.subject}: {one.detail}" for one in self.findings[:12])
        return "\n".join((f"broken: {dict(broken) or 'nothing'}", *shown, *self.figures.lines()))


def judge(run: Run, routes: Collection[Route], seen: Collection[Seen] = EVERYTHING) -> Verdict:
    """Hold a run against every law. `seen` names what it must have seen at least once."""
    figures = _figures(run, {route.name for route in routes})
    findings = [
        *chain.from_iterable(_conserved(run, route, figures) for route in routes),
        *_intact(run.arrivals),
        *_identified(run),
        *_ordered(run, {route.name for route in routes if route.fields is None}),
        *_settled(run, {route.name for route in routes}),
        *_fresh(run, routes),
        *_derived(run),
        *_void(figures, seen),
    ]
    return Verdict(findings, figures)


def _figures(run: Run, routes: Collection[str]) -> Figures:
    delivered = {(one.route, one.told.id) for one in run.arrivals if one.kept}
    attempted = {(one.route, one.told.id) for one in run.arrivals}
    return Figures(
        changes=sum(len(moments) - 1 for moments in run.history.values()),
        events=len({one.told.id for one in _seen(run)}),
        deliveries=len(delivered),
        attempts=len(run.arrivals),
        repeats=len(run.arrivals) - len(attempted),
        acknowledged=sum(one.acknowledged for one in run.arrivals),
        announced=Counter(_name(one) for one in run.business.told.values()) if run.business else Counter(),
        compared=len(run.business.due) if run.business else 0,
        standing=Counter(one.state for one in run.stored if one.state in VISIBLE and one.route in routes),
        faults=run.faults,
        ends=run.ends,
    )


def _name(one: Announced) -> str:
    return one.name.partition(" ")[0]


def _seen(run: Run) -> Iterator[Arrival | Stored]:
    yield from run.arrivals
    yield from run.stored


def _conserved(run: Run, route: Route, figures: Figures) -> Iterator[Finding]:
    """Walk each subject along its true states by what the target kept, or what visibly waits for it."""
    told = {one.told.id: one.told for one in run.stored if one.route == route.name and one.state in VISIBLE}
    told = {name: _cut(route, one) for name, one in told.items()}
    told |= {one.told.id: one.told for one in run.arrivals if one.route == route.name and one.kept}
    history = {
        subject: _changes(route, moments) for subject, moments in run.history.items() if route.wants(subject)
    }
    in_order = sorted(told.values(), key=lambda one: one.sequence)
    walked = Oracle(gapless=route.fields is None).judge(history, in_order)
    _count(walked, figures)
    if walked.learnt:
        yield Finding("conserved", route.name, "", f"{walked.learnt} events tell of no change")
    for found in walked.findings:
        yield Finding("conserved", route.name, found.subject, f"{found.fault}: {found.detail}")


def _count(walked: Walked, figures: Figures) -> None:
    """Take over from the route that is told most."""
    figures.folded = max(figures.folded, walked.folded)
    figures.unseen = max(figures.unseen, walked.unseen)


def _cut(route: Route, told: Told) -> Told:
    return Told(
        told.id,
        told.subject,
        told.kind,
        told.sequence,
        told.recorded,
        route.shown(told.previous),
        route.shown(told.record),
        told.eye,
    )


def _changes(route: Route, moments: Sequence[Moment]) -> Sequence[Moment]:
    """Return a subject's states as a route shows them: a change of what it hides is none."""
    kept: list[Moment] = []
    for moment in moments:
        state = route.shown(moment.state)
        if not kept or kept[-1].state != state:
            kept.append(Moment(moment.since, state))
    return kept


def _intact(arrivals: Iterable[Arrival]) -> Iterator[Finding]:
    digests: dict[tuple[str, str], str] = {}
    for one in arrivals:
        if not one.verified:
            yield Finding("intact", one.route, one.told.subject, f"{one.told.id} is not rightly signed")
        if digests.setdefault((one.route, one.told.id), one.digest) != one.digest:
            yield Finding("intact", one.route, one.told.subject, f"{one.told.id} came with other bytes")


def _identified(run: Run) -> Iterator[Finding]:
    """One id for a subject's nth event, on whichever route and however often; and no id for two."""
    ids: dict[tuple[str, int], str] = {}
    places: dict[str, tuple[str, int]] = {}
    for one in _seen(run):
        told, place = one.told, (one.told.subject, one.told.sequence)
        if ids.setdefault(place, told.id) != told.id:
            yield Finding("identified", one.route, told.subject, f"number {told.sequence} has two ids")
        if places.setdefault(told.id, place) != place:
            yield Finding("identified", one.route, told.subject, f"{told.id} stands for two events")


def _ordered(run: Run, gapless: Collection[str]) -> Iterator[Finding]:
    """Only the last event of a subject may come again; only over dead letters is one passed."""
    reached: dict[tuple[str, str], int] = defaultdict(int)
    dead = {(one.route, one.told.subject, one.told.sequence) for one in run.stored if one.state == "dead"}
    for one in run.arrivals:
        place, number = (one.route, one.told.subject), one.told.sequence
        before = reached[place]
        missed = {(*place, passed) for passed in range(before + 1, number)}
        if number < before or (one.route in gapless and missed - dead):
            yield Finding("ordered", *place, f"number {number} after {before}")
        reached[place] = max(number, before)


def _settled(run: Run, routes: Collection[str]) -> Iterator[Finding]:
    kept = {(one.route, one.told.id) for one in run.arrivals if one.kept}
    for one in run.stored:
        if one.state == "done" and one.route in routes and (one.route, one.told.id) not in kept:
            yield Finding("settled", one.route, one.told.subject, f"number {one.told.sequence} never arrived")


def _fresh(run: Run, routes: Iterable[Route]) -> Iterator[Finding]:
    """Each of the fresh subjects' last states must have come after the faults, wherever it is wanted."""
    late = {(one.route, one.told.subject, one.told.record) for one in run.arrivals[run.calm :] if one.kept}
    if not run.fresh:
        yield Finding("fresh", "", "", "nothing was changed after the faults")
    for route in routes:
        for subject in filter(route.wants, run.fresh):
            if (route.name, subject, route.shown(run.history[subject][-1].state)) not in late:
                yield Finding("fresh", route.name, subject, "did not come after the faults")


def _derived(run: Run) -> Iterator[Finding]:
    """Hold what was announced against what should have been, and against what arrived."""
    business = run.business
    if business is None:
        return
    arrived = {one.told.id for one in run.arrivals if one.route == business.route and one.kept}
    first: dict[Announced, str] = {}
    for name, one in business.told.items():
        if first.setdefault(one, name) != name:
            yield Finding("derived", business.route, one.person, f"{one.name} is told under two ids")
        if not set(one.because) <= set(business.raw):
            yield Finding("derived", business.route, one.person, f"{one.name} is because of no change")
        if name not in arrived:
            yield Finding("derived", business.route, one.person, f"{one.name} never arrived")
    for name in arrived - business.told.keys():
        yield Finding("derived", business.route, "", f"{name} arrived and is not in the store")
    for name in business.told.keys() ^ business.due.keys():
        one = business.told.get(name) or business.due[name]
        fault = "is told and does not follow" if name in business.told else "follows and is not told"
        yield Finding("derived", business.route, one.person, f"{one.name} on {one.on or 'no day'} {fault}")
    for name in business.told.keys() & business.due.keys():
        if (one := business.told[name]) != business.due[name]:
            yield Finding(
                "derived", business.route, one.person, f"{one.name} says another thing where nothing disturbs"
            )


def _void(figures: Figures, seen: Collection[Seen]) -> Iterator[Finding]:
    counted: Mapping[Seen, Callable[[], int]] = {
        "faults": figures.faults.total,
        "ends": figures.ends.total,
        "repeats": lambda: figures.repeats,
        "acknowledgements": lambda: figures.acknowledged,
    }
    for what in sorted(seen):
        if not counted[what]():
            yield Finding("void", "", "", f"the run saw no {what}")
