"""When mass changes are held, as the settings say it."""

from typing import Annotated, TypeAlias

from pydantic import Field

from lucca_sync.settings.section import Model

Share: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class DeletionBrake(Model):
    """When deletions are held. Trips when one sweep exceeds both; always when a resource turns empty."""

    count: Annotated[int, Field(ge=0)] = 10
    """Records that may be gone in one sweep, whatever their share."""

    share: Share = 0.05
    """Share of the resource's records, from 0 to 1, that may be gone in one sweep, whatever their count."""


class ChangeBrake(Model):
    """When changes and new records are held. Trips when one sweep exceeds both; the rest of it is held."""

    count: Annotated[int, Field(ge=0)] = 100
    """Records that may differ in one sweep, whatever their share."""

    share: Share = 0.5
    """Share of the resource's records, from 0 to 1, that may differ in one sweep, whatever their count."""


class Brake(Model):
    """Holds mass changes until a person decides: a lost scope looks exactly like everybody leaving."""

    deletions: DeletionBrake = DeletionBrake()
    """Threshold for records that are gone."""

    changes: ChangeBrake = ChangeBrake()
    """Threshold for records that differ or are new."""
