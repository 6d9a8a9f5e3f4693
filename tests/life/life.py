"""One life: two days, or more, in which everything happens and everything goes wrong."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Literal

import anyio

from lucca_sync.ingest.held import Held
from lucca_sync.simulator import Simulator
from lucca_sync.simulator.world.actions import Restore
from tests.life.company import Company, until
from tests.life.oracle import Oracle, Verdict
from tests.life.truth import moment
from tests.life.weather import LASTING, MINUTES, Spell, days

HOUR = 3600.0
STEPS_A_MINUTE = 0.30103
"""About one changed record a minute: most steps change several. An odd number, so that none falls on the
instant at which something else begins or ends: which of two comes first then is chance."""
_SETTLING = 2.5 * HOUR
_RESTORING = 3.1 * HOUR
"""By then every look has met the restored tenant: no page waits longer than two cycles, of 90 minutes each.
People go back to work once nothing is held any more."""
_LONGEST = 9 * HOUR
"""So long at most: what is held then is reported."""
_ABSENCES_SETTLING = 6.5 * HOUR
"""Wishes and notes about absences have no timestamps that could be asked for: all is read every six hours."""
_PATIENCE = 80 * MINUTES
"""How long the person waits with a set that has not been recognised for what it is."""
_BY_WORD = "employee-attribute-definitions/"
"""Their ids stay when all others move, and what they refer to has really moved."""
LEGACY = ("users", "leaves", "leave-requests")
"""Restorations leave the legacy API alone."""
_OF_LEGACY = ("leave-periods/", *(f"{name}/" for name in LEGACY))


@dataclass
class Life:
    """What happened, and what was found about it."""

    company: Company
    random: Random
    oracle: Oracle = field(default_factory=Oracle)
    verdicts: dict[str, Verdict] = field(default_factory=dict[str, Verdict])
    held: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Resource and reason of what the brake held."""
    met: Counter[str] = field(default_factory=Counter[str])
    """How often each spell was on."""
    unmet: set[str] = field(default_factory=set[str])
    """What went wrong and nobody met."""
    loud: Counter[str] = field(default_factory=Counter[str])
    lies: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Times in which records themselves were shown falsely."""
    believed: set[str] = field(default_factory=set[str])
    """Subjects of which such a lie was told, and taken back later."""
    late: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Resource and reason of what a restoration left held when people had gone back to work, or held then."""
    diary: list[str] = field(default_factory=list[str])
    restored: bool = False
    """Whether the tenant was ever restored."""
    restoring: bool = False
    """Whether people wait for what that did to be settled."""
    _since: int = 0
    _began: int = 0

    async def live(self, hours: float) -> None:
        """Live for so many hours with everything that goes wrong, then through two restorations."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._decide)
            self.company.truth.begin()
            self._since = self._began = len(self.company.receiver.events)
            await self._weather(hours) if hours else None
            await self._settle("life", _SETTLING)
            await self._restore("timestamps")
            await self._restore("ids")
            await anyio.sleep(_ABSENCES_SETTLING)
            self._judge("absences", LEGACY, self._began)
            tasks.cancel_scope.cancel()

    @property
    def simulator(self) -> Simulator:
        """The tenant."""
        return self.company.simulator

    async def _weather(self, hours: float) -> None:
        """Begin with a fair hour; then deal what goes wrong together, until it is time."""
        self.simulator.alive_per_minute = STEPS_A_MINUTE
        await anyio.sleep(HOUR)
        self._change(lambda: self.simulator.misbehave_as(*LASTING))
        await anyio.sleep(HOUR)
        end = self.company.clock.now() + timedelta(hours=hours - 2)
        for together in days(self.random):
            if self.company.clock.now() >= end:
                break
            await self._spells(together)

    async def _spells(self, together: Sequence[Spell]) -> None:
        simulator = self.simulator
        before = Counter(simulator.stats.met)
        quiet = any(spell.quiet for spell in together)
        if quiet:
            simulator.alive_per_minute = 0
            await anyio.sleep(10 * MINUTES)
        self.diary.append(f"{moment(self.company.clock.now())} {', '.join(spell.name for spell in together)}")
        began = moment(self.company.clock.now())
        self._change(partial(_begin, together, simulator))
        await anyio.sleep(max(spell.minutes for spell in together) * MINUTES)
        for spell in together:
            self.met[spell.name] += 1
            self.unmet |= {name for name in spell.met if simulator.stats.met[name] == before[name]}
            spell.end(simulator)
        self.unmet -= {name for name in self.unmet if simulator.stats.met[name]}
        self._change(self._clear)
        if quiet:
            self.lies.append((began, moment(self.company.clock.now())))
        simulator.alive_per_minute = STEPS_A_MINUTE

    def _clear(self) -> None:
        self.simulator.behave()
        self.simulator.misbehave_as(*LASTING)

    def _change(self, change: Callable[[], object]) -> None:
        """Let something go wrong, or right, and note what is true from now on."""
        before = set(self.simulator.misbehaviours.overrides)
        change()
        self.company.truth.look_at(before | set(self.simulator.misbehaviours.overrides))

    async def _settle(self, age: str, seconds: float) -> None:
        """Let nothing happen any more until all must have been told, and judge what was."""
        self.simulator.alive_per_minute = 0
        await anyio.sleep(seconds)
        self._judge(age, (), self._since)

    def _judge(self, age: str, only: tuple[str, ...], since: int) -> None:
        company = self.company
        company.truth.look_again()

        def judged(subject: str) -> bool:
            resource = subject.partition("/")[0]
            if resource == "leave-periods":
                return False
            return resource in only if only else resource not in LEGACY

        history = {subject: moments for subject, moments in company.truth.moments.items() if judged(subject)}
        told = [one for one in company.told(since) if judged(one.subject)]
        verdict = self.oracle.judge(history, told)
        self._forgive(verdict)
        self.verdicts[age] = verdict

    def _forgive(self, verdict: Verdict) -> None:
        """Set aside who was seen alone, or among few, while all records were shown falsely.

        Nothing tells such a record from one that somebody has changed, before a whole page shows the same.
        """
        believed = {
            one.subject
            for one in verdict.findings
            if one.fault == "invented" and any(begin <= one.at <= end for begin, end in self.lies)
        }
        self.believed |= believed
        verdict.findings = [
            one for one in verdict.findings if one.subject not in believed or one.fault == "missing"
        ]

    async def _restore(self, moves: Literal["ids", "timestamps"]) -> None:
        """Put another copy in place; the person takes it as the new baseline. Nobody is told anything."""
        before = len(self.company.receiver.events)
        self.diary.append(f"{moment(self.company.clock.now())} restore {moves}")
        self.simulator.perform(Restore(moves=moves))
        self.restored = self.restoring = True
        await anyio.sleep(_RESTORING)
        with anyio.move_on_after(_LONGEST - _RESTORING):
            while await self._held_by_restoration():  # noqa: ASYNC110 - time is virtual: it costs nothing
                await anyio.sleep(MINUTES)
        self.restoring = False
        self.diary.append(f"{moment(self.company.clock.now())} back to work")
        for told in self.company.told(before):
            if told.subject.startswith(_OF_LEGACY):
                continue  # judged with all others of theirs
            self.oracle.pass_over(told)
            if told.eye != "due" and not told.subject.startswith(_BY_WORD):
                self.loud[f"{moves}: {told.subject} {told.kind} by {told.eye} at {told.recorded}"] += 1
        self.company.truth.begin_anew(LEGACY)
        self._since = len(self.company.receiver.events)
        self.simulator.alive_per_minute = STEPS_A_MINUTE
        await anyio.sleep(HOUR)
        await self._settle(f"after the {moves} moved", _SETTLING)

    async def _decide(self) -> None:
        """Be the person who looks after the brake, as long as the tenant lives.

        What else goes wrong is mended where it went wrong, and comes back by itself. What a restoration shows
        is taken in, untold, whenever it comes to be held.
        """
        while True:
            for resource, held in (await self.company.held()).items():
                self.held[resource, held.reason] += 1
            for resource, held in (await self._held_by_restoration()).items():
                if not self.restoring:
                    self.late[resource, held.reason] += 1
                patience = (self.company.clock.now() - held.since).total_seconds() > _PATIENCE
                if held.verdict is None and (held.reason == "restore" or patience):
                    await self.company.decide(resource, held, "baseline")
            await anyio.sleep(15 * MINUTES)

    async def _held_by_restoration(self) -> Mapping[str, Held]:
        """Return what is held since the tenant was restored, of what the person knows to be concerned."""
        if not self.restored:
            return {}
        held = await self.company.held()
        return {name: one for name, one in held.items() if f"{name}/" not in _OF_LEGACY}

    async def figures(self) -> Sequence[str]:
        """Return what to print about it."""
        company, stats = self.company, self.simulator.stats
        eyes = Counter(event["detectedby"] for event in company.receiver.events)
        return [
            *self.diary,
            *(f"{age}: {_line(verdict)}" for age, verdict in self.verdicts.items()),
            f"eyes: {_counts(eyes)}",
            f"requests: {_counts(company.samples('requests_total', 'purpose'))}; 429s: {stats.throttled}",
            f"spells: {_counts(self.met)}",
            f"met: {_counts(stats.met)}",
            f"held: {_counts(Counter({f'{name} ({why})': n for (name, why), n in self.held.items()}))}",
        ]


def _begin(together: Sequence[Spell], simulator: Simulator) -> None:
    for spell in together:
        spell.begin(simulator)


def _line(verdict: Verdict) -> str:
    return (
        f"{verdict.changes} changes, {verdict.events} events, {verdict.folded} folded, "
        f"{verdict.unseen} taken back unseen, {verdict.learnt} of new fields alone; faults: "
        f"{_counts({str(fault): count for fault, count in verdict.faults.items()}) or 'none'}"
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count)


async def begun(company: Company) -> None:
    """Wait until everything is known."""
    await until(lambda: company.all_known)
