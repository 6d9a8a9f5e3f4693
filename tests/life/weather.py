"""What goes wrong with the tenant, when, and for how long: every misbehaviour there is comes and goes.

Pure but for the drawing of an order; `Spell.begin` and `end` are what touches the tenant.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import msgspec

from lucca_sync.simulator import Simulator
from lucca_sync.simulator.shapes import Json

MINUTES = 60.0
AT_ONCE = 4
"""Spells that are on together."""


@dataclass(frozen=True)
class Spell:
    """One thing, or a few, that go wrong for a while.

    `presets` and `settings` are the tenant's words for it. `met` is what the tenant counts when somebody
    really meets it. What is `alone` would keep others from being met. In `quiet` times nobody changes
    anything: what the tenant shows then is false, not old.
    """

    name: str
    presets: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    overrides: Mapping[str, Mapping[str, Mapping[str, Json]]] = field(
        default_factory=dict[str, Mapping[str, Mapping[str, Json]]]
    )
    faults: tuple[Mapping[str, object], ...] = ()
    met: tuple[str, ...] = ()
    webhooks: Mapping[str, float] = field(default_factory=dict[str, float])
    minutes: float = 30.0
    alone: bool = False
    quiet: bool = False
    act: Callable[[Simulator], object] | None = None
    undo: Callable[[Simulator], object] | None = None

    def begin(self, simulator: Simulator) -> None:
        """Let it come."""
        present = simulator.misbehaviours
        overrides = {**present.overrides, **self.overrides}
        webhooks = {**msgspec.to_builtins(present.webhooks), **self.webhooks}
        faults = [*present.faults, *self.faults]
        settings = {**self.settings, "overrides": overrides, "faults": faults, "webhooks": webhooks}
        simulator.misbehave(**settings)
        simulator.misbehave_as(*self.presets)
        if self.act is not None:
            self.act(simulator)

    def end(self, simulator: Simulator) -> None:
        """Let it go."""
        if self.undo is not None:
            self.undo(simulator)


def _named(name: str, *met: str, minutes: float = 30.0) -> Spell:
    return Spell(name, (name,), met=met, minutes=minutes)


def _fault(name: str, met: str, **fault: object) -> Spell:
    return Spell(name, faults=(fault,), met=(met,))


def _webhooks(name: str, met: str, **troubles: float) -> Spell:
    return Spell(name, webhooks=troubles, met=(met,), minutes=60)


_STAMPED = ("employees", "employments", "job-positions", "employee-personal-records", "employee-attributes")
"""Resources whose rows say how old they are: a stale row of another can't be told from a change back."""
SCOPE = "job-positions.readonly"

