"""What page memories may vouch for, and what no journal may accept."""

from dataclasses import replace

from lucca_sync.journal.protocol import Journal, PageItems, ResourceState, StoreError, Write
from lucca_sync.testing.events import LANE, NOON, an_event
from lucca_sync.testing.journal.scene import (
    NAME,
    JournalScene,
    content,
    digest,
    first_page,
    head,
    page,
    raising,
    same,
    seen,
    telling,
    told,
    with_journal,
)


class TrustContract(JournalScene):
    """A remembered digest vouches for what is stored, or is empty; a wrong commit changes nothing."""

    @with_journal
    async def test_a_page_does_not_vouch_for_a_record_written_with_another(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(1, {"2": "b"}, [told("2", "b")]))
        await _distrusts(journal, 0, {"1": "a", "2": ""})
        same((await journal.heads(NAME))[1], head(1, {"2": "b"}))
        same(await journal.items(NAME, 1), PageItems(("2",), (digest("2", "b"),)))

    @with_journal
    async def test_no_page_vouches_for_a_record_written_alone(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(1, {"2": "a", "3": "a"}, [seen("3")]))
        await journal.commit_page(first_page(2, "4"))
        await telling(journal, told("2", "b"))
        await _distrusts(journal, 0, {"1": "a", "2": ""})
        await _distrusts(journal, 1, {"2": "", "3": "a"})
        same((await journal.heads(NAME))[2], head(2, {"4": "a"}))

    @with_journal
    async def test_no_page_vouches_for_a_record_that_is_gone(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await telling(journal, told("2", kind="deleted"))
        await _distrusts(journal, 0, {"1": "a", "2": ""})

    @with_journal
    async def test_a_page_vouches_for_what_was_written_with_it(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await telling(journal, told("2", "b"))
        await journal.commit_page(page(0, {"1": "a", "2": "c"}, [told("2", "c", 2)]))
        same((await journal.heads(NAME))[0], head(0, {"1": "a", "2": "c"}))
        same((await journal.items(NAME, 0)).digests, (digest("1", "a"), digest("2", "c")))

    @with_journal
    async def test_pages_keep_vouching_for_a_record_that_only_moved(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(1, {"2": "a", "3": "a"}, [seen("3")]))
        same((await journal.heads(NAME))[0], head(0, {"1": "a", "2": "a"}))
        same((await journal.items(NAME, 0)).digests, (digest("1", "a"), digest("2", "a")))

    @with_journal
    async def test_every_page_that_still_shows_a_record_forgets_it_however_it_wandered(
        self, journal: Journal
    ) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(1, {"2": "a"}))
        await journal.commit_page(page(2, {"2": "a", "3": "a"}, [seen("3")]))
        await journal.commit_page(page(2, {"3": "a"}))
        await telling(journal, told("2", "b"))
        await _distrusts(journal, 0, {"1": "a", "2": ""})
        await _distrusts(journal, 1, {"2": ""})
        same((await journal.heads(NAME))[2], head(2, {"3": "a"}))

    @with_journal
    async def test_the_page_that_a_record_fell_back_to_vouches_for_it_no_longer(
        self, journal: Journal
    ) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(1, {"2": "a", "3": "a"}, [seen("3")]))
        await journal.commit_page(page(1, {"3": "a"}))
        await telling(journal, told("2", "b"))
        await _distrusts(journal, 0, {"1": "a", "2": ""})
        same((await journal.heads(NAME))[1], head(1, {"3": "a"}))

    @with_journal
    async def test_a_record_that_came_back_elsewhere_is_not_vouched_for_by_its_old_page(
        self, journal: Journal
    ) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await telling(journal, told("2", kind="deleted"))
        await journal.commit_page(page(1, {"2": "b"}, [told("2", "b", 2, kind="created")]))
        await telling(journal, told("2", "c", 3))
        await _distrusts(journal, 0, {"1": "a", "2": ""})
        await _distrusts(journal, 1, {"2": ""})

    # --- what is refused ----------------------------------------------------------------------------------

    @with_journal
    async def test_a_write_that_does_not_continue_the_sequence_is_refused(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await telling(journal, told("1", "b"))
        stale = [
            seen("1", "c"),
            told("1", "c", 1),
            told("1", "c", 3),
            seen("3", sequence=1),
            told("3", "a", 2),
        ]
        for write in stale:
            refused = await raising(StoreError, journal.commit_writes, NAME, NOON, [seen("2", "z"), write])
            same(refused.reason, "other")
            shown = {"2": "z", write.id: "c"}
            await raising(StoreError, journal.commit_page, page(0, shown, [seen("2", "z"), write]))
        same((await journal.known(NAME, ["1"]))["1"].sequence, 1)
        same((await journal.known(NAME, ["2"]))["2"].digest, digest("2", "a"))
        same((await journal.items(NAME, 0)).ids, ("1", "2"))
        same(await journal.count_missing(NAME), 0)

    @with_journal
    async def test_after_a_refusal_the_next_commit_is_accepted(self, journal: Journal) -> None:
        await raising(StoreError, journal.commit_writes, NAME, NOON, [told("1"), told("2", "a", 7)])
        await telling(journal, told("1"), told("2"))
        same([*await journal.known(NAME, ["1", "2"])], ["1", "2"])

    @with_journal
    async def test_a_refused_commit_of_many_records_spoils_no_later_one(self, journal: Journal) -> None:
        ids = [*map(str, range(200))]
        refused = [*map(seen, ids), seen("201", sequence=7)]
        await raising(StoreError, journal.commit_writes, NAME, NOON, refused)
        await journal.commit_page(first_page(0, *ids))
        found = await journal.known(NAME, ids)
        same([known.content for known in found.values()], [content(record_id, "a") for record_id in found])

    @with_journal
    async def test_several_writes_of_one_record_continue_each_other(self, journal: Journal) -> None:
        await telling(journal, told("1", "a", 1), told("1", "b", 2))
        same((await journal.known(NAME, ["1"]))["1"].digest, digest("1", "b"))
        await raising(StoreError, journal.commit_writes, NAME, NOON, [told("1", "c", 3), told("1", "d", 3)])
        same((await journal.known(NAME, ["1"]))["1"].sequence, 2)

    @with_journal
    async def test_a_page_that_shows_a_record_nobody_wrote_is_a_mistake(self, journal: Journal) -> None:
        await raising(ValueError, journal.commit_page, page(0, {"1": "a", "2": "a"}, [seen("1")]))
        same(await journal.state(NAME), ResourceState())
        same(dict(await journal.known(NAME, ["1"])), {})

    @with_journal
    async def test_a_page_that_shows_a_gone_record_without_writing_it_is_a_mistake(
        self, journal: Journal
    ) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await telling(journal, told("1", kind="deleted"))
        await raising(ValueError, journal.commit_page, page(0, {"1": "a", "2": "a"}))
        await raising(ValueError, journal.commit_page, page(1, {"1": "a"}))
        same([*await journal.heads(NAME)], [0])

    @with_journal
    async def test_a_commit_that_contradicts_itself_is_a_mistake(self, journal: Journal) -> None:
        good = page(0, {"1": "a"}, [seen("1")])
        alien = replace(told("1"), event=an_event(record_id="2"))
        misnumbered = replace(told("1"), event=an_event(record_id="1", sequence=2))
        elsewhere = replace(told("1"), event=an_event(record_id="1", resource="departments"))
        abroad = replace(told("1"), event=an_event(record_id="1", tenant="globex"))
        nothing_to_deliver = replace(seen("1"), lanes=(LANE,))
        wrong = [replace(good, writes=[write]) for write in _all(alien, misnumbered, elsewhere, abroad)]
        wrong += [
            replace(good, writes=[nothing_to_deliver]),
            replace(good, writes=[told("1", kind="deleted")]),
            replace(good, writes=[seen("1"), seen("2")]),
            replace(good, items=PageItems(("1",), ())),
            replace(good, head=replace(good.head, slot=-1)),
        ]
        for commit in wrong:
            await raising(ValueError, journal.commit_page, commit)
        for write in _all(alien, misnumbered, elsewhere, abroad, nothing_to_deliver):
            await raising(ValueError, journal.commit_writes, NAME, NOON, [write])
        same(await journal.state(NAME), ResourceState())


def _all(*writes: Write) -> tuple[Write, ...]:
    return writes


async def _distrusts(journal: Journal, slot: int, shown: dict[str, str]) -> None:
    """Check that a page must be compared in full, and vouches only for records that have a value here."""
    found = (await journal.heads(NAME))[slot]
    same((found.etag, found.digest), (None, b""))
    same(found.url, head(slot, shown).url)
    wanted = tuple(digest(record_id, value) if value else b"" for record_id, value in shown.items())
    same(await journal.items(NAME, slot), PageItems(tuple(shown), wanted))
