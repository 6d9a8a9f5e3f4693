"""Somebody who follows a guide to the letter: writes its files and types its commands."""

import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_WITHOUT_INDEX: Final = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
"""What spares pip all that it would download: it is there. (Of the last one, pip takes 0 for yes.)"""


def blocks(guide: Path, language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return [body for found, body in _BLOCK.findall(guide.read_text("utf-8")) if found == language]


def files(guide: Path) -> dict[str, str]:
    """The files that a guide shows: blocks whose first line is a comment with a path."""
    shown: dict[str, str] = {}
    for _, body in _BLOCK.findall(guide.read_text("utf-8")):
        if named := re.match(r"# ([\w/.-]+\.\w+)\n", body):
            shown[named[1]] = body
    return shown


@dataclass(frozen=True)
class Newcomer:
    """A folder, and a virtual environment in it that has what ours has."""

    folder: Path

    def writes(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def makes_an_environment(self) -> None:
        """As `python3 -m venv .venv` and installing lucca-sync do; ours is lent instead of downloaded."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=self.folder, check=True)
        (place,) = (self.folder / ".venv").glob("lib/python*/site-packages")
        lent = sysconfig.get_path("purelib")
        (place / "lent.pth").write_text(f"import site; site.addsitedir({lent!r})\n", encoding="utf-8")
        for name, program in {
            "pip": "from pip._internal.cli.main import main; raise SystemExit(main())",
            "pytest": "import pytest; raise SystemExit(pytest.main())",
            "lucca-sync": "from lucca_sync.cli import main; main()",
        }.items():
            script = self.folder / ".venv" / "bin" / name
            script.write_text(f"#!{self.folder}/.venv/bin/python\n{program}\n", encoding="utf-8")
            script.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """What the shell has once the environment is activated."""
        ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p no:cacheprovider -W error"}
        path = f"{self.folder}/.venv/bin{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, **_WITHOUT_INDEX, **ours, "PATH": path}

    def types(self, *lines: str) -> str:
        """Type lines into a shell, one after the other, and return what they print; each must succeed."""
        typed = subprocess.run(
            ["sh", "-e", "-c", "\n".join(lines)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert typed.returncode == 0, typed.stdout
        return typed.stdout