PASSING: tuple[Spell, ...] = (
    _named("429-storm", "storm-seconds", "storm-date", "storm-none", minutes=45),
    Spell(
        "others take nearly all",
        settings={"others_per_minute": 44, "others": "bursty"},
        met=("others",),
        minutes=40,
    ),
    _named("others"),
    _named("others-bursty"),
    _named("heavy", "heavy", minutes=60),
    _fault("408", "status-408", kind="status", status=408, rate=0.2),
    _fault("500", "status-500", kind="status", status=500, rate=0.3),
    _fault("503", "status-503", kind="status", status=503, rate=0.3, retry_after=20),
    Spell(
        "503 until a date",
        faults=({"kind": "status", "status": 503, "retry_after": 90, "retry_after_as": "date"},),
        met=("status-503",),
        alone=True,
    ),
    _fault("resets", "reset", kind="reset", rate=0.3),
    _fault("truncated", "truncate", kind="truncate", rate=0.3),
    _fault("not-json", "invalid-json", kind="invalid-json", rate=0.3),
    _fault("slow", "delay", kind="delay", seconds=7.0, rate=0.5),
    _fault("far too slow", "delay", kind="delay", seconds=90.0, rate=0.2),
    _fault("records without id", "malformed-record", kind="malformed-record", rate=0.5),
    _fault(
        "records that are none",
        "malformed-record",
        kind="malformed-record",
        rate=0.5,
        malformed="not-an-object",
    ),
    Spell(
        "token-trouble",
        settings={"token_lifetime": 240.0},
        faults=({"kind": "status", "status": 503, "resource": "token", "rate": 0.6},),
        met=("token-status-503", "token-lifetime"),
        minutes=60,
        act=lambda simulator: simulator.revoke_tokens(),
    ),
    Spell(
        "credentials refused",
        settings={"refuse_credentials": 401},
        met=("refused-credentials",),
        minutes=15,
        alone=True,
        act=lambda simulator: simulator.revoke_tokens(),
    ),
    _named("clock-skew", "clock-skew"),
    Spell("clock far ahead", settings={"clock_skew": 900.0}, met=("clock-skew",)),
    Spell("shrinking", ("shrinking",), met=("shrinking",), minutes=95),
    Spell("dead-cursors", settings={"dead_cursors": 0.3}, met=("dead-cursor",), minutes=95),
    _named("strict"),
    Spell("small-pages", ("small-pages",), met=("max-limit",), alone=True),
    _named("no-page-numbers"),
    _named("page-numbers-ignored"),
    Spell("ids-ignored", ("ids-ignored",), met=("ignored-filter",), minutes=40),
    Spell("no-304", ("no-304",), met=("ignored-if-none-match",), minutes=40),
    _named("sunset", "deprecated"),
    Spell(
        "stale",
        settings={"stale": {name: ["*"] for name in _STAMPED}, "stale_for": 300},
        met=("stale",),
        minutes=95,
    ),
    Spell("reordered", ("reordered",), met=("reordered",), minutes=95),
    Spell("reformatted", ("reformatted",), met=("reformatted",), minutes=95),
    Spell("restless-order", ("restless-order",), met=("restless_order",), minutes=95),
    Spell("misfits", ("misfits",), met=("overrides",), minutes=95),
    Spell(
        "impossible dates",
        overrides={
            "probationary-periods": {str(one): {"extendedEndsOn": "2026-04-31"} for one in range(1, 6)}
        },
        met=("overrides",),
        minutes=95,
    ),
    _webhooks("webhooks lost", "webhook-lost", lost=0.3),
    _webhooks("webhooks repeated", "webhook-repeated", repeated=0.5),
    _webhooks("webhooks shuffled", "webhook-shuffled", shuffled=0.5),
    _webhooks("webhooks delayed", "webhook-delayed", delayed=30.0),
    _webhooks("webhooks forged", "webhook-wrong-signature", wrong_signature=0.3),
    _webhooks("webhooks of former times", "webhook-old-timestamp", old_timestamp=0.3),
    _webhooks("events missing", "webhook-unrecorded", unrecorded=0.4),
)
"""What a daemon has to live through without anybody noticing."""

LIES: tuple[Spell, ...] = (
    Spell("establishments-lost", ("establishments-lost",), met=("establishments",), minutes=95),
    Spell("all-sections", ("all-sections",), met=("sections",), minutes=95),
    Spell("vanishing", ("vanishing",), met=("vanishing",), minutes=95, quiet=True),
    Spell("nulled", ("nulled",), met=("nulled",), minutes=95, quiet=True),
    Spell("an empty list", settings={"unlisted": {"departments": ["*"]}}, met=("unlisted",), minutes=95),
    Spell("a list gone", settings={"hidden": {"taxonomy-labels": ["*"]}}, met=("hidden",), minutes=95),
    Spell(
        "a scope lost",
        met=(),
        minutes=95,
        act=lambda simulator: simulator.revoke(SCOPE, "job-positions.readwrite"),
        undo=lambda simulator: simulator.grant(SCOPE, "job-positions.readwrite"),
    ),
)
"""What looks exactly like everybody leaving, or like everything changing."""

LASTING = ("new-field", "new-value")
"""What the API comes to show, and goes on showing."""


def days(random: Random) -> Iterator[Sequence[Spell]]:
    """Deal what goes wrong together, again and again: each once before any comes again, lies alone."""
    while True:
        passing = [spell for spell in PASSING if not spell.alone]
        random.shuffle(passing)
        together: list[Sequence[Spell]] = [
            passing[start : start + AT_ONCE] for start in range(0, len(passing), AT_ONCE)
        ]
        together += [[spell] for spell in (*PASSING, *LIES) if spell.alone or spell in LIES]
        random.shuffle(together)
        yield from together
