"""What is committed works on any machine: no package index of ours, no path of ours."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATTERNS = {
    "the address of a package index": re.compile(
        r"https?://[A-Za-z0-9.-]+(:\d+)?/(simple|packages|pypi)/|(index|find)-(url|links)[ =]"
    ),
    "a path of one machine": re.compile(r"(?<![\w.~/-])/(?:home|Users|root|work)/[\w.-]+"),
}


def tracked_files() -> list[Path]:
    """The paths that git knows, relative to the root."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of what is committed")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", PATTERNS)
def test_no_tracked_file_holds(what: str) -> None:
    pattern = PATTERNS[what]
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in tracked_files()
        for number, line in enumerate((ROOT / path).read_text("utf-8", "replace").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_locks_pin_every_package_by_hash() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        entries = re.split(r"\n(?=[a-z])", lock.read_text("utf-8"))
        pinned = [entry for entry in entries if not entry.startswith("#")]
        assert pinned
        assert [entry for entry in pinned if "==" not in entry or "--hash=sha256:" not in entry] == []
