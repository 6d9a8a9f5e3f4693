"""What authors need is found in two places, and what they get there is the thing itself."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

import lucca_sync
import lucca_sync.testing
from lucca_sync.testing import StandingClock
from lucca_sync.testing.events import NOON

ROOT = Path(__file__).parents[2]
DOORS = (lucca_sync, lucca_sync.testing)

both = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)


@both
def test_every_name_is_found_and_is_the_one_that_type_checkers_see(door: ModuleType) -> None:
    assert door.__file__
    seen = set(imported_for_types(Path(door.__file__)))
    assert {name for _, name in seen} == set(door.__all__)
    assert {(home, name) for name, home in vars(door)["_HOME_OF"].items()} == seen
    assert all(getattr(door, name) is not None for name in door.__all__)


def imported_for_types(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of what is imported for type checkers alone."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                assert isinstance(statement, ast.ImportFrom)
                assert statement.module is not None
                yield from ((statement.module, alias.name) for alias in statement.names)


@both
def test_no_other_name_is_found(door: ModuleType) -> None:
    with pytest.raises(AttributeError, match="import_nothing"):
        getattr(door, "import_nothing")  # noqa: B009 - the name is not there to be typed


def test_looking_at_the_doors_costs_no_http_client() -> None:
    program = "import sys, lucca_sync, lucca_sync.testing; print({'aiohttp', 'pydantic'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert loaded.stdout.strip() == "set()"


@both
def test_every_name_is_explained(door: ModuleType) -> None:
    mute = [
        name
        for name in door.__all__
        if isinstance(getattr(door, name), type) and not (getattr(door, name).__doc__ or "").strip()
    ]
    assert mute == []


def test_our_own_connectors_get_by_with_the_public_names() -> None:
    taken = set[str]()
    for path in (ROOT / "connectors").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lucca_sync"):
                assert node.module == "lucca_sync"
                taken |= {alias.name for alias in node.names}
    assert taken <= set(lucca_sync.__all__)


def test_every_name_that_the_guide_uses_is_public() -> None:
    guide = (ROOT / "docs" / "guides" / "write-a-connector.md").read_text("utf-8")
    used = set(re.findall(r"\blucca\.([A-Za-z]\w+)", guide))
    assert len(used) > 10
    assert used - {"employee"} <= set(lucca_sync.__all__)  # lucca.employee.updated is an event's type
    (imported,) = re.findall(r"from lucca_sync\.testing import (.*)", guide)
    assert set(imported.split(", ")) <= set(lucca_sync.testing.__all__)


def test_a_standing_clock_moves_only_when_it_is_moved() -> None:
    clock = StandingClock()
    assert clock.now() == clock.now() == NOON
    clock.move(timedelta(hours=1))
    clock.move(-timedelta(minutes=1))
    assert clock.now() == NOON + timedelta(minutes=59)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        StandingClock(datetime(2026, 1, 5))  # noqa: DTZ001 - without a zone is the point
