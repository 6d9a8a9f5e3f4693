"""What the distribution announces can be imported, and costs no more than was asked for."""

import subprocess
import sys
from importlib.metadata import EntryPoint, distribution

import pytest

ANNOUNCED = [
    entry_point
    for entry_point in distribution("lucca-sync").entry_points
    if entry_point.group in {"console_scripts", "lucca_sync.connectors"}
]


@pytest.mark.parametrize("entry_point", ANNOUNCED, ids=lambda entry_point: entry_point.name)
def test_every_announced_name_can_be_loaded(entry_point: EntryPoint) -> None:
    assert callable(entry_point.load())


def test_the_daemon_alone_loads_neither_extras_nor_test_tools() -> None:
    costly = {"asyncpg", "asyncssh", "cryptography", "opentelemetry", "slack_sdk", "pytest", "hypothesis"}
    program = "import sys, lucca_sync.cli, lucca_connectors; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert costly.isdisjoint(loaded.stdout.split())
