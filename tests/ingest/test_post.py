"""The post of a resource: answers that overtake each other, and commits that may have happened or not."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import pytest

from lucca_sync.ingest.decode import Item, decode_page
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import ResourceName, StoreError, Write
from lucca_sync.model.values import Json
from tests.ingest.watching import Scene, staff


class Unsure(MemoryJournal):
    """Commits, and then says that it did not."""

    failing = False

    async def commit_writes(self, name: ResourceName, at: datetime, writes: Sequence[Write]) -> None:
        await super().commit_writes(name, at, writes)
        if self.failing:
            raise StoreError("was it written?", "io")


def listed(scene: Scene, record_id: str, **fields: Json) -> tuple[Item, ...]:
    """A row of an answer that shows a record as Lucca has it now."""
    scene.tenant.put(record_id, **fields)
    return decode_page(msgspec.json.encode({"items": [scene.tenant.records[record_id]]})).items


async def test_a_row_that_somebody_wrote_meanwhile_leaves_an_answer_in_doubt() -> None:
    """Else its ETag would vouch for a row that nobody has compared."""
    scene = Scene(staff(3))
    await scene.look()
    with scene.post.asking() as early, scene.post.asking() as late:
        old = listed(scene, "2", familyName="Old")
        await scene.post.hand_in(listed(scene, "2", familyName="New"), late, "hint", "/asked")
        compared = await scene.post.hand_in(old, early, "head", "/asked")
    assert await scene.told() == [("2", "updated", 1)]
    assert compared.doubtful


async def test_a_commit_that_raised_may_have_happened_and_older_answers_are_overtaken_by_it() -> None:
    journal = Unsure()
    scene = Scene(staff(3), journal)
    await scene.look()
    with scene.post.asking() as early, scene.post.asking() as late:
        old = listed(scene, "2", familyName="Old")
        journal.failing = True
        with pytest.raises(StoreError):
            await scene.post.hand_in(listed(scene, "2", familyName="New"), late, "hint", "/asked")
        journal.failing = False
        await scene.post.hand_in(old, early, "sweep", "/asked")
    (event,) = await scene.events()
    assert (event.record or {})["familyName"] == "New"
