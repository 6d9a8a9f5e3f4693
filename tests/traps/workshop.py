"""A copy of the program in a folder of its own, where protections are taken out and tests are run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.traps.mutants.mutant import Mutant

ROOT: Final = Path(__file__).parents[2]
_TAKEN: Final = ("daemon", "connectors", "tests", "bench")
_LEFT: Final = shutil.ignore_patterns("__pycache__", ".hypothesis")
_LONGEST_TEST: Final = 120
"""Seconds after which a test counts as failed, whatever it says itself, …"""
_LONGEST: Final = 1140
"""… and after which nothing more is expected of the run."""


class Workshop:
    """Runs tests on the copy in `folder`, which nothing else imports."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in _TAKEN:
            shutil.copytree(ROOT / name, folder / name, ignore=_LEFT)
        shutil.copy(ROOT / "pyproject.toml", folder)

    @contextmanager
    def mutated(self, mutant: Mutant) -> Generator[None]:
        """Have the copy without one protection."""
        file = self._folder / mutant.file
        sound = file.read_text("utf-8")
        file.write_text(sound.replace(mutant.old, mutant.new), "utf-8")
        try:
            yield
        finally:
            file.write_text(sound, "utf-8")

    def run(self, tests: Iterable[str]) -> tuple[int, str]:
        """Run tests on the copy; return pytest's exit code and what it wrote."""
        ended = self._python("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests)
        return ended.returncode, ended.stdout

    def imports_from(self) -> Path:
        """Tell where the copy's tests import the program from."""
        ended = self._python("-c", "import lucca_sync; print(lucca_sync.__file__)")
        return Path(ended.stdout.strip())

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        sources = os.pathsep.join(str(self._folder / name) for name in ("daemon", "connectors"))
        # A byte code file of the same second would hide an edit of the same length.
        surroundings = {
            **os.environ,
            "PYTHONPATH": sources,
            "PYTHONDONTWRITEBYTECODE": "1",
            "LONGEST_TEST": str(_LONGEST_TEST),
        }
        surroundings.pop("PYTEST_XDIST_WORKER", None)
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self._folder,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
