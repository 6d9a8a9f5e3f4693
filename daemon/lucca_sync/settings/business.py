"""The section about business events: how long changes wait for each other, and events of one's own."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from lucca_sync.kit.durations import PositiveDuration
from lucca_sync.kit.expression import Expression
from lucca_sync.model.business import RULES, Rule, Source
from lucca_sync.settings.section import Model
from lucca_sync.settings.text import EventName, Name

_DAY: Final = timedelta(days=1)
_LONGEST_WINDOW: Final = timedelta(hours=1)


def _short(window: timedelta) -> timedelta:
    if window > _LONGEST_WINDOW:
        raise ValueError("must be at most 1h")
    return window


def _whole_days(spans: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    if any(span % _DAY for span in spans):
        raise ValueError("must be whole days, such as 14d")
    if len(set(spans)) < len(spans):
        raise ValueError("names something twice")
    return spans


class OwnEvent(Model):
    """An event of one's own, told of a person when a condition holds for a record of theirs."""

    resource: Name
    """The resource whose changes are looked at; it must say whom it concerns (an employee)."""

    when: Expression
    """A condition in JMESPath over `record`, `previous` (what the record replaces: the position before a new
    one, or what it was itself; null where there is none) and `changes` between the two."""

    on: Expression | None = None
    """Where the date stands on which it takes effect, such as `record.startsOn`. Default: it has none."""

    phases: bool = True
    """Beside a date that lies ahead: tell it as `NAME.scheduled`, on the day as `NAME.effective`, and what
    becomes of it as `NAME.rescheduled` and `NAME.cancelled`. `false` tells it at once, whatever its date."""

    def rule(self, name: str) -> Rule:
        """Return what the deriver makes of it."""
        dated = self.on is not None and self.phases
        on = self.on.source if self.on is not None else ""
        return Rule(name, (Source(self.resource, self.when.source, on, "dated" if dated else "moment"),))


class Business(Model):
    """Business events: what changes mean for somebody (hired, moved, about to leave), derived from them."""

    window: Annotated[PositiveDuration, AfterValidator(_short)] = timedelta(seconds=30)
    """How long changes of one person wait for each other before it is said what they mean: Lucca writes a
    hire as three records. At most 1h."""

    probation_notice: Annotated[tuple[PositiveDuration, ...], AfterValidator(_whole_days)] = (
        timedelta(days=14),
    )
    """How many days before its last day the end of a probation is told (`probation.ending`), each a whole
    number of days. An empty list: never."""

    events: Annotated[dict[EventName, OwnEvent], Field(default_factory=dict)]
    """Events of your own, by name, such as `employee.promoted`. Routes name them in `types`."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules: those of the product, and one's own."""
        return (*RULES, *(event.rule(name) for name, event in self.events.items()))

    @property
    def notices(self) -> tuple[int, ...]:
        """The days of notice before the end of a probation."""
        return tuple(span.days for span in self.probation_notice)
