"""Business events: what changes mean for somebody, as a catalogue of rules in data.

Expressions are JMESPath over `record`, `previous` (what it replaces), `changes`, and for contracts and
positions also `earlier` (there was one before) and `next` (the one that goes on without a gap), for users
`anew` (another contract, after a gap). Pure.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from lucca_sync.model.catalogue import Path
from lucca_sync.model.event import KINDS

Manner: TypeAlias = Literal["moment", "dated", "ending", "notice"]
"""How a rule tells: at once and without phases; with phases around a date; a last day, which is announced and
then comes; so many days before a date."""
Phase: TypeAlias = Literal["plain", "scheduled", "effective", "rescheduled", "cancelled"]

PHASES: Final[tuple[Phase, ...]] = ("scheduled", "effective", "rescheduled", "cancelled")
"""Seen before its date; its date has come; its date was moved; it will not be."""
LEFT: Final = "employee.left"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule finds what it tells: a resource and expressions over its records.

    `on` gives the date, empty for none. `by` gives what several records have in common that are told as one
    (half-days of one absence), empty for the record alone; `act` when somebody did what is told, so that what
    was done at once is told once, also where it is seen bit by bit. `shows` is the resource whose record the
    event carries, where that is watched. `needs` are resources without which the person cannot
    be found.
    """

    resource: str
    when: str
    on: str = ""
    manner: Manner = "moment"
    by: str = ""
    act: str = ""
    shows: str = ""
    needs: tuple[str, ...] = ()
    tells: str = ""
    """Another name than the rule's."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of business event: it is derived from the first of its sources that is watched."""

    name: str
    sources: tuple[Source, ...]

    def source(self, watched: Collection[str]) -> Source | None:
        """Return where this is found in a tenant, None where nothing watched shows it."""
        return next((one for one in self.sources if {one.resource, *one.needs} <= set(watched)), None)

    def names(self, source: Source) -> Mapping[Phase, str]:
        """Return what is told in each phase; a phase that is not there is passed in silence."""
        name = source.tells or self.name
        match source.manner:
            case "moment" | "notice":
                return {"plain": name, "effective": name} if source.manner == "notice" else {"plain": name}
            case "dated":
                return {"plain": name, **{phase: f"{name}.{phase}" for phase in PHASES}}
            case "ending":
                moved: dict[Phase, str] = {p: f"{name}.{p}" for p in ("rescheduled", "cancelled")}
                return {"scheduled": name, "plain": LEFT, "effective": LEFT, **moved}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where records of a person follow each other: the dates of their first and last day.

    Those with the same value `within` follow each other without a gap, whatever their last days say: Lucca
    works these out, and may show them later.
    """

    start: Path
    end: Path
    within: Path = ()


TIMELINES: Final[Mapping[str, Timeline]] = MappingProxyType(
    {
        "employments": Timeline(("start", "date"), ("end", "date")),
        "job-positions": Timeline(("startsOn",), ("endsOn",), within=("employment", "id")),
    }
)

CAREERS: Final[Mapping[str, Timeline]] = MappingProxyType(
    {"users": Timeline(("dtContractStart",), ("dtContractEnd",))}
)
"""Resources whose one record of a person holds the dates of the contract that counts now."""

INDIRECT: Final[Mapping[str, tuple[str, Path]]] = MappingProxyType(
    {"probationary-periods": ("employments", ("employment", "id"))}
)
"""Resources that don't say whom they concern: by which other one it is found, and where its id stands."""

_LEAVER: Final = "record.status == 'deactivated' && previous && previous.status != 'deactivated'"
_BACK: Final = "previous.status == 'deactivated' && record.status != 'deactivated'"
_OTHER_CONTRACT: Final = (
    "record.id != previous.id || record.template.id != previous.template.id"
    " || record.legalEntity.id != previous.legalEntity.id"
)
_OTHER_WORK: Final = (
    "record.jobTitle != previous.jobTitle || record.jobQualification.id != previous.jobQualification.id"
    " || record.occupationCategory.id != previous.occupationCategory.id"
    " || record.businessEstablishment.id != previous.businessEstablishment.id"
    " || record.workingTimeArrangement.id != previous.workingTimeArrangement.id"
)
_DAY: Final = "record.date || previous.date"


def _positions(when: str) -> Source:
    return Source("job-positions", f"previous && record && ({when})", "record.startsOn", "dated")


def _users(when: str) -> Source:
    return Source("users", f"previous && record && ({when})")


