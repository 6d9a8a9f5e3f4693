"""The count probe sees that records came or went, and finds which, by halves."""

from dataclasses import dataclass, replace
from typing import cast

import anyio
import pytest

from lucca_sync.ingest.abilities import NUMBERED
from lucca_sync.ingest.source import Answered, Source
from lucca_sync.lucca.budget import Purpose
from lucca_sync.model.catalogue import Resource
from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.world.careers import Hire
from lucca_sync.simulator.world.corrections import Delete
from tests.eyes.town import VIRTUAL_TIME, Town, only, town
from tests.ingest.tenant import Answer

pytestmark = VIRTUAL_TIME

LARGE = SimulatorOptions(employees=1600, requests_per_minute=0)


def dropped(at: Town, *ids: str) -> None:
    for one in ids:
        at.simulator.perform(Delete(resource="employees", id=one))


async def test_a_resource_that_counts_as_known_costs_one_request() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        before = len(at.seen)
        await at.count("employees").look()
        assert len(at.seen) - before == 1


@pytest.mark.parametrize("gone", ["1", "100", "101", "777", "800", "1500", "1600"])
async def test_a_deletion_among_sixteen_pages_is_found_with_a_handful_of_requests(gone: str) -> None:
    async with town(only("employees"), LARGE) as at:
        await at.sweep()
        before = len(at.seen)
        dropped(at, gone)
        await at.count("employees").look()
        assert await at.told() == [(f"employees/{gone}", "deleted", "count")]
        # Two counts before and after, the newest, four halves and the page itself, a confirming read.
        assert len(at.seen) - before <= 10


async def test_deletions_in_two_places_are_both_found() -> None:
    async with town(only("employees"), LARGE) as at:
        await at.sweep()
        dropped(at, "333", "1234")
        await at.count("employees").look()
        assert sorted(await at.told()) == [
            ("employees/1234", "deleted", "count"),
            ("employees/333", "deleted", "count"),
        ]


async def test_a_hire_that_hides_a_deletion_is_sorted_out() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        dropped(at, "7")
        at.simulator.perform(Hire())
        at.simulator.perform(Hire())
        await at.count("employees").look()
        told = {(subject, kind) for subject, kind, _ in await at.told()}
        assert told == {
            ("employees/251", "created"),
            ("employees/252", "created"),
            ("employees/7", "deleted"),
        }


@pytest.mark.parametrize("numbers", ["refused", "ignored"])
async def test_where_pages_have_no_numbers_a_sweep_is_asked_for_and_the_tenant_is_remembered(
    numbers: str,
) -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.misbehave(page_numbers=numbers)
        dropped(at, "207")
        count, asked = at.count("employees"), list[bool]()
        count.sweep_now = lambda: asked.append(True)
        await count.look()
        assert await at.told() == []
        assert asked == [True]
        assert await count.abilities.lacks(NUMBERED)


async def test_a_difference_that_a_sweep_leaves_is_not_searched_for_ever() -> None:
    async with town(only("departments")) as at:
        await at.sweep()
        count = at.count("departments")
        at.simulator.misbehave(unlisted={"departments": ["3"]})
        for _ in range(2):
            await count.look()
        before = len(at.seen)
        await count.look()
        assert len(at.seen) - before == 1


async def test_a_second_record_is_asked_for_like_the_first_where_only_sweeps_find_them() -> None:
    """A difference that a sweep has left says nothing about an equal one that comes later."""
    async with town(only("departments")) as at:
        at.simulator.misbehave(unlisted={"departments": ["2", "3"]})
        await at.sweep()
        count, asked = at.count("departments"), list[bool]()
        count.sweep_now = lambda: asked.append(True)
        for left in (["2"], list[str]()):
            at.simulator.misbehave(unlisted={"departments": left})
            await count.look()
            await at.sweep()
            await count.look()
        assert len(asked) == 2


@dataclass
class Miscounting:
    """A source whose totals are one too high, as if somebody had just been deleted."""

    source: Source

    def __getattr__(self, name: str) -> object:
        return getattr(self.source, name)

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answered:
        answer = await self.source.page(url, resource=resource, etag=etag, purpose=purpose)
        if "limit=0" not in url:
            return answer
        return Answer((answer.body or b"").replace(b":250", b":251"), None)


async def test_a_count_that_differs_from_pages_as_we_know_them_says_nothing_against_their_numbers() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        count = at.count("employees")
        lookout = count.post.lookout
        count.post.lookout = replace(lookout, source=cast("Source", Miscounting(lookout.source)))
        await count.look()
        assert not await count.abilities.lacks(NUMBERED)


async def test_numbers_that_were_refused_are_tried_again_once_a_day() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        count = at.count("employees")
        at.simulator.misbehave(page_numbers="refused")
        dropped(at, "207")
        await count.look()
        assert await count.abilities.lacks(NUMBERED)
        await at.sweep()
        await count.look()
        at.simulator.misbehave(page_numbers="honoured")
        for gone, eye in (("100", "gap"), ("101", "count"), ("102", "count")):
            dropped(at, gone)
            await count.look()
            await at.sweep()
            await count.look()
            assert (await at.told())[-1] == (f"employees/{gone}", "deleted", eye)
            await anyio.sleep(86_400)
        assert not await count.abilities.lacks(NUMBERED)
