"""lucca-sync: the public API for connector authors, and nothing else."""

from lucca_sync.connector import (
    Abilities,
    CheckFailed,
    Connector,
    ConnectorConfig,
    RetryPolicy,
    Surroundings,
)
from lucca_sync.kit.addresses import AllowEntry
from lucca_sync.kit.clock import Clock
from lucca_sync.kit.durations import Duration, PositiveDuration
from lucca_sync.kit.expression import CompiledExpression, Expression, ExpressionMisfit
from lucca_sync.kit.outbound import Answer, Outbound, Unanswered, checked_url
from lucca_sync.kit.secret import Secret, SecretUnreadable
from lucca_sync.kit.template import CompiledTemplate, Template, Unrenderable
from lucca_sync.model.answer import outcome_of_status
from lucca_sync.model.delivery import Delivery, Lane
from lucca_sync.model.event import Event, FieldChange
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from lucca_sync.model.values import Json, JsonObject
from lucca_sync.model.view import event_view

__all__ = [
    "Abilities",
    "AllowEntry",
    "Answer",
    "CheckFailed",
    "Clock",
    "CompiledExpression",
    "CompiledTemplate",
    "Connector",
    "ConnectorConfig",
    "Delivery",
    "Done",
    "Duration",
    "Event",
    "Expression",
    "ExpressionMisfit",
    "FieldChange",
    "Json",
    "JsonObject",
    "Lane",
    "Outbound",
    "Outcome",
    "Park",
    "PositiveDuration",
    "Reject",
    "Retry",
    "RetryPolicy",
    "Secret",
    "SecretUnreadable",
    "Surroundings",
    "Template",
    "Unanswered",
    "Unrenderable",
    "checked_url",
    "event_view",
    "outcome_of_status",
]