RULES: Final = (
    Rule(
        "employee.hired",
        (
            Source("employments", "!previous && !earlier", "record.start.date", "dated", shows="employees"),
            Source("users", "!previous", "record.dtContractStart", "dated"),
            Source("employees", "!previous && record"),
        ),
    ),
    Rule(
        "employee.rehired",
        (
            Source("employments", "!previous && earlier", "record.start.date", "dated", shows="employees"),
            Source("users", "anew", "record.dtContractStart", "dated"),
            Source("employees", _BACK),
        ),
    ),
    Rule(
        "employee.leaving",
        (
            Source("employments", "record.end.date && !next", "record.end.date", "ending", shows="employees"),
            Source("users", "record.dtContractEnd", "record.dtContractEnd", "ending"),
            Source("employees", _LEAVER, tells=LEFT),
        ),
    ),
    Rule(
        "employee.renamed",
        (
            Source(
                "employees",
                "previous && record && (record.givenName != previous.givenName"
                " || record.familyName != previous.familyName)",
            ),
            _users("record.firstName != previous.firstName || record.lastName != previous.lastName"),
        ),
    ),
    Rule(
        "contract.changed",
        (Source("employments", f"previous && ({_OTHER_CONTRACT})", "record.start.date", "dated"),),
    ),
    Rule("position.changed", (_positions(_OTHER_WORK), _users("record.jobTitle != previous.jobTitle"))),
    Rule(
        "manager.changed",
        (
            _positions("record.manager.id != previous.manager.id"),
            _users("record.managerId != previous.managerId"),
        ),
    ),
    Rule(
        "department.changed",
        (
            _positions("record.department.id != previous.department.id"),
            _users("record.departmentId != previous.departmentId"),
        ),
    ),
    Rule(
        "leave.requested",
        (
            Source("leave-requests-v5", "!previous && record.status == 'pending'"),
            Source("leave-requests", "!previous && record.status == `0`"),
            Source("leaves-v5", "!previous && record.status == 'tentative'", "record.startsOn"),
            Source("leave-periods", "!previous && record.isActive && !(record.isConfirmed)", "record.start"),
            Source(
                "leaves",
                "!previous && record.isActive && !(record.isConfirmed)",
                _DAY,
                by="record.leavePeriodId",
                act="record.creationDate",
            ),
        ),
    ),
    Rule(
        "leave.approved",
        (
            Source(
                "leaves-v5",
                "record.status == 'confirmed' && (!previous || previous.status != 'confirmed')",
                "record.startsOn",
            ),
            Source(
                "leave-periods",
                "record.isActive && record.isConfirmed && !(previous.isActive && previous.isConfirmed)",
                "record.start",
            ),
            Source(
                "leaves",
                "record.isActive && record.isConfirmed && !(previous.isActive && previous.isConfirmed)",
                _DAY,
                by="record.leavePeriodId",
                act="record.confirmationDate",
            ),
            Source(
                "leave-requests-v5",
                "record.status == 'approved' && (!previous || previous.status != 'approved')",
            ),
            Source("leave-requests", "record.status == `2` && (!previous || previous.status != `2`)"),
        ),
    ),
    Rule(
        "leave.cancelled",
        (
            Source(
                "leaves-v5",
                "previous && previous.status != 'cancelled' && (!record || record.status == 'cancelled')",
                "record.startsOn || previous.startsOn",
            ),
            Source(
                "leave-periods",
                "previous.isActive && (!record || !(record.isActive))",
                "record.start || previous.start",
            ),
            Source(
                "leaves",
                "previous.isActive && (!record || !(record.isActive))",
                _DAY,
                by="record.leavePeriodId || previous.leavePeriodId",
                act="record.cancellationDate",
            ),
            Source("leave-requests", "record.status == `4` && previous && previous.status != `4`"),
        ),
    ),
    Rule(
        "probation.ending",
        (Source("probationary-periods", "record.endsOn", "record.endsOn", "notice", needs=("employments",)),),
    ),
    Rule(
        "probation.extended",
        (
            Source(
                "probationary-periods",
                "previous && record.extendedEndsOn && record.extendedEndsOn != previous.extendedEndsOn",
                "record.endsOn",
                needs=("employments",),
            ),
        ),
    ),
)
"""In the order in which what happens at once is told."""


def names_of(rules: Iterable[Rule]) -> Iterator[str]:
    """Return every name that the rules can tell under, each once."""
    found = (name for rule in rules for one in rule.sources for name in rule.names(one).values())
    yield from dict.fromkeys(found)


def derivable(rules: Iterable[Rule], watched: Collection[str]) -> Iterator[str]:
    """Return the names that can be told where these resources are watched."""
    for rule in rules:
        source = rule.source(watched)
        if source is not None:
            yield from rule.names(source).values()


def own_rule(name: str, source: Source) -> Rule:
    """Make a rule that the settings ask for."""
    return Rule(name, (source,))


def choices(rules: Iterable[Rule]) -> Iterator[str]:
    """Return everything that a route may name: each name, and `NAME.*` for it and its phases."""
    for name in names_of(rules):
        yield name
        if name.rpartition(".")[2] not in PHASES:
            yield f"{name}.*"


def chosen(types: Iterable[str]) -> frozenset[str]:
    """Return the names of business events behind a route's types, `NAME.*` taken apart."""
    return frozenset(name for one in types if one not in KINDS for name in _meant(one))


def _meant(wanted: str) -> tuple[str, ...]:
    stem = wanted.removesuffix(".*")
    return (wanted,) if stem == wanted else (stem, *(f"{stem}.{phase}" for phase in PHASES))


def why_not_a_name(name: str) -> str | None:
    """Say why the settings may not use a name for an event of their own; None when they may."""
    if name in names_of(RULES):
        return "is the name of an event that there is already"
    if name.rpartition(".")[2] in {*PHASES, *KINDS, "snapshot"}:
        return "must not end like a phase or a kind of change"
    return None
