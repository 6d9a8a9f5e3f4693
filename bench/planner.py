"""How soon changes are seen when the planner chooses the pages, beside asking them in turn; simulated."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from lucca_sync.ingest.planner import Planner


@dataclass(frozen=True)
class Tenant:
    """One request every `spacing` seconds; `hot` of the pages make `share` of the changes."""

    pages: int = 100
    spacing: float = 12.0
    hot: float = 0.1
    share: float = 0.9
    changes_a_cycle: float = 100.0
    cycles: int = 200
    warm: int = 40
    """Cycles at the beginning that are not measured: nothing is learned yet."""

    @property
    def cycle(self) -> float:
        return self.pages * self.spacing


@dataclass(frozen=True)
class Figures:
    """Mean seconds from a change to its being seen, and the longest a page was left alone, in cycles."""

    delay: float
    oldest: float


@dataclass(frozen=True)
class Comparison:
    planned: Figures
    in_turn: Figures

    @property
    def ratio(self) -> float:
        return self.planned.delay / self.in_turn.delay


def simulate(tenant: Tenant, seed: int = 1) -> Comparison:
    """Compare the planner with asking in turn, over the same changes."""
    changes = _changes(tenant, Random(seed))
    planner = Planner()
    for slot in range(tenant.pages):
        planner.add(slot, 0.0)
    turn = iter(range(10**9))
    return Comparison(
        planned=_run(tenant, changes, lambda now: _chosen(planner, now), planner.asked),
        in_turn=_run(tenant, changes, lambda _: next(turn) % tenant.pages, _learn_nothing),
    )


def _learn_nothing(slot: int, now: float, seen: int) -> None:
    """Stand in for a planner."""


def _chosen(planner: Planner, now: float) -> int:
    slot = planner.next(now)
    if slot is None:
        raise AssertionError("no page to ask for")
    return slot


def _changes(tenant: Tenant, random: Random) -> list[list[float]]:
    """Draw the instants at which each page changes, over all of the time."""
    hot = max(1, round(tenant.pages * tenant.hot))
    scattered = random.sample(range(tenant.pages), hot)
    rates = [(1 - tenant.share) / (tenant.pages - hot)] * tenant.pages
    for slot in scattered:
        rates[slot] = tenant.share / hot
    end = tenant.cycles * tenant.cycle
    instants: list[list[float]] = []
    for rate in rates:
        now = 0.0
        mine: list[float] = []
        while (now := now + random.expovariate(rate * tenant.changes_a_cycle / tenant.cycle)) < end:
            mine.append(now)
        instants.append(mine)
    return instants


def _run(
    tenant: Tenant,
    changes: list[list[float]],
    choose: Callable[[float], int],
    learn: Callable[[int, float, int], None],
) -> Figures:
    waiting = [iter(mine) for mine in changes]
    upcoming = [next(mine, None) for mine in waiting]
    asked: list[list[float]] = [[0.0] for _ in changes]
    delays: list[float] = []
    for turn in range(1, tenant.cycles * tenant.pages + 1):
        now = turn * tenant.spacing
        slot, seen = choose(now), 0
        while (instant := upcoming[slot]) is not None and instant <= now:
            if instant > tenant.warm * tenant.cycle:
                delays.append(now - instant)
            upcoming[slot] = next(waiting[slot], None)
            seen += 1
        learn(slot, now, seen)
        asked[slot].append(now)
    end = tenant.cycles * tenant.cycle
    ages = [later - sooner for mine in asked for sooner, later in pairwise([*mine, end])]
    return Figures(sum(delays) / len(delays), max(ages) / tenant.cycle)


SCENARIOS = (
    Tenant(pages=20, changes_a_cycle=2.0, cycles=300),
    Tenant(pages=100, changes_a_cycle=10.0, cycles=200),
    Tenant(pages=100, changes_a_cycle=100.0, cycles=100),
    Tenant(pages=1000, changes_a_cycle=500.0, cycles=30, warm=10),
)


def report() -> list[str]:
    """Say in one line each how the planner fares with one page in ten making nine changes in ten."""
    return [_line(tenant, simulate(tenant)) for tenant in SCENARIOS]


def _line(tenant: Tenant, found: Comparison) -> str:
    return (
        f"{tenant.pages:5} pages, {tenant.changes_a_cycle:g} changes a cycle: mean delay "
        f"{found.ratio:.2f} of asking in turn, no page older than {found.planned.oldest:.2f} cycles"
    )


if __name__ == "__main__":
    print(*report(), sep="\n")
