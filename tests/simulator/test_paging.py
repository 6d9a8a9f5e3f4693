"""Lists come in pages that lead from one to the next, as the documentation describes them."""

from collections.abc import Callable

import pytest

from tests.simulator.visitor import Document, unlimited, visiting


async def test_a_page_holds_25_records_unless_told_otherwise() -> None:
    async with visiting() as visitor:
        assert len((await visitor.get("employees")).ids) == 25
        assert len((await visitor.get("employees?limit=3")).ids) == 3
        assert (await visitor.get("employees?limit=0")).ids == []


@pytest.mark.parametrize("limit", ["101", "-1", "many", "1.5", ""])
async def test_a_limit_outside_0_to_100_is_refused(limit: str) -> None:
    async with visiting() as visitor:
        reply = await visitor.get(f"employees?limit={limit}")
        assert reply.status == 400
        assert list(reply.json["errors"]) == ["limit"]


async def test_links_and_total_count_come_only_when_asked_for() -> None:
    async with visiting() as visitor:
        plain = (await visitor.get("employees")).json
        assert plain.keys() == {"type", "url", "items"}
        assert "links" not in plain["items"][0]
        rich = (await visitor.get("employees?include=links,totalCount,embedded")).json
        assert rich.keys() == {"type", "url", "items", "links", "totalCount", "embedded"}
        assert rich["totalCount"] == 50
        assert "links" in rich["items"][0]


async def test_following_the_next_links_gives_every_record_once_in_order_of_id() -> None:
    async with visiting(unlimited(employees=230)) as visitor:
        pages = await visitor.walk("employees?limit=100")
        assert [len(page.ids) for page in pages] == [100, 100, 30]
        assert [item for page in pages for item in page.ids] == [str(number) for number in range(1, 231)]


async def test_a_list_that_fills_its_pages_exactly_ends_on_the_last_full_one() -> None:
    async with visiting(unlimited(employees=50)) as visitor:
        assert [len(page.ids) for page in await visitor.walk("employees?limit=25")] == [25, 25]


async def test_the_next_link_keeps_filters_limit_and_sort_but_loses_include() -> None:
    async with visiting() as visitor:
        first = await visitor.get("employees?limit=2&include=links&status=active&sort=-familyName")
        assert first.next is not None
        assert "include" not in first.next
        for kept in ("limit=2", "status=active", "sort=-familyName", "page=!w."):
            assert kept in first.next
        assert "links" not in (await visitor.get(first.next)).json


async def test_the_previous_link_leads_back() -> None:
    async with visiting() as visitor:
        pages = await visitor.walk("employees?limit=20")
        assert pages[0].json["links"]["prev"] is None
        back = await visitor.get(pages[2].json["links"]["prev"]["href"] + "&include=links")
        assert back.ids == pages[1].ids
        again = await visitor.get(back.json["links"]["prev"]["href"] + "&include=links")
        assert again.ids == pages[0].ids
        assert again.json["links"]["prev"] is None
        assert again.next == pages[0].next


async def test_a_whole_number_as_page_is_tolerated_as_an_index() -> None:
    async with visiting() as visitor:
        second = await visitor.get("employees?limit=10&page=2&include=links")
        assert second.ids == [str(number) for number in range(11, 21)]
        assert second.next is not None
        assert (await visitor.get(second.next)).ids[0] == "21"
        assert (await visitor.get("employees?limit=10&page=9")).ids == []


@pytest.mark.parametrize(
    "token", ["0", "-1", "!w.", "!w.nonsense", "!w.WzFd", "abc", "!w.WyJmIiwiaWQiLCJ4Il0"]
)
async def test_a_page_token_that_was_never_given_is_refused(token: str) -> None:
    async with visiting() as visitor:
        assert (await visitor.get(f"employees?page={token}")).status == 400


async def test_a_page_token_of_another_order_is_refused() -> None:
    async with visiting() as visitor:
        first = await visitor.get("employees?limit=5&include=links&sort=familyName")
        assert first.next is not None
        assert (await visitor.get(first.next.replace("sort=familyName", "sort=-id"))).status == 400


