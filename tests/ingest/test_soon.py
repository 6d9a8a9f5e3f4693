"""Between the answer that shows a change and its delivery nothing is done that could wait."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import anyio
from anyio.lowlevel import checkpoint

from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import Known, PageCommit, ResourceName, ResourceState
from lucca_sync.kit.bell import Bell
from tests.ingest.braking import change, crowd, kinds


class Asked(MemoryJournal):
    """Notes what is asked of it, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def state(self, name: ResourceName) -> ResourceState:
        self.asked.append("state")
        return await super().state(name)

    async def known(self, name: ResourceName, ids: Collection[str]) -> Mapping[str, Known]:
        self.asked.append("known")
        return await super().known(name, ids)

    async def commit_page(self, page: PageCommit) -> None:
        self.asked.append("commit_page")
        await super().commit_page(page)

    async def finish_sweep(self, name: ResourceName, at: datetime, pages: int) -> None:
        self.asked.append("finish_sweep")
        await super().finish_sweep(name, at, pages)


async def test_a_few_changes_are_committed_without_another_look_at_the_store() -> None:
    journal = Asked()
    scene = await crowd(20, journal=journal)
    change(scene.tenant, [7], familyName="New")
    journal.asked.clear()
    await scene.look()
    assert await kinds(scene) == {"updated": 1}
    compared = journal.asked.index("known")
    assert journal.asked[compared : compared + 2] == ["known", "commit_page"]


async def test_whoever_delivers_gets_to_the_store_before_the_look_goes_on() -> None:
    journal, bell = Asked(), Bell()
    scene = await crowd(20, journal=journal)
    scene.post.lookout = replace(scene.lookout, rouse=bell.ring)
    change(scene.tenant, [7], familyName="New")

    async def deliver() -> None:
        await bell.next_ring().wait()
        journal.asked.append("claim")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deliver)
        await checkpoint()
        journal.asked.clear()
        await scene.look()
    committed = journal.asked.index("commit_page")
    assert journal.asked[committed + 1] == "claim"
