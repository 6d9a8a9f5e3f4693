"""Loads the named queries of `sql/` and the numbered migrations, wherever the package is installed."""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final, NamedTuple

_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_MIGRATION: Final = re.compile(r"^(\d{4})_\w+\.sql$")


class Migration(NamedTuple):
    """One step of the schema: the version it leads to and the statements that lead there."""

    version: int
    script: str


def _folder(name: str) -> Traversable:
    return files("lucca_sync.journal.sqlite").joinpath(name)


def named_queries(topic: str) -> Mapping[str, str]:
    """Return the queries of `sql/{topic}.sql`: each follows a line `-- name: …` and runs to the next one."""
    _, *parts = _NAME.split(_folder("sql").joinpath(f"{topic}.sql").read_text(encoding="utf-8"))
    return MappingProxyType(dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True)))


def migrations() -> Sequence[Migration]:
    """Return all migrations in order; their numbers run from 1 without gaps."""
    found: list[Migration] = []
    for file in _folder("migrations").iterdir():
        match = _MIGRATION.match(file.name)
        if match:
            found.append(Migration(int(match[1]), file.read_text(encoding="utf-8")))
    return sorted(found)
