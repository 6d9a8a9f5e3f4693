"""The daemon's metrics, each declared once: name, unit, labels, meaning.

Labels take their values from the settings or from the closed sets below only; every combination is
initialised, so that `rate()` and `absent()` work from the first scrape.
"""

from collections.abc import Iterable
from itertools import product
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

PURPOSES: Final = ("hint", "due", "confirm", "probe", "sweep", "baseline", "token")
REQUEST_OUTCOMES: Final = ("ok", "not_modified", "throttled", "refused", "failed")
LOOK_ERRORS: Final = (
    "credentials",
    "scope",
    "refused",
    "throttled",
    "unreachable",
    "server",
    "unreadable",
    "store",
    "internal",
)
REFUSALS: Final = ("credentials", "scope", "refused")
KINDS: Final = ("created", "updated", "deleted")
BRAKE_REASONS: Final = (
    "many",
    "emptied",
    "restore",
    "scope-lost",
    "establishment-lost",
    "sections-lost",
    "nulled",
)
QUARANTINED: Final = ("page", "record")
DELIVERY_STATES: Final = ("pending", "in_flight", "retrying", "parked", "dead")
TARGET_STATES: Final = ("closed", "open", "half_open", "disabled", "maintenance")
DELIVERY_OUTCOMES: Final = ("done", "retry", "parked", "dead")
HINT_OUTCOMES: Final = ("taken", "repeated", "refused", "unreadable", "deferred")
EYES: Final = ("sweep", "page", "head", "count", "gap", "due", "hint", "feed", "delta", "confirmation")
TELLERS: Final = ("hint", "feed")
STORE_ERRORS: Final = ("full", "io", "stalled", "other")
RELOADS: Final = ("applied", "invalid", "refused", "failed")

_LOOK_SECONDS: Final = (1, 5, 15, 60, 300, 900, 3600, 14400)
_DETECTION_SECONDS: Final = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400)
_ATTEMPT_SECONDS: Final = (0.005, 0.02, 0.1, 0.5, 2, 10, 30)
_LAG_SECONDS: Final = (0.01, 0.1, 1, 10, 60, 300, 900, 3600, 21600, 86400)


M = TypeVar("M", Gauge, Counter, Histogram)


