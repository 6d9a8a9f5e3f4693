"""Bends what the API shows away from the truth: hidden and stale records, odd values, narrow grants."""

from collections.abc import Callable, Mapping

import msgspec

from lucca_sync.simulator.answers.grants import Grants
from lucca_sync.simulator.answers.oddities import Oddities
from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.row import Record
from lucca_sync.simulator.world.world import World

EVERY = "*"
Meet = Callable[[str], None]


class Distortion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is bent; all empty is the plain truth."""

    hidden: Mapping[str, frozenset[str]] = {}
    """Records that are neither listed nor answered by id: resource to ids, `*` for all."""
    unlisted: Mapping[str, frozenset[str]] = {}
    """Records that lists leave out though they answer by id."""
    stale: Mapping[str, frozenset[str]] = {}
    """Records that lists show as they were before their latest change."""
    stale_for: float | None = None
    """Seconds after a change in which records are stale at all; null for always."""
    overrides: Mapping[str, Mapping[str, View]] = {}
    """Fields added or replaced: resource to id (or `*`) to fields; unknown ones, odd values, bad dates."""
    vanishing: Mapping[str, frozenset[str]] = {}
    """Fields that all records of a resource lack."""
    nulled: Mapping[str, frozenset[str]] = {}
    """Fields that all records of a resource show as null."""
    reordered: frozenset[str] = frozenset()
    """Resources (`*` for all) whose arrays of references come in another order at each call."""
    reformatted: frozenset[str] = frozenset()
    """Resources (`*` for all) that write whole numbers as 1 and as 1.0 by turns."""
    restless_order: bool = False
    """Whether departments have another `sortOrder` at each call."""
    embedded_partial: bool = False
    """Whether embedded records lack fields, and some of them are missing."""
    embedded_stale: bool = False
    """Whether embedded records are shown as they were before their latest change."""
    establishments: frozenset[str] | None = None
    """The establishments granted; null for all. People elsewhere vanish with everything about them."""
    sections: frozenset[str] | None = None
    """The HR-file sections granted; null for a section of our own that holds every definition.

    Those of a part of the sections show their attributes; all of them at once show none at all.
    """


class Lens:
    """Shows records through the distortion of the moment."""

    def __init__(self, world: World, meet: Meet = lambda _: None) -> None:
        self._world = world
        self._meet = meet
        self._distortion = Distortion()
        self._grants = Grants(world.records, None, None)
        self._oddities = Oddities({}, {}, frozenset(), frozenset(), restless=False)
        self.version = 0

    @property
    def distortion(self) -> Distortion:
        """What is bent at the moment."""
        return self._distortion

    @distortion.setter
    def distortion(self, distortion: Distortion) -> None:
        self._distortion = distortion
        self._grants = Grants(self._world.records, distortion.establishments, distortion.sections)
        self._oddities = Oddities(
            distortion.vanishing,
            distortion.nulled,
            distortion.reordered,
            distortion.reformatted,
            restless=distortion.restless_order,
        )
        self.version += 1

    @property
    def leaves_out(self) -> bool:
        """Whether any record is left out of its list."""
        return bool(self._distortion.hidden or self._distortion.unlisted or self._grants.are_narrow)

    @property
    def looks_elsewhere(self) -> bool:
        """Whether what is shown of one resource depends on the records of others."""
        return self._grants.are_narrow

    @property
    def is_restless(self) -> bool:
        """Whether the same question is answered differently though nothing has changed."""
        bent = self._distortion
        stale = bool(bent.stale or bent.embedded_stale) and bent.stale_for is not None
        return stale or self._oddities.are_restless

    def answers(self, record: Record) -> bool:
        """Say whether a record is answered by id."""
        if self._names(self._distortion.hidden, record):
            self._meet("hidden")
            return False
        missing = self._grants.missing(record)
        if missing is not None:
            self._meet(missing)
        return missing is None

    def lists(self, record: Record) -> bool:
        """Say whether a record is listed."""
        if not self.answers(record):
            return False
        if self._names(self._distortion.unlisted, record):
            self._meet("unlisted")
            return False
        return True

    def listed_view(self, record: Record, base: str) -> View:
        """Return a record as lists show it."""
        if self._names(self._distortion.stale, record):
            before = self._before(record, base)
            if before is not None:
                self._meet("stale")
                return self._bent(record, before)
        return self.view(record, base)

    def embedded_view(self, record: Record, base: str) -> View | None:
        """Return a record as it is embedded in answers about others; None when it is missing there."""
        view = (self._before(record, base) if self._distortion.embedded_stale else None) or None
        if view is not None:
            self._meet("embedded_stale")
        view = self._bent(record, view or self._world.records.view(record, base))
        if not self._distortion.embedded_partial:
            return view
        self._meet("embedded_partial")
        if record.id % 3 == 0:
            return None
        return {name: view[name] for name in ("id", "type", "url") if name in view}

    def view(self, record: Record, base: str) -> View:
        """Return a record as it is answered by id, before it is written down oddly."""
        return self._bent(record, self._world.records.view(record, base))

    def written(self, record: Record, view: View) -> View:
        """Return a view as it is written into an answer."""
        for name in self._oddities.of(record.resource):
            odd = self._oddities.write(name, record, view)
            # Compared as it is written: in Python 1 equals 1.0, and an object has no order.
            if msgspec.json.encode(odd) != msgspec.json.encode(view):
                self._meet(name)
            view = odd
        return view

    def turn(self) -> None:
        """Begin another answer: what changes at each call changes now."""
        self._oddities.turn()

    def _before(self, record: Record, base: str) -> View | None:
        shown = self._world.records.shown_id(record)
        before = self._world.previous(record.resource, shown, self._distortion.stale_for)
        return None if before is None else _rebased(before, base)

    def _bent(self, record: Record, view: View) -> View:
        overrides = self._distortion.overrides.get(record.resource)
        if overrides is None:
            return view
        shown = self._world.records.shown_id(record)
        changes = {**overrides.get(EVERY, {}), **overrides.get(shown, {})}
        if changes:
            self._meet("overrides")
        return {**view, **changes}

    def _names(self, choice: Mapping[str, frozenset[str]], record: Record) -> bool:
        ids = choice.get(record.resource)
        return ids is not None and (EVERY in ids or self._world.records.shown_id(record) in ids)


def _rebased(view: View, base: str) -> View:
    """Put the tenant's address before the addresses in a remembered view, which has none."""
    text = msgspec.json.encode(view)
    for path in ("/lucca-api/", "/api/v3/"):
        text = text.replace(f'"{path}'.encode(), f'"{base}{path}'.encode())
    return msgspec.json.decode(text, type=View)
