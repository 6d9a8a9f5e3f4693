"""The demo as lines of text, for where there is no terminal."""

from collections.abc import Callable
from dataclasses import dataclass

from lucca_sync.cli.demo.tally import Figures, Told


@dataclass(slots=True)
class PlainView:
    """Prints a line for each thing that happens."""

    say: Callable[[str], None]

    def first_look(self, done: int, of: int) -> None:
        """Tell how far the first look has come."""
        self.say(f"first look: {done} of {of} resources taken in")

    def hints(self, step: str) -> None:
        """Tell of a step of setting Lucca's webhooks up."""
        self.say(f"hints: {step}")

    def change(self, figures: Figures) -> None:
        """Wait: changes are shown when they arrive."""

    def arrival(self, told: Told, figures: Figures) -> None:
        """Tell what arrived."""
        del figures  # they are told at the end
        delay = f", {told.seconds:.1f} s after the change" if told.seconds is not None else ""
        signature = "signature ok" if told.verified else "WRONG SIGNATURE"
        how = f"seen by {told.eye}, {signature}{delay}"
        self.say(f"{told.at:%H:%M:%S}  {told.subject} {told.kind}  {told.details}  ({how})")

    def winding_down(self, figures: Figures) -> None:
        """Tell that life has stopped."""
        self.say(f"life stands still; waiting for the last changes of {figures.waiting} records")


def verdict(figures: Figures) -> str:
    """Sum the demo up in words."""
    right = figures.events - figures.unverified
    lines = [
        f"{figures.changes} changes to {figures.records} records in the simulated Lucca",
        f"{figures.events} events delivered ({figures.merged} changes came with a later one to their record)",
        f"{right} with the right signature, {figures.unverified} with a wrong one",
        f"{figures.out_of_order} out of order, {figures.repeats} repeats",
        f"change to arrival: median {figures.median_seconds:.1f} s, at most {figures.slowest_seconds:.1f} s",
    ]
    if figures.good:
        lines.append("Every change was delivered, verified and in order.")
    else:
        lines.append(f"NOT well: {figures.waiting} records whose latest state did not arrive.")
    return "\n".join(lines)