class Metrics:
    """All metrics of one daemon on one registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._labelled: list[tuple[frozenset[str], Gauge | Counter | Histogram]] = []
        self._declare_source()
        self._declare_freshness()
        self._declare_hints()
        self._declare_deliveries()
        self._declare_process()

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return self._noted(labels, Gauge(f"lucca_sync_{name}", meaning, labels, registry=self.registry))

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return self._noted(labels, Counter(f"lucca_sync_{name}", meaning, labels, registry=self.registry))

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        made = Histogram(f"lucca_sync_{name}", meaning, labels, registry=self.registry, buckets=buckets)
        return self._noted(labels, made)

    def _noted(self, labels: tuple[str, ...], metric: M) -> M:
        self._labelled.append((frozenset(labels), metric))
        return metric

    def _declare_source(self) -> None:
        resource = ("tenant", "resource")
        self.requests = self._counter("requests_total", "Requests to Lucca.", "tenant", "purpose", "outcome")
        self.budget_available = self._gauge(
            "budget_available_requests", "Requests that may be sent to Lucca at once.", "tenant"
        )
        self.budget_allowed = self._gauge(
            "budget_allowed_per_minute",
            "Requests a minute kept to: the configured share, or less after refusals.",
            "tenant",
        )
        self.budget_others = self._gauge(
            "budget_others_per_minute",
            "Requests a minute that other integrations seem to take, as told by refusals.",
            "tenant",
        )
        self.look_last_success = self._gauge(
            "look_last_success_timestamp_seconds", "End of the last complete sweep; 0 when never.", *resource
        )
        self.look_interval = self._gauge(
            "look_interval_seconds", "Configured time between sweeps.", *resource
        )
        self.look_duration = self._histogram(
            "look_duration_seconds", "How long a sweep took.", _LOOK_SECONDS, *resource
        )
        self.look_errors = self._counter("look_errors_total", "Looks that failed.", *resource, "reason")
        self.access_refused = self._gauge(
            "access_refused", "1 while Lucca refuses the credentials or the scope.", *resource, "reason"
        )
        self.baseline_records = self._gauge(
            "baseline_records", "Records read so far by a running baseline.", *resource
        )
        self.records = self._gauge("records", "Records in the snapshot.", *resource)
        self.changes = self._counter("changes_total", "Changes detected.", *resource, "kind")
        self.quarantined = self._counter(
            "quarantined_total", "Pages or records that could not be read.", *resource, "what"
        )
        self.impossible_values = self._counter(
            "impossible_values_total", "Dates that do not exist, passed on as text.", *resource
        )
        self.attribute_violations = self._counter(
            "attribute_violations_total", "Attribute values that their definition would refuse.", "tenant"
        )
        self.brake_held = self._gauge(
            "brake_held_records", "Changes that wait for a person's decision.", *resource, "kind"
        )
        self.brake_rejected = self._gauge(
            "brake_rejected_records", "Changes kept out because a person rejected them.", *resource, "kind"
        )
        self.brake_holding = self._gauge(
            "brake_holding", "1 while the brake holds changes, by what makes them odd.", *resource, "reason"
        )
        self.business_events = self._counter(
            "business_events_total", "Business events derived from changes.", "tenant", "name"
        )
        self.business_lag = self._gauge(
            "business_lag_seconds",
            "Age of the oldest change whose meaning was not derived yet; 0 when there is none.",
            "tenant",
        )
        self.business_set_aside = self._gauge(
            "business_set_aside", "People of whom nothing is derived, for a fault of ours.", "tenant"
        )

    def _declare_freshness(self) -> None:
        resource = ("tenant", "resource")
        self.oldest_page_age = self._gauge(
            "oldest_page_age_seconds",
            "Time since the page was asked for that was asked for longest ago; NaN when none was yet.",
            *resource,
        )
        self.staleness_bound = self._gauge(
            "staleness_bound_seconds",
            "How old what is known of any record may be at worst; NaN before the baseline is complete.",
            *resource,
        )
        self.detection_delay = self._histogram(
            "detection_delay_seconds",
            "From a change at Lucca, by its own clock, to its being recorded here.",
            _DETECTION_SECONDS,
            "tenant",
            "eye",
        )
        self.changes_missed = self._counter(
            "changes_missed_total",
            "Changes that Lucca should have told of before another eye found them.",
            *resource,
            "by",
        )

    def _declare_hints(self) -> None:
        self.hints_received = self._counter(
            "hints_received_total", "Webhooks of Lucca's that arrived.", "tenant", "outcome"
        )
        self.hints_unwatched = self._counter(
            "hints_unwatched_total", "Hints about nothing that is watched.", "tenant"
        )
        self.hints_waiting = self._gauge("hints_waiting", "Hints that nobody has looked into yet.", "tenant")
        self.hints_last = self._gauge(
            "hints_last_timestamp_seconds", "When the last webhook arrived; 0 when never.", "tenant"
        )
        self.hints_active = self._gauge(
            "hints_active", "1 while Lucca sends webhooks here, as far as it lets us know.", "tenant"
        )

    def _declare_deliveries(self) -> None:
        lane = ("route", "connector")
        self.deliveries = self._gauge("deliveries", "Deliveries that are not done.", *lane, "state")
        self.delivery_oldest = self._gauge(
            "delivery_oldest_timestamp_seconds",
            "When the oldest open delivery was written; 0 when none is.",
            *lane,
        )
        self.delivery_outcomes = self._counter(
            "delivery_outcomes_total", "Attempts by outcome.", *lane, "outcome"
        )
        self.attempt_seconds = self._histogram(
            "delivery_attempt_seconds", "How long an attempt took.", _ATTEMPT_SECONDS, "connector"
        )
        self.delivery_lag = self._histogram(
            "delivery_lag_seconds", "From journaled to delivered.", _LAG_SECONDS, *lane
        )
        self.possibly_sent = self._counter(
            "delivery_possibly_sent_total", "Attempts that may have arrived, and are made again.", *lane
        )
        self.late_answers = self._counter(
            "delivery_late_answers_total",
            "Answers that came when the delivery was no longer claimed by them.",
        )
        self.deliveries_unconfigured = self._gauge(
            "deliveries_unconfigured", "Open deliveries along routes or to connectors that no settings name."
        )
        self.target_state = self._gauge(
            "target_state", "1 for how a target stands, 0 for the others.", "connector", "state"
        )
        self.route_paused = self._gauge("route_paused", "1 while a person has paused a route.", "route")

    def _declare_process(self) -> None:
        self.build_info = self._gauge("build_info", "Always 1; the label tells the version.", "version")
        self.config_info = self._gauge(
            "config_info", "Always 1; the label tells the settings' digest.", "hash"
        )
        self.config_reloads = self._counter(
            "config_reloads_total", "Attempts to take up changed settings.", "outcome"
        )
        self.config_last_reload_successful = self._gauge(
            "config_last_reload_successful", "0 while the settings file was last refused."
        )
        self.config_last_reload_success = self._gauge(
            "config_last_reload_success_timestamp_seconds", "When settings were last taken up."
        )
        self.store_write_errors = self._counter(
            "store_write_errors_total", "Writes that the store refused.", "reason"
        )
        self.store_writable = self._gauge("store_writable", "1 while the store takes writes.")
        self.store_bytes = self._gauge("store_bytes", "Bytes that the store takes up.")
        self.store_used = self._gauge(
            "store_used_bytes", "Bytes in use inside the store, which back-pressure goes by."
        )
        self.backpressure = self._gauge(
            "backpressure_level", "How far looking steps back: 0 not at all, 1 slowed, 2 paused."
        )
        self.loop_lag = self._gauge("loop_lag_seconds", "How late the event loop last was.")
        for reason in STORE_ERRORS:
            self.store_write_errors.labels(reason)
        for outcome in RELOADS:
            self.config_reloads.labels(outcome)

    def initialise_tenant(self, tenant: str, resources: Iterable[str], besides: Iterable[str] = ()) -> None:
        """Create every time series of a tenant; `besides` is what is asked for and not watched."""
        for purpose, outcome in product(PURPOSES, REQUEST_OUTCOMES):
            self.requests.labels(tenant, purpose, outcome)
        for gauge in (self.budget_available, self.budget_allowed, self.budget_others):
            gauge.labels(tenant)
        self.attribute_violations.labels(tenant)
        self._initialise_hints(tenant)
        for eye in EYES:
            self.detection_delay.labels(tenant, eye)
        for resource in resources:
            self._initialise_resource(tenant, resource)
        for asked, reason in product(besides, LOOK_ERRORS):
            self.look_errors.labels(tenant, asked, reason)

    def _initialise_hints(self, tenant: str) -> None:
        for outcome in HINT_OUTCOMES:
            self.hints_received.labels(tenant, outcome)
        for metric in (self.hints_unwatched, self.hints_waiting, self.hints_last, self.hints_active):
            metric.labels(tenant)

    def _initialise_resource(self, tenant: str, resource: str) -> None:
        for metric in (
            self.oldest_page_age,
            self.staleness_bound,
            self.look_last_success,
            self.look_interval,
            self.look_duration,
            self.baseline_records,
            self.records,
            self.impossible_values,
        ):
            metric.labels(tenant, resource)
        for metric, values in (
            (self.look_errors, LOOK_ERRORS),
            (self.access_refused, REFUSALS),
            (self.changes, KINDS),
            (self.quarantined, QUARANTINED),
            (self.changes_missed, TELLERS),
            (self.brake_held, KINDS),
            (self.brake_rejected, KINDS),
            (self.brake_holding, BRAKE_REASONS),
        ):
            for value in values:
                metric.labels(tenant, resource, value)

    def initialise_business(self, tenant: str, names: Iterable[str]) -> None:
        """Create the time series about a tenant's business events of these names."""
        self.business_lag.labels(tenant)
        self.business_set_aside.labels(tenant)
        for name in names:
            self.business_events.labels(tenant, name)

    def initialise_lane(self, route: str, connector: str) -> None:
        """Create every time series of a lane with value 0."""
        for state in DELIVERY_STATES:
            self.deliveries.labels(route, connector, state)
        for outcome in DELIVERY_OUTCOMES:
            self.delivery_outcomes.labels(route, connector, outcome)
        self.delivery_oldest.labels(route, connector)
        self.delivery_lag.labels(route, connector)
        self.possibly_sent.labels(route, connector)
        self.route_paused.labels(route)
        for state in TARGET_STATES:
            self.target_state.labels(connector, state)
        self.attempt_seconds.labels(connector)

    def forget(self, **labels: str) -> None:
        """Drop every time series that has all these labels: what they name is no more."""
        for names, metric in self._labelled:
            if names.issuperset(labels):
                metric.remove_by_labels(labels)

    def page(self) -> bytes:
        """Render the Prometheus text exposition."""
        return generate_latest(self.registry)
