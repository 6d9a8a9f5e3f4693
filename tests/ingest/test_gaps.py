"""Deletions that a page proves by what it leaves out, as it passes."""

from collections.abc import Mapping
from dataclasses import replace

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.gaps import Gaps
from lucca_sync.ingest.guard import Threshold
from lucca_sync.ingest.source import Watched
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import TooHeavy
from lucca_sync.model.catalogue import CATALOGUE, Resource
from tests.ingest.tenant import Answer, FakeTenant
from tests.ingest.watching import NAME, Scene, staff

WATCHED = Watched(NAME, CATALOGUE["employees"], "https://acme.ilucca.net", every=60.0)


async def settled(tenant: FakeTenant, watched: Watched = WATCHED) -> Scene:
    scene = Scene(tenant, watched=watched)
    await scene.look()
    await scene.look()
    tenant.asked.clear()
    return scene


async def test_who_is_missing_between_two_that_are_there_is_gone_before_the_sweep_ends() -> None:
    tenant = staff(9)
    scene = await settled(tenant)
    del tenant.records["2"]
    await scene.look()
    (event,) = await scene.events()
    assert (event.record_id, event.kind, event.detected_by) == ("2", "deleted", "gap")
    assert tenant.asked.index("/2") < tenant.asked.index("/from/3")


async def test_who_moved_to_the_page_before_is_not_asked_for() -> None:
    tenant = staff(9)
    scene = await settled(tenant)
    del tenant.records["1"]
    await scene.look()
    assert [url for url in tenant.asked if url.removeprefix("/").isdigit()] == ["/1"]


async def test_who_is_missing_at_the_edge_of_a_page_is_found_by_the_end_of_the_sweep() -> None:
    tenant = staff(9)
    scene = await settled(tenant)
    del tenant.records["4"]
    await scene.look()
    (event,) = await scene.events()
    assert (event.record_id, event.detected_by) == ("4", "sweep")


async def test_who_is_only_hidden_from_lists_is_alive_and_not_asked_for_at_every_page() -> None:
    tenant = staff(9)
    scene = await settled(tenant)
    tenant.hidden = {"2"}
    for number in range(4):
        tenant.put("1", familyName=f"Name {number}")
        await scene.look()
    assert {one for one, _, _ in await scene.told()} == {"1"}
    assert tenant.asked.count("/2") <= 5


async def test_lists_that_hide_many_cost_no_more_reads_than_the_brake_would_let_pass() -> None:
    scene = await settled(staff(60))
    gaps = Gaps(Absentees(scene.post))
    for first in range(1, 40, 3):
        await gaps.look_into([str(number) for number in range(first, first + 3)])
    assert len(scene.tenant.asked) == 9
    gaps.renew()
    await gaps.look_into(["1", "2", "39"])
    assert scene.tenant.asked[9:] == ["/39"]


async def test_more_on_a_page_than_is_credible_are_left_to_the_end() -> None:
    tenant = staff(40)
    tenant.page_size = 20
    scene = await settled(tenant)
    for number in range(2, 8):
        del tenant.records[str(number)]
    await scene.look()
    assert {event.detected_by for event in await scene.events()} == {"sweep"}


async def test_more_in_a_sweep_than_the_brake_lets_pass_are_left_to_the_end() -> None:
    """Trap 12: deletions are capped for a whole sweep, not only for each page."""
    tenant = staff(40)
    tenant.page_size = 10
    watched = replace(WATCHED, deletions=Threshold(count=3, share=0.05))
    scene = await settled(tenant, watched)
    for number in (2, 4, 12, 14, 22, 24):
        del tenant.records[str(number)]
    await scene.look()
    assert len([url for url in tenant.asked if url.removeprefix("/").isdigit()]) <= 3
    assert len(await scene.told()) <= 3
    assert scene.metric("brake_held_records", kind="deleted") >= 3


async def test_the_settings_can_switch_it_off() -> None:
    tenant = staff(9)
    scene = await settled(tenant, replace(WATCHED, gaps=False))
    del tenant.records["2"]
    await scene.look()
    assert [event.detected_by for event in await scene.events()] == ["sweep"]


async def test_without_an_order_by_id_a_page_proves_nothing() -> None:
    tenant = staff(9)
    departments = replace(CATALOGUE["departments"], name="employees")
    scene = await settled(tenant, replace(WATCHED, resource=departments))
    del tenant.records["2"]
    await scene.look()
    assert [event.detected_by for event in await scene.events()] == ["sweep"]


class SlowTenant(FakeTenant):
    """Gives up on pages of more than two records."""

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        return "/first?include=links&limit=100"

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        if url == "/first?include=links&limit=100":
            self.asked.append(url)
            raise TooHeavy("too much was asked for at once")
        assert etag is None or url.startswith("/from/")
        return await super().page(url, resource=resource, etag=etag, purpose=purpose)


async def test_a_sweep_asks_for_less_at_once_when_a_page_is_too_heavy() -> None:
    """Trap 9: a request that was too much is not sent again as it was."""
    tenant = SlowTenant(page_size=2)
    for number in range(1, 6):
        tenant.put(str(number))
    scene = Scene(tenant)
    await scene.look()
    assert tenant.asked == [
        "/first?include=links&limit=100",
        "/first?include=links&limit=50",
        "/from/2",
        "/from/4",
    ]
    tenant.put("1", familyName="Other")
    await scene.look()
    assert await scene.told() == [("1", "updated", 1)]