async def test_nothing_is_skipped_or_shown_twice_while_records_come_and_go() -> None:
    async with visiting(unlimited(employees=60)) as visitor:
        first = await visitor.get("employees?limit=20&include=links")
        for public_id in ("5", "20", "30"):
            await visitor.control(
                "POST", "changes", {"action": "delete", "resource": "employees", "id": public_id}
            )
        await visitor.control("POST", "changes", {"action": "hire"})
        assert first.next is not None
        rest = [await visitor.get(f"{first.next}&include=links")]
        while (href := rest[-1].next) is not None:
            rest.append(await visitor.get(f"{href}&include=links"))
        seen = [item for page in rest for item in page.ids]
        assert seen == [str(number) for number in range(21, 62) if number != 30]


async def test_page_addresses_stay_the_same_from_sweep_to_sweep_by_default() -> None:
    async with visiting() as visitor:
        assert [page.next for page in await visitor.walk("employees?limit=20")] == [
            page.next for page in await visitor.walk("employees?limit=20")
        ]


async def test_page_addresses_differ_each_time_when_cursors_are_not_stable() -> None:
    async with visiting(unlimited(stable_cursors=False)) as visitor:
        first, second = [await visitor.get("employees?limit=20&include=links") for _ in range(2)]
        assert first.next is not None
        assert second.next is not None
        assert first.next != second.next
        assert (await visitor.get(first.next)).ids == (await visitor.get(second.next)).ids


Sorted = Callable[[Document], str]
SORTS: list[tuple[str, str, Sorted]] = [
    ("employees", "familyName", lambda item: item["familyName"].casefold()),
    ("employees", "createdAt", lambda item: item["createdAt"]),
    ("employments", "start.date", lambda item: item["start"]["date"]),
    ("job-positions", "endsOn", lambda item: item["endsOn"] or "9999"),
    ("probationary-periods", "endsOn", lambda item: item["endsOn"]),
    ("employee-attribute-definitions", "name", lambda item: item["name"].casefold()),
    ("employee-attributes", "definition.id", lambda item: item["definition"]["id"]),
]


@pytest.mark.parametrize(("resource", "key", "value"), SORTS, ids=[f"{row[0]} {row[1]}" for row in SORTS])
async def test_a_list_is_sorted_by_its_keys_in_both_directions_across_pages(
    resource: str, key: str, value: Sorted
) -> None:
    async with visiting(unlimited(employees=130)) as visitor:
        up = [item for page in await visitor.walk(f"{resource}?limit=60&sort={key}") for item in page.items]
        down = [
            item for page in await visitor.walk(f"{resource}?limit=60&sort=-{key}") for item in page.items
        ]
        assert [value(item) for item in up] == sorted(value(item) for item in up)
        assert [value(item) for item in down] == [value(item) for item in up][::-1]
        assert len({item["id"] for item in up}) == len(up) == visitor.simulator.counts()[resource]


async def test_ids_are_ordered_as_numbers() -> None:
    async with visiting() as visitor:
        assert (await visitor.get("employees?sort=-id&limit=3")).ids == ["50", "49", "48"]


async def test_an_encoded_plus_is_ascending_and_a_bare_one_a_space_that_is_refused() -> None:
    async with visiting() as visitor:
        assert (await visitor.get("employees?sort=%2BfamilyName")).status == 200
        assert (await visitor.get("employees?sort=+familyName")).status == 400


async def test_an_unknown_sort_key_is_refused() -> None:
    async with visiting() as visitor:
        assert (await visitor.get("employees?sort=lastUpdatedAt")).status == 400


async def test_embedded_holds_what_the_items_refer_to() -> None:
    async with visiting() as visitor:
        reply = (await visitor.get("employees?include=embedded&limit=5")).json
        wanted = {item["applicableEmployment"]["id"] for item in reply["items"]}
        assert reply["embedded"]["employment"].keys() == wanted
        single = (await visitor.get("employees/1?include=embedded")).json
        assert single["embedded"]["job-position"].keys() == {single["applicableJobPosition"]["id"]}


async def test_ten_thousand_people_are_walked_without_gap() -> None:
    async with visiting(unlimited(employees=10_000)) as visitor:
        pages = await visitor.walk("employees?limit=100")
        assert sum(len(page.ids) for page in pages) == 10_000
        assert pages[-1].ids[-1] == "10000"
