"""The demo as a live picture on a terminal: changes on their way from Lucca to the receiver."""

from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lucca_sync.cli.demo.tally import Figures, Told

_KEPT: Final = 200
_CHROME: Final = 12
"""Lines of the picture that are not arrivals."""
_COLOURS: Final = {"created": "green", "updated": "yellow", "deleted": "red"}
_REFRESHES: Final = 8
_WATCHING: Final = "watching within 44 requests a minute"


@dataclass(slots=True)
class LiveView:
    """Holds what is known and draws it anew several times a second."""

    console: Console
    _told: deque[Told] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _figures: Figures | None = None
    _looks: tuple[int, int] = (0, 0)
    _phase: str = "first look: taking in what is there, telling nobody"
    _spinner: Spinner = field(default_factory=lambda: Spinner("dots", style="cyan"))

    def first_look(self, done: int, of: int) -> None:
        """Show how far the first look has come."""
        self._looks = (done, of)
        if done == of:
            self._phase = _WATCHING

    def hints(self, step: str) -> None:
        """Show a step of setting Lucca's webhooks up."""
        self._phase = f"{_WATCHING}, hints: {step}"

    def change(self, figures: Figures) -> None:
        """Show the new figures."""
        self._figures = figures

    def arrival(self, told: Told, figures: Figures) -> None:
        """Show what arrived on top."""
        self._told.appendleft(told)
        self._figures = figures

    def winding_down(self, figures: Figures) -> None:
        """Show that the last changes are awaited."""
        self._figures = figures
        self._phase = "life stands still: waiting for the last changes to arrive"

    def __rich__(self) -> RenderableType:
        return Panel(
            Group(self._way(), Text(), self._arrivals(), Text(), self._now()),
            title="[bold]lucca-sync demo",
            subtitle="[dim]Ctrl-C ends",
            border_style="cyan",
            padding=(1, 2),
        )

    def _way(self) -> RenderableType:
        figures = self._figures
        way = Table.grid(expand=True)
        for _ in range(7):
            way.add_column(justify="center")
        arrow = Text("━━▶", style="cyan")
        events = figures.events if figures else 0
        good = events - figures.unverified if figures else 0
        way.add_row(
            _station("Lucca (simulated)", f"{figures.changes if figures else 0} changes"),
            arrow,
            _station("lucca-sync", f"{self._looks[0]} of {self._looks[1]} resources"),
            arrow,
            _station("journal", f"{events} events"),
            arrow,
            _station("receiver", f"{good} verified" + (f", {events - good} WRONG" if events > good else "")),
        )
        return way

    def _arrivals(self) -> RenderableType:
        table = Table(expand=True, box=None, pad_edge=False, header_style="dim")
        table.add_column("arrived", width=8)
        table.add_column("record", max_width=34, no_wrap=True)
        table.add_column("", width=8)
        table.add_column("before → after", ratio=1, no_wrap=True)
        table.add_column("seen by", width=7)
        table.add_column("delay", justify="right", width=8)
        table.add_column("", width=1)
        for told in list(self._told)[: max(4, self.console.height - _CHROME)]:
            table.add_row(*_row(told))
        return table

    def _now(self) -> RenderableType:
        self._spinner.update(text=Text(f" {self._phase}", style="dim"))
        return self._spinner


@contextmanager
def live_view(console: Console) -> Generator[LiveView]:
    """Draw the view while the block runs."""
    view = LiveView(console)
    with Live(view, console=console, refresh_per_second=_REFRESHES):
        yield view


def _station(name: str, figure: str) -> RenderableType:
    return Text.assemble((name, "bold"), "\n", (figure, "cyan"), justify="center")


def _row(told: Told) -> tuple[RenderableType, ...]:
    details = Text(told.details)
    details.highlight_regex(r"→ [^;]*", "bold")
    return (
        Text(f"{told.at:%H:%M:%S}", style="dim"),
        Text(told.subject),
        Text(told.kind, style=_COLOURS.get(told.kind, "")),
        details,
        Text(told.eye, style="dim"),
        Text(f"{told.seconds:.1f} s" if told.seconds is not None else "", style="dim"),
        Text("✓", style="green") if told.verified else Text("✗", style="bold red"),
    )
