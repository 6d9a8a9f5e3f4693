"""lucca-sync: the public API for connector authors, and nothing else.

A name is imported when it is first asked for: `lucca-sync version` must not pay for an HTTP client.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lucca_sync.connector import (
        Abilities,
        BreakerPolicy,
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
    from lucca_sync.model.attributes import attributes_in_order
    from lucca_sync.model.delivery import Delivery, Lane
    from lucca_sync.model.event import Event, FieldChange
    from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
    from lucca_sync.model.values import Json, JsonObject
    from lucca_sync.model.view import event_view

__all__ = [
    "Abilities",
    "AllowEntry",
    "Answer",
    "BreakerPolicy",
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
    "attributes_in_order",
    "checked_url",
    "event_view",
    "outcome_of_status",
]

_HOMES: Final = {
    "lucca_sync.connector": (
        "Abilities",
        "BreakerPolicy",
        "CheckFailed",
        "Connector",
        "ConnectorConfig",
        "RetryPolicy",
        "Surroundings",
    ),
    "lucca_sync.kit.addresses": ("AllowEntry",),
    "lucca_sync.kit.clock": ("Clock",),
    "lucca_sync.kit.durations": ("Duration", "PositiveDuration"),
    "lucca_sync.kit.expression": ("CompiledExpression", "Expression", "ExpressionMisfit"),
    "lucca_sync.kit.outbound": ("Answer", "Outbound", "Unanswered", "checked_url"),
    "lucca_sync.kit.secret": ("Secret", "SecretUnreadable"),
    "lucca_sync.kit.template": ("CompiledTemplate", "Template", "Unrenderable"),
    "lucca_sync.model.answer": ("outcome_of_status",),
    "lucca_sync.model.attributes": ("attributes_in_order",),
    "lucca_sync.model.delivery": ("Delivery", "Lane"),
    "lucca_sync.model.event": ("Event", "FieldChange"),
    "lucca_sync.model.outcome": ("Done", "Outcome", "Park", "Reject", "Retry"),
    "lucca_sync.model.values": ("Json", "JsonObject"),
    "lucca_sync.model.view": ("event_view",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # type checkers are to refuse names that are not above

    def __getattr__(name: str) -> object:
        """Import a public name on its first use."""
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(_HOME_OF[name]), name)
        globals()[name] = found
        return found
