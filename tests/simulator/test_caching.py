"""Answers carry weak ETags that change when, and only when, what they show has changed."""

import gzip

import pytest

from tests.simulator.visitor import Reply, Visitor, unlimited, visiting

PATHS = ["employees", "employees/7", "departments?limit=3", "employee-attribute-definitions/e_tShirtSize"]
RENAME = {"action": "rename", "employee": "7"}
PORTRAITS = "employees?include=links"


async def again(visitor: Visitor, path: str, reply: Reply) -> int:
    return (await visitor.get(path, If_None_Match=reply.headers["ETag"])).status


@pytest.mark.parametrize("path", PATHS)
async def test_what_has_not_changed_is_answered_304_without_a_body(path: str) -> None:
    async with visiting() as visitor:
        first = await visitor.get(path)
        assert first.headers["ETag"].startswith('W/"')
        second = await visitor.get(path, If_None_Match=first.headers["ETag"])
        assert second.status == 304
        assert second.body == b""
        assert second.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("form", ["{}", "W/{}", 'W/{}, W/"other"', "*"])
async def test_the_validator_is_understood_with_or_without_its_weak_mark(form: str) -> None:
    async with visiting() as visitor:
        strong = (await visitor.get("employees")).headers["ETag"].removeprefix("W/")
        assert (await visitor.get("employees", If_None_Match=form.format(strong))).status == 304
        assert (await visitor.get("employees", If_None_Match='W/"other"')).status == 200


async def test_a_change_gives_the_pages_that_show_it_a_new_etag_and_leaves_the_others_theirs() -> None:
    async with visiting() as visitor:
        shown, other = await visitor.get("employees?id=7"), await visitor.get("employees?id=8")
        single = await visitor.get("employees/7")
        await visitor.control("POST", "changes", RENAME)
        assert await again(visitor, "employees?id=7", shown) == 200
        assert await again(visitor, "employees/7", single) == 200
        assert await again(visitor, "employees?id=8", other) == 304


async def test_an_embedded_record_that_changes_gives_the_page_a_new_etag() -> None:
    path = "employments?employee.id=7&include=embedded"
    async with visiting() as visitor:
        first = await visitor.get(path)
        await visitor.control("POST", "changes", RENAME)
        assert await again(visitor, path, first) == 200


async def test_a_page_that_gets_a_successor_gets_a_new_etag() -> None:
    async with visiting(unlimited(employees=25)) as visitor:
        first = await visitor.get("employees?include=links")
        assert first.next is None
        await visitor.control("POST", "changes", {"action": "hire"})
        second = await visitor.get("employees?include=links", If_None_Match=first.headers["ETag"])
        assert second.ids == first.ids
        assert second.next is not None


async def test_portrait_links_hold_another_token_at_each_call() -> None:
    async with visiting() as visitor:
        first, second = [await visitor.get(PORTRAITS) for _ in range(2)]
        hrefs = [portrait_hrefs(reply) for reply in (first, second)]
        assert len(hrefs[0]) == len(hrefs[1]) > 0
        assert not set(hrefs[0]) & set(hrefs[1])
        assert b"~" not in first.body


def portrait_hrefs(reply: Reply) -> list[str]:
    links = [item["links"]["portrait"] for item in reply.items]
    return [link["href"] for link in links if link is not None]


async def test_portrait_tokens_do_not_change_the_etag_unless_they_are_to() -> None:
    async with visiting() as visitor:
        assert await again(visitor, PORTRAITS, await visitor.get(PORTRAITS)) == 304
    async with visiting(unlimited(etags_follow_portraits=True)) as visitor:
        assert await again(visitor, PORTRAITS, await visitor.get(PORTRAITS)) == 200
        assert await again(visitor, "employees", await visitor.get("employees")) == 304


async def test_a_tenant_without_etags_answers_in_full() -> None:
    async with visiting(unlimited(etags=False)) as visitor:
        assert "ETag" not in (await visitor.get("employees")).headers
        assert (await visitor.get("employees", If_None_Match="*")).status == 200


@pytest.mark.parametrize("path", ["employees", PORTRAITS])
async def test_answers_are_compressed_for_those_who_accept_it(path: str) -> None:
    async with visiting(unpack=False) as visitor:
        packed = await visitor.get(path, Accept_Encoding="gzip, deflate")
        plain = await visitor.get(path, Accept_Encoding="identity")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert len(gzip.decompress(packed.body)) == len(plain.body) > len(packed.body)


async def test_a_tenant_can_do_without_compression() -> None:
    async with visiting(unlimited(gzip=False), unpack=False) as visitor:
        assert "Content-Encoding" not in (await visitor.get("employees", Accept_Encoding="gzip")).headers
