"""What tests of commands that act on deliveries share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import anyio
import pytest

from lucca_sync.cli.entry import exit_code
from tests.cli.queue import SETTINGS, deliveries, fill


@dataclass(frozen=True)
class Office:
    """A folder with settings and a store, and commands run in it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.folder / "lucca-sync.yaml"

    @property
    def store(self) -> Path:
        return self.folder / "journal.db"

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command; return its exit code and all that it wrote."""
        code = exit_code([*arguments, "-c", str(self.config)])
        written = self.capsys.readouterr()
        return code, written.out + written.err

    def told(self, *arguments: str) -> str:
        """Run a command that must go well; return what it wrote."""
        code, text = self.run(*arguments)
        assert code == 0, text
        return text

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command that must go well and answers programs with one value."""
        return cast(dict[str, Any], json.loads(self.told(*arguments, "-o", "json")))

    def lines(self, *arguments: str) -> list[Mapping[str, Any]]:
        """Run a command that must go well and answers programs with a line each."""
        return [json.loads(line) for line in self.told(*arguments, "-o", "json").splitlines()]

    def states(self) -> list[tuple[str, str]]:
        """Return subject and state of every delivery, in journal order."""
        return [(one.subject, one.state) for one in anyio.run(deliveries, self.store)]


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    anyio.run(fill, tmp_path / "journal.db")
    (tmp_path / "lucca-sync.yaml").write_text(SETTINGS)
    return Office(tmp_path, capsys)
