"""The real command in a process that kills itself at a named place, the nth time it comes by.

Product code has no hooks for this: the functions that stand at a seam are wrapped before the command starts.
No host name is ever looked up: what isn't an address of this machine is unknown, at once.
"""

import inspect
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from importlib import import_module
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from lucca_connectors.webhook import connector as webhook
from lucca_sync.app import pulse, upkeep
from lucca_sync.cli import main as command
from lucca_sync.cli import run
from lucca_sync.egress import claims as leases
from lucca_sync.ingest import gate
from lucca_sync.journal.sqlite import driver, schema, store
from tests.crash.store_faults import install

_Passes = Callable[[tuple[Any, ...], Any], bool]


def _always(_given: tuple[Any, ...], _result: object) -> bool:
    return True


def _something(_given: tuple[Any, ...], result: object) -> bool:
    return bool(result)


def _with_events(given: tuple[Any, ...], _result: object) -> bool:
    return any(write.event is not None for write in given[1].writes)


class Seam(NamedTuple):
    """A function of the product (`module:Class.method`), and which of its passes count.

    The process ends as the function is entered, or has returned.
    """

    place: str
    counts: _Passes = _always
    entered: bool = False


_SQLITE = "lucca_sync.journal.sqlite"
SEAMS: Mapping[str, Seam] = {
    "amid the snapshot's transaction": Seam(f"{_SQLITE}.events:Events.flush", entered=True),
    "before the snapshot's commit": Seam(f"{_SQLITE}.snapshot:Snapshot.commit_page", _with_events),
    "after the snapshot's commit": Seam(f"{_SQLITE}.journal:SqliteJournal.commit_page", _with_events),
    "before the claim's commit": Seam(f"{_SQLITE}.claims:Claims.claim", _something),
    "after the claim": Seam(f"{_SQLITE}.journal:SqliteJournal.claim", _something),
    "between effect and settle": Seam("lucca_connectors.webhook:WebhookConnector.deliver"),
    "between lines and settle": Seam("lucca_connectors.jsonl:JsonlConnector.deliver"),
    "before the settle's commit": Seam(f"{_SQLITE}.claims:Claims.settle", _something),
    "after the settle": Seam(f"{_SQLITE}.journal:SqliteJournal.settle", _something),
    "amid emptying": Seam(f"{_SQLITE}.upkeep:Upkeep.empty", _something),
    "after emptying": Seam(f"{_SQLITE}.journal:SqliteJournal.empty", _something),
    "amid pruning": Seam(f"{_SQLITE}.upkeep:Upkeep.prune", _something),
    "after pruning": Seam(f"{_SQLITE}.journal:SqliteJournal.prune", _something),
    "before new settings are in force": Seam("lucca_sync.app.daemon:Daemon._apply", entered=True),
    "after new settings are in force": Seam("lucca_sync.app.daemon:Daemon._apply"),
    "while abandoned claims are taken back": Seam(f"{_SQLITE}.claims:Claims.take_back_abandoned"),
}
"""Where the process may end by itself; two more are counted in statements that SQLite runs."""
STATEMENT = "any statement"
MIGRATION = "amid a migration"


def arm(name: str, pass_number: int) -> None:
    """Have this process killed at the nth pass of a seam."""
    if name == STATEMENT:
        _arm_statements(pass_number, lambda: True)
        return
    if name == MIGRATION:
        _arm_statements(pass_number, _while_migrating())
        return
    seam = SEAMS[name]
    module, _, path = seam.place.partition(":")
    holder, _, method = path.rpartition(".")
    owner = getattr(import_module(module), holder)
    passes = count(1)

    def passed(given: tuple[Any, ...], result: object) -> None:
        if seam.counts(given, result) and next(passes) == pass_number:
            die()

    setattr(owner, method, _wrapped(getattr(owner, method), seam, passed))


def _wrapped(
    function: Callable[..., Any], seam: Seam, passed: Callable[[tuple[Any, ...], Any], None]
) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def awaited(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - any function's
            if seam.entered:
                passed(given, None)
            result = await function(*given, **named)
            if not seam.entered:
                passed(given, result)
            return result

        return awaited

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - any function's
        if seam.entered:
            passed(given, None)
        result = function(*given, **named)
        if not seam.entered:
            passed(given, result)
        return result

    return called


def _arm_statements(number: int, counting: Callable[[], bool]) -> None:
    """Count the statements that the store runs, on whichever connection, while they are to be counted."""
    connect, passes = driver.connect, count(1)

    def counted(_cursor: object, _statement: str, _bindings: object) -> bool:
        if counting() and next(passes) == number:
            die()
        return True

    def traced(*given: Any, **named: Any) -> driver.Connection:  # noqa: ANN401 - passed on
        connection = connect(*given, **named)
        setattr(connection, "exec_trace", counted)  # noqa: B010 - apsw's, of which the product knows less
        return connection

    setattr(store, "connect", traced)  # noqa: B010 - a name that the module has imported


def _while_migrating() -> Callable[[], bool]:
    """Return what tells whether a migration is under way."""
    apply, under_way = schema.__dict__["_apply"], Event()

    def applied(*given: Any) -> None:  # noqa: ANN401 - passed on
        under_way.set()
        apply(*given)
        under_way.clear()

    setattr(schema, "_apply", applied)  # noqa: B010 - private to the module
    return under_way.is_set


def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def keep_to_this_machine() -> None:
    """Know no host but addresses of this machine: no name is asked for on any network."""
    known = socket.getaddrinfo

    def local(host: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
        if str(host) in {"127.0.0.1", "::1", "localhost"}:
            return known(host, *given, **named)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    socket.getaddrinfo = local


def shorten(owner: object, **spans: object) -> None:
    """Put short spans in the place of constants, so that no test waits for long ones."""
    for name, span in spans.items():
        assert hasattr(owner, name), name
        object.__setattr__(owner, name, span)


def shorten_leases() -> None:
    """Let a lease outlive the time-out of a webhook by a third of a second instead of forty."""
    shorten(leases, LEASE_MARGIN=timedelta(seconds=0.2))
    shorten(webhook, _MARGIN=timedelta(seconds=0.1))


def shorten_upkeep() -> None:
    """Let the store be tidied and tried every moment instead of seconds and minutes."""
    shorten(upkeep, EVERY=0.5)
    shorten(gate, _PROBE_SECONDS=0.1)


def lose_patience() -> None:
    """Wait for a call into the store for a second, and for an orderly end for two."""
    shorten(pulse, EVERY=0.1, PATIENCE=1.0)
    shorten(run, LAST_RESORT=timedelta(seconds=2), LAST_RESORT_ASKED_TWICE=timedelta(seconds=1))


def forget() -> None:
    """Keep nothing of the store in memory: every look reads the disk."""
    shorten(store, _CACHE_KIBIBYTES=0)


def main() -> None:
    """Read options for the launcher, take them out of the arguments and become the command.

    `--short-leases` · `--impatient` · `--forgetful` · `--disk FOLDER`: on one that fails as the orders in
    that folder say · `--at SEAM PASS`: to be killed there.
    """
    keep_to_this_machine()
    shorten_upkeep()
    given = sys.argv
    kept: list[object] = []
    while given[1].startswith("--"):
        option = given.pop(1)
        if option == "--short-leases":
            shorten_leases()
        elif option == "--impatient":
            lose_patience()
        elif option == "--forgetful":
            forget()
        elif option == "--disk":
            kept.append(install(Path(given.pop(1))))  # it is there for as long as somebody has it
        else:
            arm(given.pop(1), int(given.pop(1)))
    command()
