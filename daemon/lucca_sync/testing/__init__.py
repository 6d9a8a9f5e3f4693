"""What authors of connectors and journals test with; shipped, and free of any test runner.

A name is imported when it is first asked for: a contract for journals needs no HTTP server.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lucca_sync.testing.clock import StandingClock
    from lucca_sync.testing.connectors import (
        CANARY,
        Arrival,
        ConnectorContract,
        Mood,
        Poisonable,
        Scene,
        Target,
    )
    from lucca_sync.testing.events import a_delivery, an_event
    from lucca_sync.testing.hostile import Deed, Entrance, HostileConfig, HostileConnector
    from lucca_sync.testing.stage import made, opened, outcome_of
    from lucca_sync.testing.target import HttpTarget, Reply, Request, header, http_target

__all__ = [
    "CANARY",
    "Arrival",
    "ConnectorContract",
    "Deed",
    "Entrance",
    "HostileConfig",
    "HostileConnector",
    "HttpTarget",
    "Mood",
    "Poisonable",
    "Reply",
    "Request",
    "Scene",
    "StandingClock",
    "Target",
    "a_delivery",
    "an_event",
    "header",
    "http_target",
    "made",
    "opened",
    "outcome_of",
]

_HOMES: Final = {
    "lucca_sync.testing.clock": ("StandingClock",),
    "lucca_sync.testing.connectors": (
        "CANARY",
        "Arrival",
        "ConnectorContract",
        "Mood",
        "Poisonable",
        "Scene",
        "Target",
    ),
    "lucca_sync.testing.events": ("a_delivery", "an_event"),
    "lucca_sync.testing.hostile": ("Deed", "Entrance", "HostileConfig", "HostileConnector"),
    "lucca_sync.testing.stage": ("made", "opened", "outcome_of"),
    "lucca_sync.testing.target": ("HttpTarget", "Reply", "Request", "header", "http_target"),
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
