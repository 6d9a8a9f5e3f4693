"""What a person or a test may choose about a simulated tenant."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

RetryAfterFormat = Literal["seconds", "date"]
EventsOrder = Literal["oldest-first", "newest-first", "unordered"]
EventsKept = Literal["while-subscribed", "always"]


@dataclass(frozen=True, kw_only=True)
class SimulatorOptions:
    """Everything that shapes a simulated tenant; the defaults are what the documentation describes."""

    employees: int = 50
    """How many people it holds at the start, 1 to 100,000 and more."""
    seed: int = 1
    """The same seed (and month of start, see `epoch`) gives the same people and the same life."""
    epoch: date | None = None
    """The day that hire dates are reckoned from; by default the first day of the clock's month."""
    alive_per_minute: float = 0.0
    """Life changes a minute; 0 is a still world that changes only when told to."""
    speed: float = 1.0
    """How many times faster than the clock outside the world lives: its days, its minutes of requests,
    its tokens, the delays between its webhook attempts. Delays in `Retry-After` are seconds outside."""
    requests_per_minute: int = 50
    """The tenant's limit over a sliding 60 seconds of the world; 0 means no limit."""
    retry_after: RetryAfterFormat = "seconds"
    """How a 429 names its delay: a number of seconds or an HTTP date."""
    client_id: str = "simulator"
    client_secret: str = "simulator-secret"  # noqa: S105 - an invented tenant's well-known secret
    scopes: frozenset[str] | None = None
    """The scopes granted to the client application; None grants all that exist."""
    gzip: bool = True
    """Compress answers for clients that accept it."""
    etags: bool = True
    """Send weak ETags and answer 304."""
    etags_follow_portraits: bool = False
    """Let the rotating portrait token change the ETag as well."""
    stable_cursors: bool = True
    """Give the same page token for the same place each time; otherwise a new one at each call."""
    absences: float | None = None
    """Days a month that each employee is absent at the start, from two months ago to a year ahead.
    None is 2.5, less in companies of more than 2,000; 0 is a company in which nobody ever takes leave."""
    leaves_v5: bool = False
    """Whether the absences of the current API are switched on: support does so for some customers."""
    leaves_v5_refusal: Literal[403, 404] = 404
    """How they are answered while they are not."""
    api_key: str = "simulator-key"
    """The key of the legacy API."""
    half_day_name: Literal["isAm", "isAM"] = "isAm"
    """How the legacy API spells which half of the day it is: the documentation does both."""
    users_zone: str = "UTC"
    """The time zone of the legacy users' `modifiedAt`, which doesn't say."""
    strict_parameters: bool = False
    """Refuse unknown query parameters with 400 instead of ignoring them."""
    events: EventsKept = "while-subscribed"
    """Whether `/events` remembers only while a webhook endpoint asks for a topic, or always."""
    events_order: EventsOrder = "oldest-first"
    """The order in which `/events` lists them: no documentation says."""
    activation_parameter: Literal["echo", "challenge"] = "echo"
    """What a webhook address is asked to repeat under: `challenge` in older documentation."""
    webhook_charset: bool = False
    """Send webhooks as `application/json; charset=utf-8` instead of `application/json`."""
    webhook_hosts: frozenset[str] = frozenset()
    """Hosts besides this machine itself that webhooks may be sent to."""
    webhook_patience: int = 20
    """How many attempts may fail in a row before an endpoint is suspended; the real number is secret."""
