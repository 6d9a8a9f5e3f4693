"""The wheel is what people install: it holds all of both packages and nothing else."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "daemon", ROOT / "connectors")
PACKAGES = {"lucca_sync", "lucca_connectors"}
LEFTOVERS = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel as hatchling builds it from this tree, without network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def in_the_tree() -> set[str]:
    """Every file under both source roots, as the wheel should name it."""
    return {
        file.relative_to(source).as_posix()
        for source in SOURCES
        for file in source.rglob("*")
        if file.is_file() and not LEFTOVERS.intersection(file.parts)
    }


def in_the_wheel(wheel: zipfile.ZipFile) -> set[str]:
    """Every file of the wheel but its own metadata."""
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_both_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    assert in_the_wheel(wheel) == in_the_tree()


def test_nothing_but_the_two_packages_lies_at_the_top(wheel: zipfile.ZipFile) -> None:
    assert {PurePosixPath(name).parts[0] for name in in_the_wheel(wheel)} == PACKAGES


def test_both_packages_are_marked_as_typed(wheel: zipfile.ZipFile) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= in_the_wheel(wheel)


def test_every_folder_with_code_is_a_package_and_the_source_roots_are_none() -> None:
    without_init = {
        str(file.parent.relative_to(ROOT))
        for source in SOURCES
        for file in source.rglob("*.py")
        if not (file.parent / "__init__.py").exists()
    }
    assert without_init == set()
    assert not any((source / "__init__.py").exists() for source in SOURCES)


def test_only_code_data_and_migrations_ship(wheel: zipfile.ZipFile) -> None:
    kinds = {PurePosixPath(name).suffix or PurePosixPath(name).name for name in in_the_wheel(wheel)}
    assert kinds <= {".py", ".typed", ".sql", ".json", ".txt", ".html", ".css", ".js"}


def test_the_metadata_names_command_connectors_licence_and_python(wheel: zipfile.ZipFile) -> None:
    entry_points = wheel.read(metadata_file(wheel, "entry_points.txt")).decode()
    assert "lucca-sync = lucca_sync.cli:main" in entry_points
    assert "[lucca_sync.connectors]" in entry_points
    metadata = message_from_bytes(wheel.read(metadata_file(wheel, "METADATA")))
    assert metadata["Name"] == "lucca-sync"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert wheel.read(metadata_file(wheel, "licenses/LICENSE")) == (ROOT / "LICENSE").read_bytes()


def metadata_file(wheel: zipfile.ZipFile, name: str) -> str:
    """The path of one of the wheel's metadata files."""
    (path,) = (path for path in wheel.namelist() if path.endswith(f".dist-info/{name}"))
    return path
