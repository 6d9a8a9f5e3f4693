"""The page of traps is whole: every trap once, every test it names is there, every protection was tried."""

import re
from typing import Final

import pytest

from tests.docs.pages import DOCS, ROOT, table
from tests.traps.mutants.everything import MUTANTS

NUMBER: Final = 55
ROWS: Final = {int(row[0]): row[1:] for row in table((DOCS / "traps.md").read_text("utf-8"), "no")}


def named_for(trap: int) -> list[str]:
    return re.findall(r"tests/[\w/]+\.py::\w+", ROWS[trap][-1])


def test_every_trap_is_told_once() -> None:
    rows = table((DOCS / "traps.md").read_text("utf-8"), "no")
    assert [int(row[0]) for row in rows] == list(range(1, NUMBER + 1))
    assert all(len(row) == 4 and all(row) for row in rows)


@pytest.mark.parametrize("trap", range(1, NUMBER + 1))
def test_a_trap_names_tests_that_are_there_and_those_that_mind(trap: int) -> None:
    """A trap without a test would need a reason here; there is none such."""
    named = named_for(trap)
    for test in named:
        file, name = test.split("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), test
    mind = {mutant.test.partition("[")[0] for mutant in MUTANTS if mutant.trap == trap}
    assert mind
    assert mind <= set(named)
