"""How a baseline looks to people: bars on a terminal, now and then a log line elsewhere."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TextIO

import structlog

from lucca_sync.ingest.source import Onlooker
from lucca_sync.journal.protocol import ResourceName
from lucca_sync.obs.logging import configure_logging

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LOG: Final = structlog.get_logger("lucca_sync.baseline")
_LINES_PER_BASELINE: Final = 10
_RECORDS_PER_LINE: Final = 5000
"""Between two lines where Lucca did not say how many records there are."""


@dataclass(slots=True)
class LoggedProgress:
    """Logs a line for every tenth of a baseline, and one at its end."""

    _next_line: dict[ResourceName, int] = field(default_factory=dict[ResourceName, int])
    _totals: dict[ResourceName, int] = field(default_factory=dict[ResourceName, int])

    def page_passed(self, name: ResourceName, *, baseline: bool, records: int, total: int | None) -> None:
        """Log when another tenth of the records has been read."""
        if not baseline:
            return
        if total is not None:
            self._totals[name] = total
        if records >= self._next_line.get(name, 0):
            step = self._totals.get(name, _RECORDS_PER_LINE * _LINES_PER_BASELINE) // _LINES_PER_BASELINE
            self._next_line[name] = records + max(step, 1)
            _LOG.info("baseline_progress", **_labels(name), records=records, of=self._totals.get(name))

    def sweep_ended(self, name: ResourceName, *, baseline: bool, records: int) -> None:
        """Log the end of a baseline."""
        if baseline:
            _LOG.info("baseline_done", **_labels(name), records=records)


@dataclass(slots=True)
class BarProgress:
    """Shows a bar for each resource whose baseline is running, until all are done."""

    bars: "Progress"
    _tasks: "dict[ResourceName, TaskID]" = field(default_factory=dict["ResourceName", "TaskID"])

    def page_passed(self, name: ResourceName, *, baseline: bool, records: int, total: int | None) -> None:
        """Move the resource's bar."""
        if not baseline:
            return
        if name not in self._tasks:
            self._tasks[name] = self.bars.add_task(f"{name.tenant} {name.resource}", total=total)
            self.bars.start()
        self.bars.update(self._tasks[name], completed=records)

    def sweep_ended(self, name: ResourceName, *, baseline: bool, records: int) -> None:
        """Fill the resource's bar; take all bars away when none is left unfilled."""
        if not baseline or name not in self._tasks:
            return
        self.bars.update(self._tasks[name], completed=records, total=records)
        if self.bars.finished:
            self.bars.stop()
            self.bars.console.print("From now on each change is told. To watch: lucca-sync events tail -f")


@contextmanager
def shown(stream: TextIO) -> Generator[Onlooker]:
    """Give an onlooker that suits where `stream` leads, with logs that don't tear its picture."""
    if not stream.isatty():
        configure_logging(stream=stream)
        yield LoggedProgress()
        return
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only: it costs start-up time
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(file=stream)
    columns = (
        TextColumn("[bold]first look[/] {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    bars = Progress(*columns, console=console, transient=False)
    configure_logging(terminal=True, stream=_Above(console))
    try:
        yield BarProgress(bars)
    finally:
        bars.stop()


class _Above:
    """A stream whose lines appear above a running bar."""

    def __init__(self, console: object) -> None:
        self._console = console

    def write(self, text: str) -> int:
        from rich.console import Console  # noqa: PLC0415 - as above
        from rich.text import Text  # noqa: PLC0415 - as above

        if isinstance(self._console, Console) and text.strip():
            self._console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=True)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return True


def _labels(name: ResourceName) -> dict[str, str]:
    return {"tenant": name.tenant, "resource": name.resource}
