"""One life: two days, or a month, in which everything happens and everything goes wrong, told hour by hour."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import anyio

from lucca_sync.simulator.world.actions import Restore
from tests.life.company import Company, until
from tests.life.oracle import Oracle, Verdict
from tests.life.truth import moment
from tests.life.weather import LASTING, MINUTES, Spell, spells

HOUR = 3600.0
STEPS_A_MINUTE = 0.3
"""About one changed record a minute: most steps change several."""
_SETTLING = 3 * HOUR
_ABSENCES_SETTLING = 6.5 * HOUR
"""Wishes and notes about absences have no timestamps that could be asked for: all is read every six hours."""
_PATIENCE = 100 * MINUTES
"""How long the person lets a set grow that has not been recognised for what it is."""
_BY_WORD = "employee-attribute-definitions/"
"""Their ids stay when all others move, and what they refer to has really moved."""
LEGACY = ("users", "leaves", "leave-requests")


@dataclass
class Life:
    """What happened, and what was found about it."""

    company: Company
    random: Random
    oracle: Oracle = field(default_factory=Oracle)
    verdicts: dict[str, Verdict] = field(default_factory=dict[str, Verdict])
    held: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Resource and reason of what the brake held."""
    unmet: list[str] = field(default_factory=list[str])
    """Spells that nobody met."""
    loud: Counter[str] = field(default_factory=Counter[str])
    diary: list[str] = field(default_factory=list[str])
    restoring: bool = False
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
    def simulator(self):  # noqa: ANN201
        return self.company.simulator

    async def _weather(self, hours: float) -> None:
        """Deal spell after spell; half of the time two are on together."""
        end = self.company.clock.now().timestamp() + hours * HOUR
        for spell in spells(self.random):
            if self.company.clock.now().timestamp() >= end:
                break
            await self._spell(spell)

    async def _spell(self, spell: Spell) -> None:
        simulator = self.simulator
        before, events = Counter(simulator.stats.met), len(self.company.receiver.events)
        if spell.quiet:
            simulator.alive_per_minute = 0
            await anyio.sleep(10 * MINUTES)
        self.diary.append(f"{moment(self.company.clock.now())} {spell.name}")
        spell.begin(simulator)
        self.company.truth.look_again()
        if not spell.quiet:
            simulator.alive_per_minute = STEPS_A_MINUTE
        await anyio.sleep(spell.minutes * MINUTES)
        missed = [name for name in spell.met if simulator.stats.met[name] == before[name]]
        self.unmet += [f"{spell.name}: {name}" for name in missed]
        simulator.behave()
        spell.end(simulator)
        simulator.misbehave_as(*LASTING)
        self.company.truth.look_again()
        simulator.alive_per_minute = STEPS_A_MINUTE

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
        self.verdicts[age] = self.oracle.judge(history, told)

    async def _restore(self, moves: str) -> None:
        """Put an older copy in place; the person takes it as the new baseline. Nobody is told anything."""
        before = len(self.company.receiver.events)
        self.diary.append(f"{moment(self.company.clock.now())} restore {moves}")
        self.simulator.perform(Restore(moves=moves))
        self.restoring = True
        await anyio.sleep(_SETTLING)
        self.restoring = False
        for told in self.company.told(before):
            self.oracle.pass_over(told)
            if not told.subject.startswith(_BY_WORD):
                self.loud[f"{moves}: {told.subject} {told.kind} by {told.eye} at {told.recorded}"] += 1
        self.company.truth.begin_anew(LEGACY)
        self._since = len(self.company.receiver.events)
        self.simulator.alive_per_minute = STEPS_A_MINUTE
        await anyio.sleep(2 * HOUR)
        await self._settle(f"after the {moves} moved", _SETTLING)

    async def _decide(self) -> None:
        """Be the person who looks after the brake: only what a restoration shows is let in, untold."""
        while True:
            for resource, held in (await self.company.held()).items():
                self.held[resource, held.reason] += 1
                patience = (self.company.clock.now() - held.since).total_seconds() > _PATIENCE
                if self.restoring and held.verdict is None and (held.reason == "restore" or patience):
                    await self.company.decide(resource, held, "baseline")
            await anyio.sleep(5 * MINUTES)


async def begun(company: Company) -> None:
    """Wait until everything is known."""
    await until(lambda: company.all_known)
