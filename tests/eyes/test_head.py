"""The head probe sees new records with one request."""

from dataclasses import dataclass, replace
from typing import cast

import pytest

from lucca_sync.ingest.head import HeadProbe
from lucca_sync.ingest.source import Answered, Source
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import Unavailable
from lucca_sync.model.catalogue import Resource
from lucca_sync.simulator.world.careers import Hire
from lucca_sync.simulator.world.corrections import Delete, Set
from tests.eyes.town import VIRTUAL_TIME, only, town

pytestmark = VIRTUAL_TIME


async def test_new_employees_are_seen_with_one_request_between_sweeps() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        entries = at.simulator.perform(Hire())
        before = len(at.seen)
        await at.head("employees").look()
        assert len(at.seen) - before == 1
        hired = next(entry.id for entry in entries if entry.resource == "employees")
        assert await at.told() == [(f"employees/{hired}", "created", "head")]


async def test_resources_without_a_creation_date_are_asked_by_id() -> None:
    async with town(only("employments", "job-positions")) as at:
        await at.sweep()
        at.simulator.perform(Hire())
        for name in ("employments", "job-positions"):
            await at.head(name).look()
        told = await at.told()
        assert [(subject.split("/")[0], kind, eye) for subject, kind, eye in told] == [
            ("employments", "created", "head"),
            ("job-positions", "created", "head"),
        ]


async def test_more_new_records_than_fit_on_a_page_are_followed() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        for _ in range(130):
            at.simulator.perform(Hire())
        await at.head("employees").look()
        assert len(await at.told()) == 130


async def test_the_sweep_does_not_tell_again_what_the_head_probe_told() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.perform(Hire())
        await at.head("employees").look()
        await at.sweep()
        assert len(await at.told()) == 1


async def test_nothing_is_new_before_the_baseline_is_complete() -> None:
    async with town(only("employees")) as at:
        await at.head("employees").look()
        assert at.seen == []
        assert await at.told() == []


async def test_an_edit_of_one_of_the_newest_is_seen_as_well() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.perform(Set(resource="employees", id="250", path="/familyName", value="Anew"))
        await at.head("employees").look()
        assert await at.told() == [("employees/250", "updated", "head")]


async def test_a_record_that_is_deleted_and_not_listed_is_no_news_to_the_head_probe() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        at.simulator.perform(Delete(resource="employees", id="250"))
        await at.head("employees").look()
        assert await at.told() == []


async def test_more_than_five_pages_of_new_records_are_left_to_a_sweep_at_once() -> None:
    async with town(only("employees")) as at:
        await at.sweep()
        for _ in range(510):
            at.simulator.perform(Hire())
        asked = list[bool]()
        head = HeadProbe(at.station("employees").post, lambda: asked.append(True))
        await head.look()
        assert asked == [True]
        await head.look()
        assert asked == [True]


async def test_what_stands_behind_the_page_that_a_look_was_cut_off_at_is_not_forgotten() -> None:
    """The first page is known by then: the probe itself would never look behind it again."""
    async with town(only("employees")) as at:
        await at.sweep()
        for _ in range(130):
            at.simulator.perform(Hire())
        asked = list[bool]()
        head = HeadProbe(at.station("employees").post, lambda: asked.append(True))
        post = head.post
        sound = post.lookout
        post.lookout = replace(sound, source=cast("Source", CutOff(sound.source)))
        with pytest.raises(Unavailable):
            await head.look()
        post.lookout = sound
        await head.look()
        assert asked == [True]


@dataclass
class CutOff:
    """A source that is out of reach from the second page on."""

    source: Source

    def __getattr__(self, name: str) -> object:
        return getattr(self.source, name)

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answered:
        if "page=" in url:
            raise Unavailable("out of reach", "unreachable")
        return await self.source.page(url, resource=resource, etag=etag, purpose=purpose)
