"""The id of a business event is computed from what it follows from, and from nothing else."""

import copy
from datetime import timedelta

from lucca_sync.ingest.business.person import Ref
from lucca_sync.ingest.business.telling import Telling
from tests.business.company import NOON, WINDOW, Company, employment, position, settled


async def changed() -> Company:
    company = Company()
    await company.baseline(**settled())
    await company.derive()
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.put("employments", employment(end="2026-04-10"))
    return company


async def ids(company: Company) -> dict[str, str]:
    return {one.type: one.id for one in await company.events()}


async def test_told_later_it_has_the_same_id() -> None:
    """Whether the daemon was there when the window ended, or came back weeks later."""
    first, second = await changed(), await changed()
    await first.derive()
    await first.day("2026-04-01")
    await first.derive()
    await first.day("2026-04-20")
    await first.derive()
    second.clock.at += timedelta(days=60)
    await second.derive()
    assert len(await ids(first)) == 4
    assert await ids(first) == await ids(second)


async def test_changes_that_lie_apart_are_told_apart_though_they_are_read_at_once() -> None:
    """What belongs together is told by when it was recorded: a pause in reading makes no difference."""
    company = Company()
    await company.baseline(**settled())
    await company.derive()
    for end in ("2026-04-10", "2026-04-20"):
        await company.put("employments", employment(end=end))
        company.clock.at += WINDOW
    company.clock.at += timedelta(days=1)
    await company.derive()
    leaving = [("employee.leaving", "2026-04-10"), ("employee.leaving.rescheduled", "2026-04-20")]
    assert await company.told() == leaving


async def test_a_restored_copy_of_the_store_tells_again_under_the_same_ids() -> None:
    company = await changed()
    kept = copy.deepcopy(company.journal)
    await company.derive()
    before = await ids(company)
    company.journal = kept
    company.clock.at += timedelta(days=1)
    await company.derive()
    assert before == await ids(company) != {}


async def test_a_date_that_is_moved_and_moved_back_has_an_id_each_time() -> None:
    company = await changed()
    await company.derive()
    for start in ("2026-05-01", "2026-04-01", "2026-05-01", "2026-04-01"):
        await company.put("job-positions", position("101", start, manager={"id": "8"}))
        await company.derive()
    found = [one.id for one in await company.events()]
    assert len(found) == 6
    assert len(set(found)) == 6


def test_an_id_never_drifts() -> None:
    """Consumers keep ids for years: another version must compute the same."""
    ref = Ref("5373da4c8f6568f02ca47e72a0fd9907", "sweep", NOON.isoformat(), NOON.isoformat())
    about = ("job-positions", "74")
    told = Telling(
        "manager.changed.scheduled",
        "manager.changed",
        "scheduled",
        about,
        about[0],
        None,
        None,
        "2026-04-01",
        (ref,),
        NOON,
    )
    assert told.id_for("acme", "416") == "19de119e3b96b0bec576e459c2ce3c96"
