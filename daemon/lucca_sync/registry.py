"""Finds connectors by their entry points, ours and strangers' alike, and checks their sections of the YAML.

Imports only what the settings use. Knows no connector by name.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from inspect import isclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard

from pydantic import ValidationError

from lucca_sync.connector import Connector, ConnectorConfig
from lucca_sync.settings.document import Data, Section
from lucca_sync.settings.explain import findings
from lucca_sync.settings.load import Loaded, Reading, read_settings
from lucca_sync.settings.problems import Finding, Problem, SettingsError, did_you_mean
from lucca_sync.settings.shape import prepared

GROUP: Final = "lucca_sync.connectors"

ConnectorClass: TypeAlias = type[Connector[Any]]


@dataclass(frozen=True, slots=True)
class ConnectorPlan:
    """A connector as the settings want it: its name there, its class, its checked section."""

    name: str
    cls: ConnectorClass
    config: ConnectorConfig


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a settings file asks for, checked; `connectors` in the order of the file."""

    loaded: Loaded
    connectors: tuple[ConnectorPlan, ...]


class Unusable(Exception):
    """A connector type that is announced and can't be used; the message names who announced it."""


def announced() -> tuple[EntryPoint, ...]:
    """Return the connector types that the installed distributions announce."""
    return tuple(entry_points(group=GROUP))


def load_all(path: Path, environment: Mapping[str, str], known: Collection[EntryPoint] | None = None) -> Plan:
    """Read a settings file with its connectors' sections; raise SettingsError with the problems of both."""
    reading = read_settings(path, environment)
    connectors, problems = plan_connectors(reading, known)
    if reading.loaded is None or problems:
        raise SettingsError((*reading.problems, *problems))
    return Plan(reading.loaded, tuple(connectors))


def plan_connectors(
    reading: Reading, known: Collection[EntryPoint] | None = None
) -> tuple[list[ConnectorPlan], list[Problem]]:
    """Check every connector's section against the model of its type."""
    types = announced() if known is None else known
    plans: list[ConnectorPlan] = []
    found: list[Finding] = []
    for name, section in reading.connectors.items():
        planned = _plan(name, section, types, reading.folder)
        if isinstance(planned, ConnectorPlan):
            plans.append(planned)
        else:
            found.extend(planned)
    return plans, list(reading.placed(found))


def connector_models(
    known: Collection[EntryPoint] | None = None,
) -> tuple[dict[str, type[ConnectorConfig]], list[str]]:
    """Return the settings model of every usable type by name, and what is wrong with the others."""
    models: dict[str, type[ConnectorConfig]] = {}
    wrong: list[str] = []
    types = announced() if known is None else known
    for name in sorted({one.name for one in types}):
        try:
            models[name] = load_type(_chosen(name, types)).Config
        except Unusable as error:
            wrong.append(str(error))
    return models, wrong


def load_type(entry_point: EntryPoint) -> ConnectorClass:
    """Import a connector type; raise Unusable when that fails or what it names is no connector."""
    who = f"type {entry_point.name} of distribution {_distribution(entry_point)}"
    try:
        cls: object = entry_point.load()
    except Exception as error:  # noqa: BLE001 - importing a stranger's module may raise anything
        reason = str(error) if isinstance(error, ImportError) else type(error).__name__
        raise Unusable(f"{who} can't be imported: {reason}") from None
    if not _is_connector(cls):
        raise Unusable(f"{who} is not a lucca_sync.Connector with a Config")
    return cls


def _plan(
    name: str, section: Section, types: Collection[EntryPoint], folder: Path
) -> ConnectorPlan | list[Finding]:
    place = ("connectors", name)
    try:
        cls = load_type(_chosen(section.get("type"), types))
    except Unusable as error:
        return [Finding((*place, "type"), str(error))]
    config = _configured(cls.Config, section, folder)
    if isinstance(config, ConnectorConfig):
        return ConnectorPlan(name, cls, config)
    return [Finding((*place, *one.path), one.message, one.at_key) for one in config]


def _chosen(wanted: Data, types: Collection[EntryPoint]) -> EntryPoint:
    """Return the entry point of a type; raise Unusable with what there is."""
    names = sorted({one.name for one in types})
    if not isinstance(wanted, str):
        raise Unusable(f"must name the connector's type: one of {', '.join(names)}")
    chosen = [one for one in types if one.name == wanted]
    if not chosen:
        raise Unusable(f"unknown connector type{did_you_mean(wanted, names)}; installed: {', '.join(names)}")
    if len(set(map(_distribution, chosen))) > 1:
        raise Unusable(f"announced by several distributions: {', '.join(sorted(map(_distribution, chosen)))}")
    return chosen[0]


def _configured(
    model: type[ConnectorConfig], section: Section, folder: Path
) -> ConnectorConfig | list[Finding]:
    try:
        return model.model_validate(prepared(section, model, folder))
    except ValidationError as error:
        return findings(error, model, section, foreign=True)
    except Exception as error:  # noqa: BLE001 - a stranger's validator may raise anything, with values in its words
        return [Finding((), f"this connector's own check failed with {type(error).__name__}")]


def _is_connector(cls: object) -> TypeGuard[ConnectorClass]:
    config: object = getattr(cls, "Config", None)
    is_connector = isclass(cls) and issubclass(cls, Connector)
    return is_connector and isclass(config) and issubclass(config, ConnectorConfig)


def _distribution(entry_point: EntryPoint) -> str:
    return entry_point.dist.name if entry_point.dist else "unknown"
