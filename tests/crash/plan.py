"""What the daemon of the crash suite is to watch, and whom it is to tell of what: its settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lucca_sync.model.business import RULES, names_of
from lucca_sync.simulator import Simulator, SimulatorOptions
from tests.crash.oracle import Route
from tests.life.company import fields_of
from tests.serving import SECRET

WATCHED: Mapping[str, str] = {
    **dict.fromkeys(("employees", "employments", "job-positions"), "200ms"),
    **dict.fromkeys(("departments", "probationary-periods"), "300ms"),
    "employee-attributes": "400ms",
}
EVERYTHING_CHANGED = Route("everything", frozenset(WATCHED))
NAMES = Route("names", frozenset({"employees"}), frozenset({"id", "familyName", "givenName"}))
LINES = Route("lines", frozenset(WATCHED))
ROUTES = (EVERYTHING_CHANGED, NAMES, LINES)
BUSINESS = "business"
"""The route of all that follows from changes, judged by a law of its own."""


def settings(simulator: Simulator, tenant: str, targets: str, store: Path) -> dict[str, Any]:
    """Return settings that ask often, wait for nothing long and hold nothing back."""
    brake = {"deletions": {"count": 100_000}, "changes": {"count": 100_000}}
    webhook = {
        "type": "webhook",
        "secret": SECRET,
        "allow": ["127.0.0.0/8"],
        "timeout": "400ms",
        "retry": {"schedule": ["20ms", "50ms"], "max_age": "1h"},
        "breaker": {"rest": "1s", "longest_rest": "1s"},
    }
    return {
        "version": 1,
        "tenants": {
            "acme": {
                "url": tenant,
                "token_url": f"{tenant}/connect/token",
                "client_id": "simulator",
                "client_secret": SimulatorOptions.client_secret,
                "eyes": {"head": "1s", "count": "1s", "survey": "5s"},
                "requests_per_minute": 100_000,
                "resources": {name: {"every": every, "brake": brake} for name, every in WATCHED.items()},
            }
        },
        "store": f"sqlite:{store}",
        "business": {"window": "100ms"},
        "connectors": {
            **{name: {**webhook, "url": f"{targets}/{name}"} for name in ("everything", "names", BUSINESS)},
            "lines": {"type": "jsonl", "path": "told.jsonl"},
        },
        "routes": {
            **{route.name: _route(route, simulator) for route in ROUTES},
            BUSINESS: {"types": [*names_of(RULES)], "to": [BUSINESS]},
        },
        "server": {"listen": "127.0.0.1:0"},
    }


def _route(route: Route, simulator: Simulator) -> dict[str, object]:
    return {
        "resources": sorted(route.resources or WATCHED),
        "types": ["created", "updated", "deleted"],
        "fields": sorted(route.fields or fields_of(simulator)),
        "to": [route.name],
    }
