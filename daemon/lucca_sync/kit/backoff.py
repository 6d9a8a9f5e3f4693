"""Growing waits between tries inside one process: capped, with jitter. Nothing here is durable."""

from collections.abc import Callable, Iterator


def growing_waits(first: float, cap: float, draw: Callable[[], float]) -> Iterator[float]:
    """Yield waits in seconds, each in the upper half of a ceiling that doubles from `first` up to `cap`.

    `draw` answers evenly from [0, 1).
    """
    ceiling = min(first, cap)
    while True:
        yield ceiling * (1 - draw() / 2)
        ceiling = min(ceiling * 2, cap)
