"""The settings as checked values: one model for each section of the YAML, its meaning under each field.

The texts under the fields are what the JSON Schema and the guide show. Reads no file.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeAlias, cast
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from lucca_sync.kit.durations import PositiveDuration, SwitchableDuration
from lucca_sync.kit.expression import Expression
from lucca_sync.kit.secret import Secret
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.model.event import KINDS
from lucca_sync.settings.brake import Brake
from lucca_sync.settings.business import Business
from lucca_sync.settings.pressure import Backpressure
from lucca_sync.settings.problems import Finding
from lucca_sync.settings.rules import BROKEN, broken_rules
from lucca_sync.settings.section import Model, either
from lucca_sync.settings.text import (
    CollectionPath,
    DefinitionId,
    EventType,
    File,
    Filled,
    Listen,
    Name,
    Scope,
    Store,
    TenantUrl,
    TimeZone,
    Url,
    VolatilePath,
    each_once,
    listed,
    split_listen,
)

DEFAULT_STORE: Final = "sqlite:./lucca-sync.db"
SecretText: TypeAlias = Annotated[SecretStr, Field(min_length=1)]


class Eyes(Model):
    """What the daemon looks with beside its sweeps. Each eye can be switched off with `false`."""

    head: SwitchableDuration = timedelta(minutes=2)
    """Time between two looks at the newest records of a resource that can be sorted so: one request each.
    Where `every` is shorter, that counts."""

    count: SwitchableDuration = timedelta(minutes=10)
    """Time between two counts of a resource. One request each; a count that differs starts a search."""

    stable_pages: bool = True
    """Look at pages of a fixed address where a resource allows it, those that change most first."""

    gaps: bool = True
    """Take a record that is missing between its neighbours on a page for a deletion to confirm at once, not
    only at the end of a sweep."""

    due_dates: bool = True
    """Look again at who has a date coming due (contract start and end, a new position, the end of a
    probation) at midnight in their establishment's time zone."""

    feed: SwitchableDuration = timedelta(seconds=30)
    """Time between two looks at Lucca's list of events, where the scope events.readonly is granted and the
    list turns out to be in order."""

    deltas: bool = True
    """Ask v3 resources what changed since the last look, beside looking at everything now and then."""

    survey: PositiveDuration = timedelta(days=1)
    """Time between two full sweeps of resources that are looked at by pages of a fixed address."""


