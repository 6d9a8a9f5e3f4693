"""The page that keeps the figures of a long run, as the oracle gave them. Pure."""

from typing import NamedTuple

from tests.crash.oracle import Verdict

_PAGE = """\
# What the crash suite saw

The real daemon between a simulated tenant that misbehaves and four targets that fail: {restarts} times
it was killed, frozen or stopped, at random and at the seams of its work; then all faults ended, and an
oracle that shares no code with the product compared what was changed, what arrived and what the store
holds. This page is written by

```sh
make torture FIGURES=docs/guarantees/figures.md
```

The run of {day}, {minutes:.0f} minutes, lucca-sync {version}, Python {python}, seed {seed}:

```text
{verdict}
```

- **changes** are states that a record was in at the tenant; **events** what the journal made of them;
  **deliveries** an event on one of four routes; **attempts** what targets saw of them, **repeats** among
  these; **business events told** are those that the journal made of others, by name.
- Two changes between two looks are told together; what was changed and changed back before any look is
  never told ([why](nothing-is-lost.md#what-is-not-promised)).
- **broken: nothing**: every change arrived on each route that wants it, and nothing else; the same id had
  the same bytes; the same change had the same id; per subject there was no step back; what the store
  calls done had arrived; a fresh change passed after the faults; the business events told are, id by id
  and for the same reasons, those that follow from the same changes where nothing disturbs, and arrived. A
  run that saw no faults, repeats, sudden ends or acknowledgements would count as failed.

`CRASH_SEED` repeats a run as far as two processes can be repeated, `CRASH_RESTARTS` makes it longer.
`tests/crash/test_oracle.py` shows that the oracle finds each kind of breach.
"""


class Circumstances(NamedTuple):
    """Under which the figures came about."""

    seed: int
    restarts: int
    minutes: float
    day: str
    version: str
    python: str


def page(verdict: Verdict, circumstances: Circumstances) -> str:
    """Return the page, in Markdown."""
    return _PAGE.format(verdict=verdict, **circumstances._asdict())
