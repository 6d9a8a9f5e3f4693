"""lucca-sync: the public API for connector authors, and nothing else."""

from lucca_sync.connector import (
    Abilities,
    CheckFailed,
    Connector,
    ConnectorConfig,
    RetryPolicy,
    Surroundings,
)
from lucca_sync.kit.clock import Clock
from lucca_sync.kit.durations import Duration, PositiveDuration
from lucca_sync.kit.secret import Secret, SecretUnreadable
from lucca_sync.model.delivery import Delivery, Lane
from lucca_sync.model.event import Event, FieldChange
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from lucca_sync.model.values import Json, JsonObject

__all__ = [
    "Abilities",
    "CheckFailed",
    "Clock",
    "Connector",
    "ConnectorConfig",
    "Delivery",
    "Done",
    "Duration",
    "Event",
    "FieldChange",
    "Json",
    "JsonObject",
    "Lane",
    "Outcome",
    "Park",
    "PositiveDuration",
    "Reject",
    "Retry",
    "RetryPolicy",
    "Secret",
    "SecretUnreadable",
    "Surroundings",
]
