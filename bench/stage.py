"""What the deliveries are measured on: the real daemon and a receiver, each a process of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Final, Self

SECRET: Final = f"whsec_{b64encode(b'a secret for the benchmark alone').decode()}"
_PATIENCE: Final = 120.0
_LOOK_EVERY: Final = 0.02
_SETTINGS: Final = """\
version: 1
tenants:
  bench:
    url: {tenant}
    token_url: {tenant}/connect/token
    client_id: bench
    client_secret: bench
    requests_per_minute: 100000
    eyes: {{head: false, count: false, stable_pages: false, feed: false, due_dates: false}}
    resources: {resources}
store: sqlite:{store}
connectors:
  receiver:
    type: webhook
    url: {receiver}
    secret: {secret}
    allow: [127.0.0.0/8]
    concurrency: {concurrency}
    retry: {retry}
routes:
  everything: {{to: [receiver]}}
server: {{listen: "127.0.0.1:0"}}
"""


@dataclass(frozen=True)
class Plot:
    """What the settings say."""

    receiver: str
    store: Path
    tenant: str = "http://127.0.0.1:9"
    """Nobody lives there: the daemon only delivers."""
    resources: str = "{departments: {every: 1h}}"
    concurrency: int = 16
    retry: str = "{}"

    def written(self) -> Path:
        """Write the settings beside the store."""
        file = self.store.with_suffix(".yaml")
        file.write_text(
            _SETTINGS.format(
                receiver=self.receiver,
                store=self.store,
                tenant=self.tenant,
                resources=self.resources,
                concurrency=self.concurrency,
                retry=self.retry,
                secret=SECRET,
            )
        )
        return file


class Daemon:
    """A running `lucca-sync run`; its log goes to a file."""

    def __init__(self, plot: Plot, *options: str) -> None:
        self.started = perf_counter()
        self._log = plot.store.with_suffix(".log")
        program = str(Path(sys.executable).with_name("lucca-sync"))
        command = [program, "run", *options, "--config", str(plot.written())]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """Give up when the daemon has ended by itself."""
        if self._process.poll() is not None:
            sys.exit(f"lucca-sync ended with {self._process.returncode}:\n{self._log.read_text()}")

    def resident(self) -> float:
        """Return the MiB that it holds in memory now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def cpu(self) -> float:
        """Return the seconds of CPU that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Ask for an orderly end and wait for it."""
        self.check()
        self._process.send_signal(signal.SIGTERM)
        self.wait()

    def wait(self) -> None:
        """Wait until it has ended by itself."""
        if self._process.wait(_PATIENCE):
            self.check()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()


@dataclass(frozen=True)
class Arrivals:
    """What a receiver took, in order: when, and which events."""

    times: list[float]
    ids: list[str]

    @property
    def rate(self) -> float:
        """Events a second, from the first to the last."""
        return (len(self.times) - 1) / (self.times[-1] - self.times[0])


class Receiver:
    """The receiver's process, asked over the same wire as the webhooks."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self._port = port

    def count(self) -> int:
        """Return how many came so far."""
        return int(self._ask("GET", path="/count"))

    def taken(self) -> Arrivals:
        """Return what came since this was asked last."""
        told = json.loads(self._ask("GET"))
        return Arrivals(told["times"], told["ids"])

    def answer(self, status: int) -> None:
        """Have everything answered so from now on."""
        self._ask("PUT", str(status).encode())

    def wait_for(self, count: int, daemon: Daemon | None = None) -> None:
        """Wait until so many came."""
        wait_until(lambda: self.count() >= count, daemon)

    def _ask(self, method: str, body: bytes = b"", path: str = "/") -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        try:
            connection.request(method, path, body)
            return connection.getresponse().read()
        finally:
            connection.close()


def wait_until(
    happened: Callable[[], bool], daemon: Daemon | None = None, *, patience: float = _PATIENCE
) -> None:
    """Look again and again until something happened; end the benchmark when it does not."""
    end = perf_counter() + patience
    while not happened():
        if daemon is not None:
            daemon.check()
        if perf_counter() > end:
            sys.exit("waited in vain: the measurement is broken")
        Event().wait(_LOOK_EVERY)


@contextmanager
def receiving(module: str = "bench.receiver", *arguments: str) -> Generator[Receiver]:
    """Start a receiver and stop it at the end."""
    with serving(module, *arguments) as port:
        yield Receiver(port)


@contextmanager
def serving(module: str, *arguments: str) -> Generator[int]:
    """Run a module that prints its port and lives until its input ends."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None  # noqa: S101 - for the type checkers
        assert child.stdout is not None  # noqa: S101
        try:
            yield int(child.stdout.readline())
        finally:
            child.stdin.close()
