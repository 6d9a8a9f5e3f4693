"""What a journal owes to hints: none is lost before it is dropped, none is taken twice."""

from dataclasses import replace

from lucca_sync.journal.protocol import Journal
from lucca_sync.model.hint import Hint
from lucca_sync.testing.events import NOON
from lucca_sync.testing.journal.scene import HOUR, MINUTE, JournalScene, same, with_journal


def a_hint(name: str) -> Hint:
    """Make a hint about one job position."""
    return Hint(f"https://acme.ilucca.net {name}", "job-position.updated", "74", NOON, "12", "9")


class HintContract(JournalScene):
    """Hints that wait, and hints that were looked at."""

    @with_journal
    async def test_hints_wait_in_the_order_in_which_they_were_taken(self, journal: Journal) -> None:
        hints = [a_hint("9"), replace(a_hint("8"), eye="feed", employee=None, employment=None), a_hint("7")]
        same(await journal.take_in("acme", hints[:2]), 2)
        same(await journal.take_in("acme", hints[2:]), 1)
        same([*await journal.hints("acme", 10)], hints)
        same([*await journal.hints("acme", 2)], hints[:2])

    @with_journal
    async def test_a_hint_is_taken_once_even_when_it_comes_twice_at_once(self, journal: Journal) -> None:
        same(await journal.take_in("acme", [a_hint("9"), a_hint("9"), a_hint("8")]), 2)
        same(await journal.take_in("acme", [a_hint("8"), a_hint("7")]), 1)
        same([hint.id[-1] for hint in await journal.hints("acme", 10)], ["9", "8", "7"])

    @with_journal
    async def test_a_hint_that_was_looked_at_is_not_taken_again(self, journal: Journal) -> None:
        await journal.take_in("acme", [a_hint("9"), a_hint("8")])
        await journal.drop_hints("acme", [a_hint("9").id, "never taken"])
        same([hint.id[-1] for hint in await journal.hints("acme", 10)], ["8"])
        same(await journal.take_in("acme", [a_hint("9")]), 0)
        same([hint.id[-1] for hint in await journal.hints("acme", 10)], ["8"])

    @with_journal
    async def test_the_hints_of_tenants_are_kept_apart(self, journal: Journal) -> None:
        await journal.take_in("acme", [a_hint("9")])
        same([*await journal.hints("globex", 10)], [])
        same(await journal.take_in("globex", [a_hint("9")]), 1)
        await journal.drop_hints("globex", [a_hint("9").id])
        same([*await journal.hints("acme", 10)], [a_hint("9")])

    @with_journal
    async def test_ids_of_hints_are_forgotten_after_long_but_not_of_those_that_wait(
        self, journal: Journal
    ) -> None:
        old = [replace(a_hint(str(number)), taken=NOON + MINUTE * number) for number in range(4)]
        await journal.take_in("acme", old)
        await journal.drop_hints("acme", [hint.id for hint in old[1:]])
        same(await journal.forget_hints(NOON + MINUTE * 3, 1), 1)
        same(await journal.forget_hints(NOON + MINUTE * 3, 10), 1)
        same([*await journal.hints("acme", 10)], old[:1])
        same(await journal.take_in("acme", old), 2)

    @with_journal
    async def test_the_last_push_is_remembered_and_the_feed_is_no_push(self, journal: Journal) -> None:
        same(await journal.last_hint("acme"), None)
        await journal.take_in("acme", [replace(a_hint("9"), taken=NOON + HOUR), a_hint("8")])
        await journal.take_in("acme", [replace(a_hint("7"), taken=NOON + 2 * HOUR, eye="feed")])
        await journal.drop_hints("acme", [a_hint("9").id])
        same(await journal.last_hint("acme"), NOON + HOUR)
        same(await journal.last_hint("globex"), None)
