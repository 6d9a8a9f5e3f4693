"""The company as it lives: actions change it, midnights turn it, and the ledger holds the truth."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from lucca_sync.kit.clock import Clock
from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.days import DEFAULT_ZONE, milliseconds, moment_text
from lucca_sync.simulator.world.edit import Edit
from lucca_sync.simulator.world.invention import Invention
from lucca_sync.simulator.world.ledger import Ledger, LedgerEntry
from lucca_sync.simulator.world.midnights import Midnights
from lucca_sync.simulator.world.names import ESTABLISHMENTS
from lucca_sync.simulator.world.population import populate
from lucca_sync.simulator.world.records import RESOURCES, Records
from lucca_sync.simulator.world.time_off import take_time_off


class Action(Protocol):
    """Something that happens in the company."""

    @property
    def what(self) -> str:
        """The word for it in the ledger."""
        ...

    def apply(self, edit: Edit) -> None:
        """Make the change; raise `Refused` before touching anything if it makes no sense."""
        ...


class World:
    """The records, what day it is, and everything that has happened since the start."""

    def __init__(
        self, clock: Clock, *, people: int, seed: int, epoch: int | None = None, absences: float = 0.0
    ) -> None:
        now = clock.now()
        self._clock = clock
        self.records = Records()
        self.ledger = Ledger()
        self.skew = timedelta()
        """By how much the clock that stamps records is ahead of the one that the ledger is written by."""
        self.versions: Counter[str] = Counter()
        self.invention = Invention(Random(seed + 1))
        self._previous: dict[tuple[str, str], tuple[View, int]] = {}
        first = epoch if epoch is not None else now.date().replace(day=1).toordinal()
        populate(self.records, people=people, seed=seed, epoch=first)
        take_time_off(self.records, per_month=absences, seed=seed + 5, epoch=first)
        zones = [DEFAULT_ZONE, *(place[-1] for place in ESTABLISHMENTS)]
        self._midnights = Midnights(self.records, zones, now)

    def now(self) -> datetime:
        """Return the present instant."""
        return self._clock.now()

    def perform(self, action: Action) -> list[LedgerEntry]:
        """Let something happen now; raise `Refused` when it makes no sense."""
        self.catch_up()
        now = self.now()
        edit = Edit(self.records, self.invention, milliseconds(now + self.skew))
        action.apply(edit)
        self._follow_zones()
        return self._conclude(edit, action.what, moment_text(milliseconds(now)))

    def catch_up(self) -> list[LedgerEntry]:
        """Let every midnight strike that has come since the last call."""
        now = self.now()
        entries: list[LedgerEntry] = []
        while (zone := self._midnights.due(now)) is not None:
            entries += self._turn(zone)
        return entries

    def _turn(self, zone: str) -> list[LedgerEntry]:
        edit = Edit(self.records, self.invention, 0)
        for number in self._midnights.turning(zone):
            employee = self.records.employees.get(number)
            if employee is not None:
                edit.open(employee)
        struck = milliseconds(self._midnights.strike(zone))
        return self._conclude(edit, "midnight", moment_text(struck))

    def _conclude(self, edit: Edit, what: str, at: str) -> list[LedgerEntry]:
        differences = edit.differences()
        if edit.restored:
            self.versions.update(RESOURCES)
            self._previous.clear()
        for difference, before in differences:
            self.versions[difference.resource] += 1
            if before is not None:
                self._previous[difference.resource, difference.id] = (before, milliseconds(self.now()))
        for employee in edit.people:
            if self.records.employees.get(employee.id) is not None:
                self._midnights.expect(employee)
        return self.ledger.write(at, what, [difference for difference, _ in differences])

    def _follow_zones(self) -> None:
        for establishment in self.records.establishments:
            if establishment.zone is not None:
                self._midnights.add_zone(establishment.zone, self.now())

    def previous(self, resource: str, public_id: str, within: float | None = None) -> View | None:
        """Return how a record looked before its latest change, if that is not too many seconds ago."""
        view, changed = self._previous.get((resource, public_id), (None, 0))
        if within is not None and milliseconds(self.now()) - changed > within * 1000:
            return None
        return view