class Hints(Model):
    """Lucca's own webhooks, taken in at `/hints/{tenant}`: `lucca-sync hints register` sets them up."""

    model_config = ConfigDict(json_schema_extra=either("secret", "secret_file"))

    secret: SecretText | None = None
    """The endpoint's secret, best as `${VARIABLE}`. Give this or `secret_file`, not both."""

    secret_file: Annotated[File | None, Field(validate_default=True)] = None
    """File that holds the endpoint's secret; `hints register` writes it there: Lucca shows it only once."""

    previous_secret_file: File | None = None
    """File with a secret that is still accepted, while a new one is being put into use."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets that are accepted, the present one first."""
        present = (
            Secret(value=self.secret.get_secret_value()) if self.secret else Secret(file=self.secret_file)
        )
        former = [Secret(file=self.previous_secret_file)] if self.previous_secret_file else []
        return (present, *former)

    @field_validator("secret_file")
    @classmethod
    def _one_secret(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if "secret" in info.data and (file is None) == (info.data["secret"] is None):
            raise ValueError("give exactly one of secret and secret_file")
        return file


class ResourceSettings(Model):
    """How one resource of a tenant is watched."""

    every: PositiveDuration
    """Time from the start of one look to the start of the next. A look costs one request per 100 records, out
    of `requests_per_minute`: where that is too little, looks come late."""

    baseline: Literal["silent", "snapshot"] = "silent"
    """What the very first look emits: `silent` nothing, `snapshot` one `created` event for each record."""

    brake: Brake = Brake()
    """How many changes at once are too many to believe."""

    volatile: tuple[VolatilePath, ...] = ()
    """Fields whose change is no change, added to those the product knows: names of top-level fields, or JSON
    Pointers such as `/author/name`."""

    quiet: tuple[VolatilePath, ...] | None = None
    """Fields that are kept, but whose change alone is no event, instead of those the product knows
    (`sortOrder` of departments: moving one moves its siblings). An empty list makes every field count."""

    past: PositiveDuration | None = None
    """Only for `leaves` and `leave-periods`: how far back absences are watched. Default: 60d."""

    future: PositiveDuration | None = None
    """Only for `leaves` and `leave-periods`: how far ahead absences are watched. Default: 365d."""

    path: CollectionPath | None = None
    """Only for a resource that the product doesn't know: where its collection stands, such as
    `/lucca-api/skills`. It is swept under the name of your choice."""

    scope: Scope | None = None
    """Only beside `path`: the scope it needs. Default: the path's last part and `.readonly`."""

    singular: Name | None = None
    """Only beside `path`: its word in event types, `lucca.{singular}.created`. Default: its name."""

    definitions: Annotated[tuple[DefinitionId, ...], AfterValidator(listed)] = ()
    """Only for `employee-attributes`: ids of the definitions to watch, such as `e_tShirtSize`. Default: all
    that the OAuth application may see."""


class Tenant(Model):
    """One Lucca tenant: where it is, how to be let in, how much to ask of it, what to watch."""

    model_config = ConfigDict(json_schema_extra=either("client_secret", "client_secret_file"))

    url: TenantUrl
    """Address of the tenant, such as `https://acme.ilucca.net`; no path. Plain http for loopback only."""

    client_id: Filled
    """The OAuth application's id (Lucca: Settings, API keys)."""

    client_secret: SecretText | None = None
    """The OAuth application's secret, best as `${VARIABLE}`. Give this or `client_secret_file`, not both."""

    client_secret_file: Annotated[File | None, Field(validate_default=True)] = None
    """File that holds the OAuth application's secret; read at each use, so it may be replaced any time."""

    token_url: Url = "https://accounts.world.luccasoftware.com/connect/token"  # noqa: S105 - an address
    """Where tokens are asked for; the same for all of Lucca's tenants. Plain http for loopback only."""

    requests_per_minute: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    """Our share of the 50 requests a minute that Lucca grants the whole tenant, all integrations together."""

    timezone: TimeZone = "Europe/Paris"
    """Time zone of dates whose establishment names none, an IANA name: a contract that ends today ends at
    midnight there."""

    legacy_api_key: SecretText | None = None
    """The API key for v3 resources (`users`, `leaves`, `leave-periods`, `leave-requests`), best as
    `${VARIABLE}`. This or `legacy_api_key_file`."""

    legacy_api_key_file: File | None = None
    """File that holds the API key for v3 resources; read at each use."""

    resources: Annotated[dict[Name, ResourceSettings], Field(min_length=1)]
    """What to watch. `employees:` with nothing behind it takes the defaults."""

    eyes: Eyes = Eyes()
    """What to look with."""

    hints: Hints | None = None
    """Takes in Lucca's webhooks, so that changes arrive within seconds."""

    @property
    def secret(self) -> Secret:
        """The OAuth application's secret, from wherever it was given."""
        if self.client_secret is not None:
            return Secret(value=self.client_secret.get_secret_value())
        return Secret(file=self.client_secret_file)

    @property
    def legacy_key(self) -> Secret | None:
        """The API key for v3 resources, from wherever it was given; None without one."""
        if self.legacy_api_key is not None:
            return Secret(value=self.legacy_api_key.get_secret_value())
        return Secret(file=self.legacy_api_key_file) if self.legacy_api_key_file else None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the tenant's dates."""
        return ZoneInfo(self.timezone)

    @field_validator("client_secret_file")
    @classmethod
    def _one_secret(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if "client_secret" not in info.data:
            return file
        if (file is None) == (info.data["client_secret"] is None):
            raise ValueError("give exactly one of client_secret and client_secret_file")
        return file

    @field_validator("legacy_api_key_file")
    @classmethod
    def _at_most_one_key(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if file is not None and info.data.get("legacy_api_key") is not None:
            raise ValueError("give only one of legacy_api_key and legacy_api_key_file")
        return file

    @field_validator("resources", mode="before")
    @classmethod
    def _with_defaults(cls, sections: object) -> object:
        """Fill in each resource's own default of `every`."""
        if not isinstance(sections, Mapping):
            return sections
        named = cast("Mapping[str, object]", sections)
        return {name: _with_every(name, section) for name, section in named.items()}


class Route(Model):
    """Which events go to which connectors, and what those may see of them."""

    resources: Annotated[tuple[Name, ...], AfterValidator(each_once)] | None = None
    """Resources whose events travel here. Default: all that are watched, but those named by their `path`."""

    tenants: Annotated[tuple[Name, ...], AfterValidator(each_once)] | None = None
    """Tenants whose events travel here. Default: all."""

    types: Annotated[tuple[EventType, ...], AfterValidator(each_once)] = KINDS
    """What travels here: kinds of change (`created`, `updated`, `deleted`) and business events by name, such
    as `employee.hired`; `position.changed.*` is that event and its phases. No `resources` restrict business
    events. Default: the three kinds of change."""

    when: Expression | None = None
    """A condition in JMESPath over `record`, `previous` and `changes` (of business events also `on`); events
    for which it is false stay out. It sees all fields, whatever `fields` says. Text stands in single quotes,
    as in `record.status != 'deactivated'`."""

    fields: Annotated[tuple[Filled, ...], AfterValidator(each_once)] | None = None
    """Top-level fields that may leave; a change of other fields alone makes no delivery. Default: all but the
    sensitive ones, which must be named to leave."""

    shape: Literal["leaves-v2"] | None = None
    """`leaves-v2` gives events of `leaves` the payload of the v2 API, which ended on 2026-03-31. Only for
    routes with `resources: [leaves]`."""

    to: Annotated[tuple[Name, ...], AfterValidator(each_once)]
    """Names of the connectors that get the events."""

    on_dead: Literal["skip", "hold-subject"] = "skip"
    """What follows when an event is given up: with `skip` the next of its subject goes on, with
    `hold-subject` everything about the subject waits until a person sends the dead letter again or discards
    it."""


class Server(Model):
    """Where probes and metrics are served, and hints taken in."""

    listen: Listen = "127.0.0.1:9464"
    """Address and port of `/livez`, `/readyz`, `/startupz`, `/metrics` and `/hints/`. Port 0 takes any free
    one. In a container: `0.0.0.0:9464`."""

    admin_token: SecretText | None = None
    """Reserved for the admin API of a later version; it has no effect yet. This or `admin_token_file`."""

    admin_token_file: File | None = None
    """Reserved for the admin API of a later version; it has no effect yet."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`."""
        return split_listen(self.listen)

    @field_validator("admin_token_file")
    @classmethod
    def _at_most_one_token(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if file is not None and info.data.get("admin_token") is not None:
            raise ValueError("give only one of admin_token and admin_token_file")
        return file


class Settings(Model):
    """The whole file."""

    version: Literal[1]
    """The version of this file's format: 1."""

    tenants: Annotated[dict[Name, Tenant], Field(min_length=1)]
    """The Lucca tenants, each under a name of your choice that events and metrics carry. A tenant that is
    renamed is a new one, with a new baseline."""

    store: Store = DEFAULT_STORE
    """Where the journal is kept: `sqlite:` and a path, relative to this file. One daemon a file."""

    connectors: Annotated[dict[Name, dict[str, object]], Field(repr=False, default_factory=dict)]
    """The targets, each under a name of your choice. `type` says which connector it is."""

    routes: Annotated[dict[Name, Route], Field(default_factory=dict)]
    """Which events go where. Without a route events are journaled and delivered to nobody."""

    server: Server = Server()
    """Where probes and metrics are served, and hints taken in."""

    retention: PositiveDuration = timedelta(days=30)
    """How long the contents of events are kept once delivered everywhere; open ones and dead letters stay
    regardless."""

    history: Annotated[PositiveDuration, Field(validate_default=True)] = timedelta(days=365)
    """How long it is known of delivered events that they were: ids, times, types and attempts. At least as
    long as `retention`."""

    backpressure: Backpressure = Backpressure()
    """When looking steps back because too much is kept."""

    business: Business = Business.model_validate({})
    """How business events are derived, and which of your own."""

    @field_validator("history")
    @classmethod
    def _outlives_contents(cls, history: timedelta, info: ValidationInfo) -> timedelta:
        if history < info.data.get("retention", history):
            raise ValueError("must be at least as long as retention")
        return history

    @model_validator(mode="after")
    def _rules_hold(self) -> Self:
        """Check what spans sections; settings made in code are held to it as files are."""
        broken = [_as_pydantic(finding) for finding in broken_rules(self.model_dump())]
        if broken:
            raise ValidationError.from_exception_data("Settings", broken, hide_input=True)
        return self


def _with_every(name: str, section: object) -> object:
    every = CATALOGUE[name].every if name in CATALOGUE else timedelta(minutes=15)
    default: dict[str, object] = {"every": every}
    if section is None:
        return default
    return {**default, **cast("Mapping[str, object]", section)} if isinstance(section, Mapping) else section


def _as_pydantic(finding: Finding) -> InitErrorDetails:
    kind = PydanticCustomError(BROKEN, "{text}", {"text": finding.message})
    return InitErrorDetails(type=kind, loc=finding.path, input=None)
