"""Bends what the API shows away from the truth: hidden and stale records, odd values."""

from collections.abc import Mapping

import msgspec

from lucca_sync.simulator.shapes import View
from lucca_sync.simulator.world.row import Record
from lucca_sync.simulator.world.world import World

EVERY = "*"


class Distortion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is bent; all empty is the plain truth."""

    hidden: Mapping[str, frozenset[str]] = {}
    """Records that are neither listed nor answered by id: resource to ids, `*` for all."""
    unlisted: Mapping[str, frozenset[str]] = {}
    """Records that lists leave out though they answer by id."""
    stale: Mapping[str, frozenset[str]] = {}
    """Records that lists show as they were before their latest change."""
    overrides: Mapping[str, Mapping[str, View]] = {}
    """Fields added or replaced: resource to id (or `*`) to fields; unknown ones, odd values, bad dates."""


class Lens:
    """Shows records through the distortion of the moment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._distortion = Distortion()
        self.version = 0

    @property
    def distortion(self) -> Distortion:
        """What is bent at the moment."""
        return self._distortion

    @distortion.setter
    def distortion(self, distortion: Distortion) -> None:
        self._distortion = distortion
        self.version += 1

    @property
    def leaves_out(self) -> bool:
        """Whether any record is left out of its list."""
        return bool(self._distortion.hidden or self._distortion.unlisted)

    def answers(self, record: Record) -> bool:
        """Say whether a record is answered by id."""
        return not _names(self._distortion.hidden, record)

    def lists(self, record: Record) -> bool:
        """Say whether a record is listed."""
        return self.answers(record) and not _names(self._distortion.unlisted, record)

    def listed_view(self, record: Record, base: str) -> View:
        """Return a record as lists show it."""
        if _names(self._distortion.stale, record):
            before = self._world.previous(record.resource, record.public_id)
            if before is not None:
                return self._bent(record, _rebased(before, base))
        return self.view(record, base)

    def view(self, record: Record, base: str) -> View:
        """Return a record as it is answered by id."""
        return self._bent(record, self._world.records.view(record, base))

    def _bent(self, record: Record, view: View) -> View:
        overrides = self._distortion.overrides.get(record.resource)
        if overrides is None:
            return view
        return {**view, **overrides.get(EVERY, {}), **overrides.get(record.public_id, {})}


def _names(choice: Mapping[str, frozenset[str]], record: Record) -> bool:
    ids = choice.get(record.resource)
    return ids is not None and (record.public_id in ids or EVERY in ids)


def _rebased(view: View, base: str) -> View:
    """Put the tenant's address before the addresses in a remembered view, which has none."""
    text = msgspec.json.encode(view).replace(b'"/lucca-api/', f'"{base}/lucca-api/'.encode())
    return msgspec.json.decode(text, type=View)
