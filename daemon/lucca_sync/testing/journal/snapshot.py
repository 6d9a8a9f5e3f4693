"""What the snapshot owes: what was committed is there, whole, and what no page shows is missing."""

from dataclasses import replace

from lucca_sync.journal.protocol import Journal, Known, PageItems, ResourceName, ResourceState, SweepCursor
from lucca_sync.testing.events import NOON
from lucca_sync.testing.journal.scene import (
    HOUR,
    NAME,
    JournalScene,
    content,
    digest,
    first_page,
    head,
    page,
    same,
    seen,
    told,
    url,
    with_journal,
)


class SnapshotContract(JournalScene):
    """Records, pages and cursors."""

    @with_journal
    async def test_of_a_resource_never_committed_to_nothing_is_known(self, journal: Journal) -> None:
        same(await journal.state(NAME), ResourceState())
        same(dict(await journal.heads(NAME)), {})
        same(await journal.items(NAME, 0), PageItems())
        same(dict(await journal.known(NAME, ["1"])), {})
        same([*await journal.missing(NAME, 10)], [])
        same(await journal.count_missing(NAME), 0)

    @with_journal
    async def test_a_page_is_remembered_with_its_records_and_the_cursor(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(first_page(1, "3"))
        same(await journal.state(NAME), ResourceState(cursor=SweepCursor(NOON, 2, url(2)), records=3))
        heads = {0: head(0, {"1": "a", "2": "a"}), 1: head(1, {"3": "a"})}
        same(dict(await journal.heads(NAME)), heads)
        same(await journal.items(NAME, 0), PageItems(("1", "2"), (digest("1", "a"), digest("2", "a"))))
        same(dict(await journal.known(NAME, ["1", "8"])), {"1": _known("1")})

    @with_journal
    async def test_a_page_seen_anew_takes_the_place_of_the_one_before(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(0, {"2": "a", "1": "b"}, [told("1", "b")]))
        same(dict(await journal.heads(NAME)), {0: head(0, {"2": "a", "1": "b"})})
        same(await journal.items(NAME, 0), PageItems(("2", "1"), (digest("2", "a"), digest("1", "b"))))
        same(dict(await journal.known(NAME, ["1"])), {"1": _known("1", "b", 1)})

    @with_journal
    async def test_the_last_page_and_a_page_without_an_etag_are_remembered_so(self, journal: Journal) -> None:
        commit = first_page(0, "1")
        bare = type(commit.head)(0, url(0), None, b"body", None)
        await journal.commit_page(type(commit)(NAME, NOON, bare, commit.items, commit.writes, commit.cursor))
        same(dict(await journal.heads(NAME)), {0: bare})

    @with_journal
    async def test_tenants_and_resources_are_kept_apart(self, journal: Journal) -> None:
        others = [ResourceName("acme", "departments"), ResourceName("globex", "employees")]
        await journal.commit_page(first_page(0, "1"))
        for name in others:
            same(await journal.state(name), ResourceState())
            await journal.commit_page(page(0, {"1": "b"}, [seen("1", "b")], name=name))
        same(dict(await journal.known(NAME, ["1"])), {"1": _known("1")})

    @with_journal
    async def test_ids_and_contents_come_back_to_the_letter(self, journal: Journal) -> None:
        ids = [
            "7",
            "007",
            "7.0",
            "a\0b",
            "Zoé",
            "a'b\"c",
            " ",
            "-1",
            "9" * 40,
            "a/b?c=d&e",
            "\N{GRINNING FACE}",
        ]
        await journal.commit_page(first_page(0, *ids))
        same((await journal.items(NAME, 0)).ids, tuple(ids))
        same(dict(await journal.known(NAME, ids)), {record_id: _known(record_id) for record_id in ids})

    @with_journal
    async def test_thousands_of_contents_small_and_large_come_back_whole(self, journal: Journal) -> None:
        values = {str(number): "é" * (number % 50) + str(number) for number in range(600)}
        values["0"] = "x" * 1_000_000
        for slot in range(6):
            shown = {str(number): values[str(number)] for number in range(slot * 100, slot * 100 + 100)}
            await journal.commit_page(page(slot, shown, [seen(*item) for item in shown.items()]))
        found = await journal.known(NAME, values)
        same({record_id: known.content for record_id, known in found.items()}, _contents(values))

    @with_journal
    async def test_a_content_need_not_resemble_those_before(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, *map(str, range(300))))
        for body in (b"", b"{}", b"\x00\xff not JSON", b"[1]" * 100_000):
            known = await journal.known(NAME, ["1"])
            write = type(seen("1"))("1", body, b"other", known["1"].sequence)
            await journal.commit_writes(NAME, NOON, [write])
            same((await journal.known(NAME, ["1"]))["1"].content, body)

    @with_journal
    async def test_a_page_may_show_a_record_twice(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        commit = page(0, {"1": "a"})
        twice = PageItems(("1", "1"), (digest("1", "a"), digest("1", "a")))
        await journal.commit_page(type(commit)(NAME, NOON, commit.head, twice, (), commit.cursor))
        same(await journal.items(NAME, 0), twice)
        same([known.id for known in await journal.missing(NAME, 10)], ["2"])

    @with_journal
    async def test_living_ids_come_by_value_and_those_that_are_no_numbers_after_them(
        self, journal: Journal
    ) -> None:
        await journal.commit_page(first_page(0, "10", "b", "9", "007", "7", "1", "A1", "²", "9" * 40, ""))
        await journal.commit_writes(NAME, NOON, [told("1", kind="deleted"), seen("2")])
        wanted = ["2", "007", "7", "9", "10", "9" * 40, "", "A1", "b", "²"]
        same([*await journal.ids(NAME)], wanted)
        same([*await journal.ids(ResourceName("acme", "departments"))], [])

    @with_journal
    async def test_a_scan_gives_every_living_record_once_whatever_is_written_meanwhile(
        self, journal: Journal
    ) -> None:
        ids = [str(number) for number in range(25)] + ["", "é", "\N{GRINNING FACE}"]
        await journal.commit_page(first_page(0, *ids))
        await journal.commit_writes(NAME, NOON, [told("3", kind="deleted")])
        found: list[Known] = []
        sizes: list[int] = []
        while batch := await journal.scan(NAME, found[-1].id if found else None, 10):
            found += batch
            sizes.append(len(batch))
            await journal.commit_writes(NAME, NOON, [told("4", "b", len(sizes))])
        same(sizes, [10, 10, 7])
        same(sorted(known.id for known in found), sorted(set(ids) - {"3"}))
        same([*await journal.scan(ResourceName("acme", "departments"), None, 10)], [])

    @with_journal
    async def test_a_page_outside_of_a_sweep_leaves_no_cursor(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1"))
        await journal.commit_page(replace(first_page(1, "2"), cursor=None))
        same((await journal.state(NAME)).cursor, None)

    @with_journal
    async def test_living_records_are_found_by_how_their_ids_begin(self, journal: Journal) -> None:
        ids = ["7-a", "7-b", "70-a", "8-a", "7", "7-\N{GRINNING FACE}", "6-z", "9-a"]
        await journal.commit_page(first_page(0, *ids))
        await journal.commit_page(
            page(0, {"8-a": "a"}, name=NAME._replace(resource="departments"), writes=[seen("8-a")])
        )
        await journal.commit_writes(NAME, NOON, [told("7-b", kind="deleted")])
        found = await journal.beginning(NAME, ["7-", "9-"])
        same({known.id: known for known in found}, {name: _known(name) for name in ("7-a", ids[5], "9-a")})
        same([*await journal.beginning(NAME, [])], [])

    # --- cursors and sweeps -------------------------------------------------------------------------------

    @with_journal
    async def test_the_cursor_can_be_moved_and_cleared_alone(self, journal: Journal) -> None:
        cursor = SweepCursor(NOON, 20, url(20))
        await journal.save_cursor(NAME, cursor)
        same(await journal.state(NAME), ResourceState(cursor=cursor))
        await journal.save_cursor(NAME, None)
        same(await journal.state(NAME), ResourceState())

    @with_journal
    async def test_a_complete_sweep_ends_the_baseline_and_clears_the_cursor(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1"))
        await journal.finish_sweep(NAME, NOON + HOUR, 1)
        same(await journal.state(NAME), ResourceState(True, NOON + HOUR, None, 1))  # noqa: FBT003
        same([*await journal.heads(NAME)], [0])

    @with_journal
    async def test_pages_beyond_the_last_are_forgotten_and_their_records_missing(
        self, journal: Journal
    ) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(first_page(1, "3", "4"))
        await journal.commit_page(first_page(2, "5"))
        await journal.commit_page(page(0, {"1": "a", "2": "a", "4": "a"}))
        await journal.finish_sweep(NAME, NOON, 1)
        same([*await journal.heads(NAME)], [0])
        same(await journal.items(NAME, 1), PageItems())
        same([known.id for known in await journal.missing(NAME, 10)], ["3", "5"])

    # --- missing records ----------------------------------------------------------------------------------

    @with_journal
    async def test_a_record_that_its_page_no_longer_shows_is_missing(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2", "3"))
        await journal.commit_page(page(0, {"2": "a"}))
        same([*await journal.missing(NAME, 10)], [_known("1"), _known("3")])
        same([*await journal.missing(NAME, 1)], [_known("1")])
        same(await journal.count_missing(NAME), 2)
        same((await journal.state(NAME)).records, 3)

    @with_journal
    async def test_a_missing_record_that_is_shown_again_is_not_missing(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(0, {"2": "a"}))
        await journal.commit_page(page(1, {"1": "a"}))
        same(await journal.count_missing(NAME), 0)

    @with_journal
    async def test_a_record_that_moved_forward_is_not_missing(self, journal: Journal) -> None:
        """Its new page is seen before the old one lets go of it."""
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(first_page(1, "3", "4"))
        await journal.commit_page(page(0, {"1": "a", "3": "a"}))
        same([known.id for known in await journal.missing(NAME, 10)], ["2"])
        await journal.commit_page(page(1, {"4": "a", "2": "a"}))
        same(await journal.count_missing(NAME), 0)

    @with_journal
    async def test_a_record_that_any_remembered_page_still_shows_is_not_missing(
        self, journal: Journal
    ) -> None:
        """Page 0 is not asked again in full while it answers 304: what it showed, it shows."""
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(1, {"2": "a", "3": "a"}, [seen("3")]))
        await journal.commit_page(page(1, {"3": "a"}))
        same(await journal.count_missing(NAME), 0)
        await journal.commit_page(page(0, {"1": "a"}))
        same([known.id for known in await journal.missing(NAME, 10)], ["2"])

    @with_journal
    async def test_a_record_told_to_be_gone_is_neither_living_nor_missing(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(0, {"2": "a"}))
        await journal.commit_writes(NAME, NOON, [told("1", kind="deleted")])
        same(await journal.count_missing(NAME), 0)
        same((await journal.state(NAME)).records, 1)
        same(dict(await journal.known(NAME, ["1"])), {"1": Known("1", None, digest("1", "a"), 1)})

    @with_journal
    async def test_a_page_can_tell_of_a_record_that_is_gone(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(0, {"2": "a"}, [told("1", kind="deleted")]))
        same(await journal.count_missing(NAME), 0)
        same((await journal.state(NAME)).records, 1)

    @with_journal
    async def test_a_record_that_comes_back_continues_its_sequence(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_writes(NAME, NOON, [told("1", kind="deleted")])
        await journal.commit_page(page(0, {"1": "b", "2": "a"}, [told("1", "b", 2, kind="created")]))
        same(dict(await journal.known(NAME, ["1"])), {"1": _known("1", "b", 2)})
        same((await journal.state(NAME)).records, 2)
        await journal.commit_page(page(0, {"2": "a"}))
        same([known.id for known in await journal.missing(NAME, 10)], ["1"])

    @with_journal
    async def test_a_missing_record_found_alive_is_missing_again_after_the_next_sweep(
        self, journal: Journal
    ) -> None:
        await journal.commit_page(first_page(0, "1", "2"))
        await journal.commit_page(page(0, {"2": "a"}))
        await journal.finish_sweep(NAME, NOON, 1)
        await journal.commit_writes(NAME, NOON, [seen("1")])
        same(await journal.count_missing(NAME), 0)
        await journal.finish_sweep(NAME, NOON + HOUR, 1)
        same([known.id for known in await journal.missing(NAME, 10)], ["1"])

    @with_journal
    async def test_a_record_read_alone_is_not_missed_while_its_page_shows_it(self, journal: Journal) -> None:
        await journal.commit_page(first_page(0, "1"))
        await journal.commit_writes(NAME, NOON, [told("1", "b")])
        await journal.finish_sweep(NAME, NOON, 1)
        same(await journal.count_missing(NAME), 0)

    @with_journal
    async def test_a_record_first_read_alone_is_missed_by_the_sweep_that_does_not_show_it(
        self, journal: Journal
    ) -> None:
        await journal.commit_writes(NAME, NOON, [seen("1"), seen("2")])
        same((await journal.state(NAME)).records, 2)
        same(await journal.count_missing(NAME), 0)
        await journal.commit_page(page(0, {"2": "a"}))
        await journal.finish_sweep(NAME, NOON, 1)
        same([known.id for known in await journal.missing(NAME, 10)], ["1"])


def _known(record_id: str, value: str = "a", sequence: int = 0) -> Known:
    return Known(record_id, content(record_id, value), digest(record_id, value), sequence)


def _contents(values: dict[str, str]) -> dict[str, bytes]:
    return {record_id: content(record_id, value) for record_id, value in values.items()}
