"""Reads the settings file: YAML, variables, models, rules; all problems at once, each at its place.

Knows no connector: their sections stay plain data here, and `lucca_sync.registry` checks them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, cast

from pydantic import TypeAdapter, ValidationError

from lucca_sync.kit.maintenance import MaintenanceWindow
from lucca_sync.kit.windows import Weekly
from lucca_sync.settings.advice import advice
from lucca_sync.settings.document import Document, Locator, Section, read_document
from lucca_sync.settings.explain import findings
from lucca_sync.settings.model import DEFAULT_STORE, Route, Settings
from lucca_sync.settings.problems import Finding, Problem, SettingsError
from lucca_sync.settings.rules import broken_rules
from lucca_sync.settings.shape import prepared
from lucca_sync.settings.variables import required

_SQLITE: Final = "sqlite:"
_STAND_IN: Final = "unset"
_WINDOWS: Final = TypeAdapter(tuple[MaintenanceWindow, ...])


@dataclass(frozen=True, slots=True)
class Loaded:
    """Valid settings. `hash` is the SHA-256 of the file as it was read; `warnings` are no reason to stop.

    Every relative path in `settings` has been made absolute, taken from the file's own folder.
    """

    settings: Settings
    locator: Locator
    warnings: tuple[Problem, ...]
    hash: str
    folder: Path


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """A file as far as it could be understood. `loaded` is None where its own sections have problems."""

    document: Document
    folder: Path
    loaded: Loaded | None = None
    problems: tuple[Problem, ...] = field(default=())

    @property
    def connectors(self) -> Mapping[str, Section]:
        """The connectors' sections by name, those that are mappings."""
        sections = (self.document.data or {}).get("connectors")
        named = sections.items() if isinstance(sections, dict) else ()
        return {name: section for name, section in named if isinstance(section, dict)}

    def placed(self, found: Iterable[Finding]) -> Iterator[Problem]:
        """Give findings their place; nothing is said about what could not be read in the first place."""
        for finding in found:
            above = {finding.path[:length] for length in range(len(finding.path) + 1)}
            if above.isdisjoint(self.document.spoiled):
                yield self.document.locator.problem(finding)


def read_settings(path: Path, environment: Mapping[str, str]) -> Reading:
    """Read settings as far as they can be understood; every problem is collected, none is raised."""
    folder = path.parent.absolute()
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = Problem(str(path), 1, 1, "", f"cannot be read: {error.strerror}")
        return Reading(Document(Locator(str(path)), None, (problem,)), folder, problems=(problem,))
    document = read_document(content, str(path), environment)
    reading = Reading(document, folder, problems=document.problems)
    return reading if document.data is None else _validated(reading, document.data, content)


def read_store(path: Path, environment: Mapping[str, str]) -> str:
    """Return the `store` of a settings file, whatever else is wrong with it or missing from the environment.

    So that one can look at events without holding the secrets. Raises SettingsError.
    """
    reading = read_settings(path, environment)
    data = reading.document.data
    about_store = [problem for problem in reading.problems if problem.path in {"", "store"}]
    if data is None or about_store:
        raise SettingsError(about_store or reading.problems)
    return str(_prepared(data, reading.folder)["store"])


def read_routes(path: Path, environment: Mapping[str, str]) -> Mapping[str, Route]:
    """Return the `routes` of a settings file, whatever is wrong elsewhere or missing from the environment.

    So that one can ask what they match without holding the secrets. Raises SettingsError.
    """
    reading = read_settings(path, environment)
    if reading.loaded is not None:
        return reading.loaded.settings.routes
    data = reading.document.data
    about_routes = [one for one in reading.problems if not one.path or one.path.startswith("routes")]
    if data is None or about_routes:
        raise SettingsError(about_routes or reading.problems)
    sections = cast(Mapping[str, object], data.get("routes") or {})
    return {name: Route.model_validate(section) for name, section in sections.items()}


def read_maintenance(path: Path, environment: Mapping[str, str]) -> Mapping[str, Sequence[Weekly]]:
    """Return the maintenance windows of the connectors that have any, as far as they can be understood.

    So that one can tell what holds a target back without holding the secrets.
    """
    sections = read_settings(path, environment).connectors
    found = {name: _windows(section.get("maintenance")) for name, section in sections.items()}
    return {name: windows for name, windows in found.items() if windows}


def _windows(section: object) -> Sequence[Weekly]:
    try:
        return [window.weekly for window in _WINDOWS.validate_python(section or ())]
    except ValidationError:  # `lucca-sync check` tells what is wrong there
        return ()


def read_without_secrets(path: Path, environment: Mapping[str, str]) -> Settings:
    """Return settings for who looks and sends nothing: variables that are missing are no reason to stop.

    What they would hold (secrets, as a rule) must not be used. Raises SettingsError.
    """
    reading = read_settings(path, environment)
    if reading.loaded is None and reading.document.data is not None:
        stand_ins = dict.fromkeys(required(path.read_text(errors="replace")), _STAND_IN)
        reading = read_settings(path, {**stand_ins, **environment})
    if reading.loaded is None:
        raise SettingsError(reading.problems)
    return reading.loaded.settings


def _validated(reading: Reading, data: Section, content: bytes) -> Reading:
    try:
        settings = Settings.model_validate(_prepared(data, reading.folder))
    except ValidationError as error:
        # pydantic comes to the rules only when all else is right, so they are asked here.
        found = {*findings(error, Settings, data), *broken_rules(data)}
        problems = (*reading.problems, *reading.placed(found))
        return Reading(reading.document, reading.folder, problems=problems)
    if reading.problems:
        return reading
    warnings = tuple(sorted(reading.placed(advice(settings))))
    loaded = Loaded(settings, reading.document.locator, warnings, sha256(content).hexdigest(), reading.folder)
    return Reading(reading.document, reading.folder, loaded)


def _prepared(data: Section, folder: Path) -> Section:
    """Make a file's data ready for its model; the path in the store's text is made absolute too.

    A section with nothing behind it (`routes:`) is as good as absent.
    """
    absolute: Section = {"store": DEFAULT_STORE}
    absolute.update((key, value) for key, value in data.items() if value is not None)
    store = absolute["store"]
    if isinstance(store, str) and store.startswith(_SQLITE):
        path = store.removeprefix(_SQLITE)
        absolute["store"] = _SQLITE + str(folder / path) if path and path[0] != "/" else store
    return cast(Section, prepared(absolute, Settings, folder))
