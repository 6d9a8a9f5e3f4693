"""Leave periods: the half-days of one absence on one account as one record, which is what people route.

Pure. A period keeps its record when Lucca mints a new one for it after an edit, and keeps the part of it that
lies before everything we still look at.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, NamedTuple

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.halves import HalfDay
from lucca_sync.journal.protocol import Known
from lucca_sync.model.values import Json, JsonObject

_HALVES_A_DAY: Final = 2


class Key(NamedTuple):
    """One of Lucca's periods, as far as it is on one account."""

    owner: str
    period: str
    account: str


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """What we know of a period: where it is kept, which of Lucca's it is now, its half-days."""

    id: str
    key: Key
    active: frozenset[str]
    cancelled: frozenset[str]
    hours: float | None

    @property
    def places(self) -> frozenset[str]:
        """The half-days it stands for: those cancelled only when there are no others."""
        return self.active or self.cancelled

    def before(self, since: str) -> "Stored":
        """Return the part of it before a date."""
        active = frozenset(place for place in self.active if place < since)
        share = len(active) / len(self.active) if self.active else 0.0
        return replace(
            self,
            active=active,
            cancelled=frozenset(place for place in self.cancelled if place < since),
            hours=None if self.hours is None else self.hours * share,
        )


@dataclass(slots=True, repr=False)
class _Group:
    """The listed half-days of one key."""

    key: Key
    halves: list[HalfDay] = field(default_factory=list[HalfDay])

    @property
    def active(self) -> frozenset[str]:
        return frozenset(half.place for half in self.halves if half.active)


def stored_period(known: Known) -> Stored:
    """Read back a record of ours."""
    content = decode_content(known.content or b"{}")
    key = Key(*(str(content.get(name)) for name in ("ownerId", "leavePeriodId", "leaveAccountId")))
    hours = content.get("hours")
    return Stored(
        known.id,
        key,
        _places(content.get("halfDays")),
        _places(content.get("cancelledHalfDays")),
        float(hours) if isinstance(hours, int | float) else None,
    )


def periods_of(halves: Iterable[HalfDay], stored: Sequence[Stored], since: str) -> list[JsonObject]:
    """Make the records of some people's periods from all their half-days from the date `since` on.

    `stored` is all that is known of these people's periods. A period that was cancelled before we ever knew
    of it makes no record.
    """
    groups = _grouped(halves)
    homes = _homes(groups, stored)
    return [_record(home, groups.get(key), since) for key, home in homes.items() if key in groups]


def starts_near(records: Iterable[HalfDay], stored: Sequence[Stored], edge: str) -> frozenset[str]:
    """Return the owners of unknown periods seen from before `edge` on: they may begin out of sight."""
    bound = {one.key for one in stored}
    groups = _grouped(records)
    return frozenset(
        key.owner
        for key, group in groups.items()
        if key not in bound and min(group.active, default=edge) < edge
    )


def _grouped(halves: Iterable[HalfDay]) -> dict[Key, _Group]:
    groups: dict[Key, _Group] = {}
    for half in halves:
        key = Key(half.owner, half.period, half.account)
        groups.setdefault(key, _Group(key)).halves.append(half)
    return groups


def _homes(groups: dict[Key, _Group], stored: Sequence[Stored]) -> dict[Key, Stored]:
    """Find each group's record: its own, one whose period it replaces, or a new one."""
    homes = {one.key: one for one in stored}
    taken = {one.id for one in stored}
    free: defaultdict[tuple[str, str], list[Stored]] = defaultdict(list)
    for one in stored:
        if one.key not in groups or not groups[one.key].active:
            free[one.key.owner, one.key.account].append(one)
    for group in sorted(groups.values(), key=_order):
        if group.key in homes or not group.active:
            continue
        candidates = free[group.key.owner, group.key.account]
        heir_of = next((one for one in candidates if _overlap(one.places, group.active)), None)
        if heir_of is None:
            homes[group.key] = _new(group.key, taken)
        else:
            candidates.remove(heir_of)
            homes.pop(heir_of.key, None)
            homes[group.key] = replace(heir_of, key=group.key)
    return homes


def _order(group: _Group) -> tuple[str, str]:
    return min(group.active, default=""), group.key.period


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two absences overlap, weekends inside them included."""
    return bool(one and other) and min(one) <= max(other) and min(other) <= max(one)


def _new(key: Key, taken: set[str]) -> Stored:
    """Make a place for a period; the obvious id may be that of one that an edit gave another period."""
    wanted = chosen = f"{key.owner}-{key.period}-{key.account}"
    again = 1
    while chosen in taken:
        again += 1
        chosen = f"{wanted}-{again}"
    taken.add(chosen)
    return Stored(chosen, key, frozenset(), frozenset(), None)


def _record(home: Stored, group: _Group | None, since: str) -> JsonObject:
    listed = group.halves if group else []
    former = home.before(since)
    active = sorted(former.active | {half.place for half in listed if half.active})
    cancelled = sorted(
        (former.cancelled | {half.place for half in listed if not half.active}).difference(active)
    )
    places = active or cancelled
    sample = _sample(listed)
    return {
        "id": home.id,
        "leavePeriodId": sample.get("leavePeriodId"),
        "ownerId": sample.get("ownerId"),
        "employee": {"id": home.key.owner, "type": "employee"},
        "leaveAccountId": sample.get("leaveAccountId"),
        "leaveAccount": sample.get("leaveAccount"),
        "start": places[0][:10],
        "startHalf": places[0][-2:],
        "end": places[-1][:10],
        "endHalf": places[-1][-2:],
        "halves": len(active),
        "days": len(active) / _HALVES_A_DAY,
        "hours": _hours(former, listed),
        "isConfirmed": sample.get("isConfirmed"),
        "confirmationDate": sample.get("confirmationDate"),
        "isActive": bool(active),
        "cancelledHalves": len(cancelled),
        "halfDays": list[Json](active),
        "cancelledHalfDays": list[Json](cancelled),
    }


def _sample(halves: Sequence[HalfDay]) -> JsonObject:
    """Return the half-day that speaks for the period: they share what is asked of it."""
    return max(halves, key=lambda half: (half.active, half.place)).content


def _hours(former: Stored, halves: Sequence[HalfDay]) -> float | None:
    """Add up the hours of active half-days, where their account counts hours."""
    values = [half.hours for half in halves if half.active]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    return round(sum(chain(known, [former.hours or 0.0])), 2)


def _places(value: Json) -> frozenset[str]:
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()
