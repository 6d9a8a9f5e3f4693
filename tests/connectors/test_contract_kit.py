"""The conformance kit finds each fault that it promises to find, and nothing wrong with a good connector."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Any
from unittest import SkipTest

import anyio
import pytest

from lucca_sync import Connector, Delivery, Outcome
from lucca_sync.testing import ConnectorContract
from tests.connectors.faults import declared, delivered, indiscreet, troubled
from tests.connectors.shelf import Good, Suite

FAULTS = declared.FAULTS | delivered.FAULTS | troubled.FAULTS | indiscreet.FAULTS
BROKEN = {fault: {found} if isinstance(found, str) else set(found) for fault, found in FAULTS.items()}
PROMISES = sorted(name.removeprefix("test_") for name in dir(ConnectorContract) if name.startswith("test_"))


def holds(connector: type[Connector[Any]], promise: str) -> bool:
    suite = type("SuiteOfOne", (Suite,), {"connector": connector})()
    try:
        getattr(suite, f"test_{promise}")()
    except (AssertionError, ConnectionError, RuntimeError, TimeoutError, ExceptionGroup):
        return False
    return True


@pytest.mark.parametrize("promise", PROMISES)
def test_a_good_connector_passes(promise: str) -> None:
    assert holds(Good, promise)


@pytest.mark.parametrize("faulty", FAULTS, ids=lambda faulty: faulty.__name__)
def test_a_fault_is_found_by_the_test_that_is_about_it_and_by_no_other(faulty: type[Connector[Any]]) -> None:
    red = {promise for promise in PROMISES if not holds(faulty, promise)}
    assert red == BROKEN[faulty]


def test_every_promise_can_be_broken() -> None:
    assert set(PROMISES) == {promise for broken in BROKEN.values() for promise in broken}


def test_what_a_target_cannot_do_is_skipped_with_its_reason() -> None:
    patient = type("PatientSuite", (Suite,), {"moods": frozenset({"healthy"})})()
    with pytest.raises(SkipTest, match="never slow"):
        patient.test_a_call_may_be_cancelled_while_the_target_is_slow()


class NeverAnswers(Good):
    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        await anyio.sleep_forever()
        return []


def test_a_test_that_would_wait_for_ever_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lucca_sync.testing.connectors.scenario._PATIENCE", 0.01)
    assert not holds(NeverAnswers, "answers_one_outcome_for_each_delivery")


def test_the_kit_needs_no_test_runner() -> None:
    program = (
        "import sys, lucca_sync.testing as kit; [getattr(kit, name) for name in kit.__all__];"
        "print([name for name in sys.modules if 'pytest' in name])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
