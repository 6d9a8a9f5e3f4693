"""The planner spends requests where changes are, and forgets no page over it."""

from dataclasses import dataclass, field

from hypothesis import example, given
from hypothesis import strategies as st

from bench.planner import Tenant, simulate
from lucca_sync.ingest.planner import Planner


@dataclass
class Rounds:
    """Asks as the planner says; the turns of each page are kept."""

    planner: Planner
    spacing: float = 12.0
    turn: int = 0
    turns: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def add(self, slot: int) -> None:
        self.planner.add(slot, self.turn * self.spacing)
        self.turns[slot] = [self.turn]

    def drop(self, slot: int) -> None:
        self.planner.drop(slot)
        self.turns.pop(slot, None)

    def ask(self, changes: int | None) -> int | None:
        self.turn += 1
        slot = self.planner.next(self.turn * self.spacing)
        if slot is not None:
            self.planner.asked(slot, self.turn * self.spacing, changes)
            self.turns[slot].append(self.turn)
        return slot

    def longest(self) -> int:
        """The longest time between two looks at a page, in turns, the last one still running."""
        return max(
            later - sooner
            for mine in self.turns.values()
            for sooner, later in zip(mine, [*mine[1:], self.turn], strict=True)
        )


def rounds(pages: int) -> Rounds:
    found = Rounds(Planner())
    for slot in range(pages):
        found.add(slot)
    return found


@example(3, [50, 0, 0, *[50] * 100])  # all that ever changes is on the page that has just been asked for
@given(st.integers(1, 12), st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=200))
def test_no_page_is_ever_older_than_two_cycles_whatever_changes_where(
    pages: int, changes: list[int | None]
) -> None:
    made = rounds(pages)
    for count in changes:
        made.ask(count)
    assert made.longest() <= 2 * pages


@given(st.lists(st.one_of(st.integers(0, 9), st.just("add")), max_size=150), st.integers(1, 6))
def test_a_page_that_comes_in_is_asked_in_time_and_keeps_none_from_its_turn(
    steps: list[int | str], pages: int
) -> None:
    made = rounds(pages)
    for step in steps:
        if step == "add":
            made.add(len(made.turns))
        else:
            made.ask(int(step))
    assert made.longest() <= 2 * len(made.turns)


@given(st.lists(st.one_of(st.integers(0, 9), st.just("drop")), max_size=100), st.integers(1, 9))
def test_every_page_still_comes_after_others_were_dropped(steps: list[int | str], pages: int) -> None:
    made = rounds(pages)
    for step in steps:
        if step == "drop" and len(made.turns) > 1:
            made.drop(max(made.turns))
        elif step != "drop":
            made.ask(int(step))
    left = len(made.turns)
    asked = {made.ask(0) for _ in range(2 * pages)}
    assert asked == set(range(left))


@given(st.integers(1, 30))
def test_where_nothing_changes_pages_are_asked_in_turn(pages: int) -> None:
    made = rounds(pages)
    assert [made.ask(0) for _ in range(3 * pages)] == [*range(pages)] * 3


def test_without_pages_there_is_nothing_to_ask() -> None:
    assert Planner().next(1.0) is None


def test_a_page_that_cannot_be_read_keeps_no_other_from_its_turn() -> None:
    made = rounds(3)
    assert [made.ask(None) for _ in range(6)] == [0, 1, 2, 0, 1, 2]


def test_one_page_in_ten_making_nine_changes_in_ten_is_seen_in_less_than_half_the_time() -> None:
    found = simulate(Tenant(pages=50, changes_a_cycle=25.0, cycles=120))
    assert found.ratio <= 0.45
    assert found.planned.oldest <= 2.0


def test_a_page_that_has_become_quiet_is_asked_no_more_than_the_others_in_the_end() -> None:
    """What was learned fades: the changes of last week say nothing of today."""
    made = rounds(10)
    for _ in range(200):
        slot = made.planner.next((made.turn + 1) * made.spacing)
        made.ask(5 if slot == 3 else 0)
    busy = len(made.turns[3])
    assert busy > 3 * len(made.turns[4])
    made.spacing = 12.0
    for _ in range(40_000):
        made.ask(0)
    before = {slot: len(mine) for slot, mine in made.turns.items()}
    for _ in range(200):
        made.ask(0)
    assert len(made.turns[3]) - before[3] <= 1.5 * (len(made.turns[4]) - before[4])
