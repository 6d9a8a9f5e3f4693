"""Settings files for tests: a small valid one, and what loading says about any text."""

from collections.abc import Collection, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

from lucca_sync.registry import GROUP, Plan, load_all
from lucca_sync.settings.problems import SettingsError

VALID = """\
version: 1
tenants:
  acme:
    url: https://acme.ilucca.net
    client_id: app
    client_secret: planted
    resources:
      employees: {every: 2m}
      departments:
connectors:
  log: {type: jsonl}
routes:
  people:
    resources: [employees]
    to: [log]
"""


def stranger(name: str, place: str) -> EntryPoint:
    """An entry point as a foreign distribution would announce it."""
    return EntryPoint(name, f"tests.settings.strangers:{place}", GROUP)


def write(folder: Path, text: str) -> Path:
    path = folder / "lucca-sync.yaml"
    path.write_text(dedent(text), "utf-8")
    return path


def load(
    folder: Path,
    text: str = VALID,
    environment: Mapping[str, str] | None = None,
    known: Collection[EntryPoint] | None = None,
) -> Plan:
    return load_all(write(folder, text), environment or {}, known)


def complaints(
    folder: Path,
    text: str,
    environment: Mapping[str, str] | None = None,
    known: Collection[EntryPoint] | None = None,
) -> list[str]:
    """Everything that is wrong, one line each, without the file's name; empty when nothing is."""
    try:
        load(folder, text, environment, known)
    except SettingsError as error:
        return [str(problem).removeprefix(f"{folder}/lucca-sync.yaml:") for problem in error.problems]
    return []
