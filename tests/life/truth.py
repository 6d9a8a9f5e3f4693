"""What really happened to each record of a simulated tenant, kept from its ledger while it happens.

Asks the world itself, past everything that bends its answers.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from lucca_sync.simulator import Simulator
from lucca_sync.simulator.answers.lens import EVERY
from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.ledger import LedgerEntry
from lucca_sync.simulator.world.legacy import LegacyLeave
from lucca_sync.simulator.world.records import RESOURCES
from lucca_sync.simulator.world.row import Record
from tests.life.oracle import Moment
from tests.life.states import State, state_of

NAMES: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in RESOURCES},
    "professions": ("professions", "titles"),  # the second is watched as a collection of the tenant's own
    "leaves": ("leaves-v5",),
    "leave-requests": ("leave-requests-v5",),
    "v3/users": ("users",),
    "v3/leaves": ("leaves",),
    "v3/leaveRequests": ("leave-requests",),
}
"""What the settings call each resource of the tenant."""
_ASKED = {
    "users": "id,firstName,lastName,displayName,login,mail,employeeNumber,jobTitle,dtContractStart,"
    "dtContractEnd,legalEntityId,departmentId,managerId",
    "leave-requests": "id,status,creationDate,isActive,nextApproverId,approvals,cancellationRequests,"
    "leavePeriod[id,ownerId,isConfirmed,confirmationDate]",
}
"""The fields of legacy records that are asked for."""
_WORD = re.compile(r"(\w+)(?:\[([^\]]*)\])?")


class Truth:
    """Every subject's states since the age began. `moments` has them by subject (`employees/12`)."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._owners: dict[int, int] = {}
        self._periods: defaultdict[int, set[int]] = defaultdict(set)
        self._taken: defaultdict[int, set[str]] = defaultdict(set)
        self.moments: dict[str, list[Moment]] = {}
        self.unledgered = 0
        """Differences that no entry of the ledger had told of."""
        simulator.world.ledger.listen(self._hear)

    def begin(self) -> None:
        """Begin an age: all as it is now was told to nobody."""
        now = self._now()
        self.moments = {subject: [Moment(now, state)] for subject, state in self._present()}
        for subject in subjects_of(self.moments, "leaves"):
            self._taken[int(subject.removeprefix("leaves/").partition("-")[0])].add(subject)

    def begin_anew(self, lasting: Iterable[str]) -> None:
        """Begin an age in which only some resources go on from the one before."""
        kept = {
            subject: self.moments[subject] for name in lasting for subject in subjects_of(self.moments, name)
        }
        self.begin()
        self.moments |= kept

    def look_again(self) -> None:
        """Count what differs from what the ledger told: nothing does, or the ledger is no truth."""
        present = dict(self._present())
        for subject in self.moments.keys() | present.keys():
            self.unledgered += self._note(subject, present.get(subject))

    def look_at(self, resources: Iterable[str]) -> None:
        """Take note of values that the API shows from now on, though nobody has written them."""
        for resource in resources:
            for subject, state in self._present_of(resource):
                self._note(subject, state)

    def present(self, resource: str) -> dict[str, State]:
        """Return the last states of what there is of one resource."""
        return {
            subject: moments[-1].state
            for subject, moments in self.moments.items()
            if subject.startswith(f"{resource}/") and moments[-1].state is not None
        }

    def half_days(self) -> Iterator[View]:
        """Walk through all half-days as they are now, of those in one place the one that counts."""
        for period in self._simulator.world.records.absences.periods.after(0):
            self._remember(period.id)
        for owner in self._periods:
            yield from self._half_days_of(owner).values()

    def _hear(self, entry: LedgerEntry) -> None:
        if entry.resource == "v3/leaves":
            self._hear_of_leave(entry)
            return
        row = self._simulator.world.records.find(entry.resource, entry.id)
        view = None if entry.kind == "deleted" or row is None else self._view(row)
        for name in NAMES[entry.resource]:
            self._note(f"{name}/{entry.id}", _told(name, view))

    def _hear_of_leave(self, entry: LedgerEntry) -> None:
        period = int(entry.id.partition("-")[0])
        self._remember(period)
        owner = self._owners[period]
        present = {
            f"leaves/{key}": state_of("leaves", view) for key, view in self._half_days_of(owner).items()
        }
        known = self._taken[owner]
        known.update(present)
        for subject in known:
            self._note(subject, present.get(subject))

    def _note(self, subject: str, state: State) -> bool:
        """Add a state if it is another one."""
        moments = self.moments.setdefault(subject, [Moment("", None)])
        if moments[-1].state == state:
            return False
        moments.append(Moment(self._now(), state))
        return True

    def _present(self) -> Iterator[tuple[str, State]]:
        for resource in RESOURCES:
            if resource != "v3/leaves":
                yield from self._present_of(resource)
        for view in self.half_days():
            yield f"leaves/{view['id']}", state_of("leaves", view)

    def _present_of(self, resource: str) -> Iterator[tuple[str, State]]:
        records = self._simulator.world.records
        for row in records.rows(resource):
            view, public_id = self._view(row), records.shown_id(row)
            for name in NAMES[resource]:
                yield f"{name}/{public_id}", _told(name, view)

    def _view(self, row: Record) -> View:
        """Return a record with the values that the API shows of it by now: those are true as well."""
        records = self._simulator.world.records
        view: View = records.view(row)
        changed = self._simulator.misbehaviours.overrides.get(row.resource, {})
        return {**view, **changed.get(EVERY, {}), **changed.get(records.shown_id(row), {})}

    def _remember(self, number: int) -> None:
        period = self._simulator.world.records.absences.periods.get(number)
        if period is not None:
            self._owners[number] = period.owner
            self._periods[period.owner].add(number)

    def _half_days_of(self, owner: int) -> dict[str, View]:
        found: dict[str, tuple[tuple[bool, str, int], View]] = {}
        records = self._simulator.world.records
        for number in self._periods[owner]:
            period = records.absences.periods.get(number)
            if period is None:
                continue
            for half in period.halves():
                view = LegacyLeave(period, half).view(records, "")
                day, part = str(view["date"])[:10], "AM" if view["isAm"] else "PM"
                key = f"{owner}-{day.replace('-', '')}-{part}-{view['leaveAccountId']}"
                rank = (view["isActive"] is True, str(view["creationDate"]), number)
                if key not in found or rank > found[key][0]:
                    confirmed = {"isConfirmed": period.confirmed_at is not None}
                    found[key] = rank, {**view, **confirmed, "id": key, "ownerId": owner, "date": day}
        return {key: view for key, (_, view) in found.items()}

    def _now(self) -> str:
        return moment(self._simulator.world.now())


def moment(instant: datetime) -> str:
    """Write an instant as events do, in milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(name: str, view: Mapping[str, Json] | None) -> State:
    if view is not None and name in _ASKED:
        view = _asked(view, _ASKED[name])
    return state_of(name, view)


def _asked(view: Mapping[str, Json], fields: str) -> View:
    """Return what a legacy record shows to somebody who asks for some fields only."""
    shown: View = {}
    for name, inner in _WORD.findall(fields):
        value = view.get(name)
        shown[name] = _asked(value, inner) if inner and isinstance(value, Mapping) else value
    return shown


def subjects_of(moments: Iterable[str], resource: str) -> list[str]:
    """Return the subjects of one resource."""
    return [subject for subject in moments if subject.startswith(f"{resource}/")]
