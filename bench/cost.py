"""CPU per record and peak memory of a whole look, beside a plain loop in the same run.

Whole processes (`lucca-sync run --once`) are measured from outside, start-up included, by what the operating
system accounts to them.
"""

import compileall
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lucca_connectors
import lucca_sync

SETTINGS = """\
version: 1
tenants:
  bench:
    url: {address}
    token_url: {address}/connect/token
    client_id: bench
    client_secret: bench
    requests_per_minute: 100000000
    resources:
      employees: {{every: 1h}}
store: sqlite:{store}
server: {{listen: "127.0.0.1:0"}}
"""


@dataclass(frozen=True)
class Scenario:
    name: str
    etags: bool = True
    tokens: bool = False
    changed: float = 0.0
    first: bool = False


SCENARIOS = (
    Scenario("first read, durable", first=True),
    Scenario("nothing changed, ETags"),
    Scenario("nothing changed, no ETags", etags=False),
    Scenario("nothing changed, a token differs each time", etags=False, tokens=True),
    Scenario("1 % changed, durable", changed=0.01),
)


@dataclass(frozen=True)
class Cost:
    cpu: float
    peak_kib: int


def measured(command: list[str]) -> Cost:
    """Run a command to its end and return what it used; a failure ends the benchmark."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr is not None  # noqa: S101
    complaint = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}:\n{complaint.decode()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss)


def median(costs: list[Cost]) -> Cost:
    return Cost(statistics.median(cost.cpu for cost in costs), max(cost.peak_kib for cost in costs))


@contextmanager
def tenant(employees: int) -> Generator[str]:
    """Start a tenant in a process of its own and give its address."""
    command = [sys.executable, "-m", "bench.tenant", str(employees)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None  # noqa: S101
        assert child.stdin is not None  # noqa: S101
        try:
            yield f"http://127.0.0.1:{child.stdout.readline().strip()}"
        finally:
            child.stdin.close()


def set_mode(address: str, scenario: Scenario) -> None:
    mode: dict[str, Any] = {"etags": scenario.etags, "tokens": scenario.tokens, "changed": scenario.changed}
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{address}/bench/mode", json.dumps(mode).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).close()  # noqa: S310 - loopback


class Bench:
    """One tenant size: prepares the stores and measures every scenario."""

    def __init__(self, address: str, employees: int, runs: int, folder: Path) -> None:
        self.address, self.employees, self.runs, self.folder = address, employees, runs, folder

    def run(self) -> Iterator[tuple[str, Cost, Cost]]:
        for scenario in SCENARIOS:
            set_mode(self.address, scenario)
            ours = median([self._ours(scenario) for _ in range(self.runs)])
            yield scenario.name, ours, median([self._plain() for _ in range(self.runs)])

    def _ours(self, scenario: Scenario) -> Cost:
        store = self.folder / "run.db"
        for left in self.folder.glob("run.db*"):
            left.unlink()
        if not scenario.first:
            shutil.copy(self._filled(scenario), store)
        return measured(self._look(store))

    def _filled(self, scenario: Scenario) -> Path:
        """A store that has seen everything as it was before, under the same addresses and ETags."""
        store = self.folder / f"filled-{int(scenario.etags)}{int(scenario.tokens)}.db"
        if not store.exists():
            set_mode(self.address, Scenario("", scenario.etags, scenario.tokens))
            measured(self._look(store))
            measured(self._look(store))  # the baseline's first address asks for the total; this one does not
            set_mode(self.address, scenario)
        return store

    def _look(self, store: Path) -> list[str]:
        settings = self.folder / "lucca-sync.yaml"
        settings.write_text(SETTINGS.format(address=self.address, store=store))
        return [str(Path(sys.executable).with_name("lucca-sync")), "run", "--once", "--config", str(settings)]

    def _plain(self) -> Cost:
        return measured([sys.executable, "-m", "bench.plain", self.address])


def table(employees: int, rows: list[tuple[str, Cost, Cost]]) -> Iterator[str]:
    yield f"### {employees:,} employees"
    yield ""
    yield "| | lucca-sync µs/record | plain loop µs/record | ratio | lucca-sync MiB | plain loop MiB |"
    yield "|---|---|---|---|---|---|"
    for name, ours, plain in rows:
        per, other = (cost.cpu * 1e6 / employees for cost in (ours, plain))
        mib, other_mib = (cost.peak_kib / 1024 for cost in (ours, plain))
        yield f"| {name} | {per:.1f} | {other:.1f} | {other / per:.1f} | {mib:.0f} | {other_mib:.0f} |"
    yield ""


def compile_as_installed() -> None:
    """Write the packages' bytecode, as pip does when it installs a wheel."""
    for package in (lucca_sync, lucca_connectors):
        compileall.compile_dir(Path(package.__path__[0]), quiet=1)


def report(sizes: Sequence[int], runs: int) -> Iterator[str]:
    """Measure every scenario for tenants of these sizes; give the lines of the tables."""
    compile_as_installed()
    yield f"Python {platform.python_version()}, {os.cpu_count()} cores, loopback, 100 records a page, no TLS"
    yield ""
    for employees in sizes:
        with tempfile.TemporaryDirectory() as folder, tenant(employees) as address:
            rows: list[tuple[str, Cost, Cost]] = []
            for row in Bench(address, employees, runs, Path(folder)).run():
                rows.append(row)
                print(f"measured: {row[0]}, {employees:,} employees", file=sys.stderr, flush=True)
            yield from table(employees, rows)
