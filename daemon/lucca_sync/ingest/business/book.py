"""The rules in force for one tenant: chosen by what it watches, their expressions compiled. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from lucca_sync.ingest.diff import parse_instant
from lucca_sync.kit.expression import CompiledExpression, ExpressionMisfit
from lucca_sync.model.business import TIMELINES, Manner, Phase, Rule, Source
from lucca_sync.model.values import Json


@dataclass(frozen=True, slots=True)
class Active:
    """A rule with the source that it has in this tenant. `shows` is the resource whose record it carries."""

    name: str
    source: Source
    names: Mapping[Phase, str]
    shows: str
    when: CompiledExpression
    on: CompiledExpression | None
    by: CompiledExpression | None
    act: CompiledExpression | None = None

    @property
    def resource(self) -> str:
        """What it watches."""
        return self.source.resource

    @property
    def manner(self) -> Manner:
        """How it tells."""
        return self.source.manner

    def holds(self, data: Mapping[str, Json]) -> bool:
        """Tell whether the condition holds; one that fails on these values does not."""
        return _is_true(_found(self.when, data))

    def date(self, data: Mapping[str, Json]) -> str | None:
        """Return the date as text, None where there is none."""
        found = None if self.on is None else _found(self.on, data)
        return found[:10] if isinstance(found, str) and found else None

    def group(self, data: Mapping[str, Json], record_id: str) -> str:
        """Return what the record shares with those that are told together."""
        found = None if self.by is None else _found(self.by, data)
        return record_id if found is None else str(found)

    def acted(self, data: Mapping[str, Json]) -> datetime | None:
        """Return when somebody did what is told of the record, None where that is not known."""
        found = None if self.act is None else _found(self.act, data)
        if not isinstance(found, str):
            return None
        return parse_instant(found) or parse_instant(
            f"{found}Z"
        )  # the older API leaves the offset out at times


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of one tenant in the order in which they tell. `notices` are the days of notice."""

    rules: Sequence[Active]
    notices: tuple[int, ...]
    _about: dict[str, list[Active]] = field(default_factory=dict[str, list[Active]])

    def about(self, resource: str) -> Sequence[Active]:
        """Return the rules that watch a resource."""
        if resource not in self._about:
            self._about[resource] = [rule for rule in self.rules if rule.resource == resource]
        return self._about[resource]

    def named(self, name: str) -> Active | None:
        """Return a rule by its name."""
        return next((rule for rule in self.rules if rule.name == name), None)

    @property
    def kept(self) -> frozenset[str]:
        """The resources whose records a person's state keeps: those with dates, and those that are shown."""
        dated = {rule.resource for rule in self.rules if rule.manner != "moment"}
        shown = {rule.shows for rule in self.rules if rule.shows != rule.resource}
        return frozenset(dated | shown | {rule.resource for rule in self.rules if rule.resource in TIMELINES})

    @property
    def read(self) -> frozenset[str]:
        """The resources whose events matter."""
        return self.kept | {rule.resource for rule in self.rules}

    def digest(self, resource: str) -> str:
        """Return what changes when other rules about a resource's dates are in force."""
        told = [f"{one.name} {one.source!r} {self.notices}" for one in self.about(resource)]
        return blake2b("\n".join(told).encode(), digest_size=8).hexdigest()


def book_of(rules: Iterable[Rule], watched: Collection[str], notices: Iterable[int]) -> Book:
    """Choose the rules that a tenant can have and compile them."""
    found = ((rule, rule.source(watched)) for rule in rules)
    active = [_active(rule, source, watched) for rule, source in found if source is not None]
    return Book(active, tuple(sorted(set(notices), reverse=True)))


def _active(rule: Rule, source: Source, watched: Collection[str]) -> Active:
    shows = source.shows if source.shows in watched else source.resource
    texts = (source.on, source.by, source.act)
    on, by, act = (CompiledExpression(text) if text else None for text in texts)
    when = CompiledExpression(source.when)
    return Active(rule.name, source, rule.names(source), shows, when, on, by, act)


def _found(expression: CompiledExpression, data: Mapping[str, Json]) -> object:
    try:
        return expression.search(data)
    except ExpressionMisfit:
        return None


def _is_true(value: object) -> bool:
    """JMESPath's truth, as routes have it: null, false and what is empty are false; zero is true."""
    return value is not None and value is not False and value not in ("", [], {})
