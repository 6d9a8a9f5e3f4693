"""`make bench`: what looks cost, how soon changes are seen and sent. All of it, or some groups by name."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench import (
    accept,
    added_delay,
    backlog,
    cost,
    deletion,
    detection,
    drain,
    learning,
    planner,
    recovery,
)
from bench.simulation import virtually


@dataclass(frozen=True)
class Wanted:
    """What was asked for: sizes and runs for the costs, how long simulations are beside the usual."""

    employees: Sequence[int] | None
    runs: int
    scale: float


def _cost(wanted: Wanted) -> Iterator[str]:
    yield from cost.report(wanted.employees or (10_000, 100_000), wanted.runs)


def _detection(wanted: Wanted) -> Iterator[str]:
    sizes = wanted.employees or detection.SIZES
    limited = [row for size in sizes for row in detection.rows(size, wanted.scale)]
    yield from _simulated(limited)
    yield ""
    yield from _simulated(row for size in sizes for row in detection.usual_rows(size, wanted.scale))


def _deletion(wanted: Wanted) -> Iterator[str]:
    for employees in wanted.employees or (deletion.EMPLOYEES,):
        yield from _simulated(deletion.rows(employees, wanted.scale))


def _learning(wanted: Wanted) -> Iterator[str]:
    del wanted
    return virtually(learning.report)


def _planner(wanted: Wanted) -> Iterator[str]:
    del wanted
    yield from planner.report()


def _simulated(rows: Iterable[detection.Row]) -> Iterator[str]:
    yield from detection.HEAD
    for row in rows:
        outcome = detection.run(row)
        yield detection.line(outcome)
        print(
            f"simulated: {row.name}, {row.plan.employees:,} employees: {outcome.hours:.0f} hours in "
            f"{outcome.seconds:.0f} s, {row.changes:,} changes",
            file=sys.stderr,
            flush=True,
        )


def _alone(report: Callable[[], Iterator[str]]) -> Callable[[Wanted], Iterator[str]]:
    """Make a group of a report that is asked for nothing."""

    def group(wanted: Wanted) -> Iterator[str]:
        del wanted
        return report()

    return group


GROUPS: Final[Mapping[str, Callable[[Wanted], Iterator[str]]]] = {
    "cost": _cost,
    "detection": _detection,
    "learning": _learning,
    "planner": _planner,
    "deletion": _deletion,
    "accept": _alone(accept.report),
    "delay": _alone(added_delay.report),
    "drain": _alone(drain.report),
    "backlog": _alone(backlog.report),
    "recovery": _alone(recovery.report),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=GROUPS, nargs="+", default=list(GROUPS))
    parser.add_argument("--employees", type=int, nargs="+")
    parser.add_argument(
        "--runs", type=int, default=3, help="of a cost, of which the median CPU time is shown"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="how many changes, beside the usual number")
    asked = parser.parse_args()
    wanted = Wanted(asked.employees, asked.runs, asked.scale)
    for name in asked.only:
        print(f"## {name}\n")
        for line in GROUPS[name](wanted):
            print(line, flush=True)
        print(flush=True)


if __name__ == "__main__":
    main()
