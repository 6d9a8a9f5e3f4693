"""Every protection, of a promise or against a trap, is minded by a test: taken out, that test goes red.

The whole of it takes minutes and is asked for by `make torture`; here it is checked that it can be done.
"""

from collections.abc import Sequence
from typing import Final

import pytest

from tests.traps.mutants.everything import MUTANTS
from tests.traps.mutants.mutant import Mutant
from tests.traps.workshop import ROOT, Workshop

_FAILED: Final = 1
CONTRACTS: Final = ROOT / "daemon/lucca_sync/testing"
"""Where the tests are that test classes inherit."""


def _name(mutant: Mutant) -> str:
    return f"{mutant.trap}-{mutant.test.rpartition('::')[2].partition('[')[0]}"


by_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=_name)


@by_mutant
def test_what_a_mutant_takes_out_stands_once_in_its_file(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text("utf-8").count(mutant.old) == 1
    assert mutant.old != mutant.new


@by_mutant
def test_the_test_that_minds_exists(mutant: Mutant) -> None:
    file, *inherits, name = mutant.test.partition("[")[0].split("::")
    places = [ROOT / file, *(CONTRACTS.rglob("*.py") if inherits else ())]
    assert any(f"def {name}(" in place.read_text("utf-8") for place in places)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    made = Workshop(tmp_path_factory.mktemp("workshop"))
    assert ROOT not in made.imports_from().parents
    return made


@pytest.mark.torture
@pytest.mark.timeout(1200)
def test_with_all_protections_in_place_the_tests_that_mind_pass(workshop: Workshop) -> None:
    tests: Sequence[str] = sorted({mutant.test for mutant in MUTANTS})
    code, written = workshop.run(tests)
    assert code == 0, written


@pytest.mark.torture
@pytest.mark.timeout(600)
@by_mutant
def test_a_protection_taken_out_is_noticed(mutant: Mutant, workshop: Workshop) -> None:
    with workshop.mutated(mutant):
        code, written = workshop.run([mutant.test])
    assert code == _FAILED, written
