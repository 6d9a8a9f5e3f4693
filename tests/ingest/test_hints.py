"""What becomes of hints: read again, compared, told; kept until that is done."""

from datetime import timedelta

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.hints import GATHER, GATHER_BESIDE, HintWorker
from lucca_sync.journal.protocol import StoreError
from lucca_sync.lucca.errors import ScopeMissing, Unavailable
from tests.ingest.hinting import Ears, company

pytestmark = pytest.mark.looptime


async def test_a_hint_makes_the_subject_and_what_is_kept_beside_it_be_read_again() -> None:
    """Trap 15: an event tells of its own resource only; what hangs on it is looked at all the same."""
    ears = Ears(company())
    await ears.baseline()
    ears.company.put("employees", "2", familyName="Other")
    ears.company.put("employee-attributes", "32", value=2)
    await ears.hear(1, "employee.updated", "2", employee="2")
    await ears.worker.once()
    assert sorted(ears.company.asked) == [
        "employee-attributes?employee.id=2",
        "employees?id=2",
        "employments?employee.id=2",
    ]
    asked = dict(zip(ears.company.asked, ears.company.purposes, strict=True))
    assert asked.pop("employees?id=2") == "hint"
    assert set(asked.values()) == {"confirm"}, "what has only perhaps changed keeps nobody waiting"
    assert sorted(await ears.told()) == [
        ("employee-attributes/32", "updated", "hint"),
        ("employees/2", "updated", "hint"),
    ]
    assert await ears.waiting() == []


async def test_many_hints_take_one_request_for_a_hundred_subjects() -> None:
    ears = Ears(company(), ("employees", "job-positions"))
    await ears.baseline()
    for number in range(250):
        await ears.hear(number, "employee.updated", str(number % 125), employee=str(number % 125))
    await ears.worker.once()
    pages = [url for url in ears.company.asked if "?" in url]
    assert [len(url.split(",")) for url in pages] == [100, 25]


async def test_of_a_job_position_its_siblings_are_read_too() -> None:
    """A new position ends the one before it, and no event tells of that."""
    ears = Ears(company())
    await ears.baseline()
    ears.company.put("job-positions", "21", endsOn="2026-02-28")
    ears.company.put("job-positions", "29", employee={"id": "1"}, employment={"id": "11"})
    await ears.hear(1, "job-position.created", "29", employee="1", employment="11")
    await ears.worker.once()
    assert sorted(await ears.told()) == [
        ("job-positions/21", "updated", "hint"),
        ("job-positions/29", "created", "hint"),
    ]


async def test_the_order_of_hints_is_of_no_account() -> None:
    """Trap 34: an update may come before its creation, and an old one last; what counts is read anew."""
    ears = Ears(company())
    await ears.baseline()
    ears.company.put("employees", "4", familyName="Last")
    await ears.hear(3, "employee.updated", "4", employee="4")
    await ears.worker.once()
    await ears.hear(1, "employee.created", "4", employee="4")
    await ears.hear(2, "employee.updated", "4", employee="4")
    await ears.worker.once()
    assert await ears.told() == [("employees/4", "created", "hint")]


async def test_what_is_said_to_be_deleted_is_asked_for_before_anybody_is_told() -> None:
    """Trap 11: a hint is no proof."""
    ears = Ears(company())
    await ears.baseline()
    del ears.company.records["employments"]["12"]
    await ears.hear(1, "employment.deleted", "12", employee="2", employment="12")
    await ears.hear(2, "employment.deleted", "13", employee="3", employment="13")
    await ears.worker.once()
    assert [url for url in ears.company.asked if url.startswith("employments")] == [
        "employments/12",
        "employments/13",
    ]
    assert await ears.told() == [("employments/12", "deleted", "hint")]
    assert await ears.waiting() == []


async def test_resources_without_lists_are_read_one_by_one() -> None:
    ears = Ears(company())
    await ears.baseline()
    ears.company.put("departments", "9", name="Support")
    await ears.hear(1, "department.updated", "9")
    await ears.worker.once()
    assert ears.company.asked == ["departments/9"]
    assert await ears.told() == [("departments/9", "updated", "hint")]


@pytest.mark.parametrize(
    "topic", ["ping", "test.created", "leave.updated", "legal-entity.updated", "new.thing"]
)
async def test_hints_about_nothing_that_is_watched_are_counted_and_dropped(topic: str) -> None:
    ears = Ears(company())
    await ears.baseline()
    await ears.hear(1, topic, "5", employee="1")
    await ears.worker.once()
    assert (ears.company.asked, await ears.waiting()) == ([], [])
    assert ears.metric("hints_unwatched_total") == 1


async def test_trouble_keeps_the_hint_for_that_resource_and_holds_back_nothing_else() -> None:
    ears = Ears(company(), ("employees", "employments"))
    await ears.baseline()
    ears.company.trouble["employments"] = [Unavailable("no", "server")]
    await ears.hear(1, "employee.updated", "1", employee="1")
    wait = await ears.worker.once()
    assert wait > 0
    assert await ears.waiting() == ["1"]
    assert ears.metric("hints_waiting") == 1
    ears.company.put("employees", "2", familyName="Other")
    await ears.hear(2, "employee.updated", "2", employee="2")
    await ears.worker.once()
    assert await ears.told() == [("employees/2", "updated", "hint")]
    ears.company.asked.clear()
    await anyio.sleep(wait)
    await ears.worker.once()
    assert ears.company.asked == ["employments?employee.id=1,2"]
    assert await ears.waiting() == []


async def test_a_record_that_lucca_fails_to_show_keeps_no_other_of_its_resource_from_being_read() -> None:
    ears = Ears(company(), ("employments",))
    await ears.baseline()
    ears.company.trouble["employments/12"] = [Unavailable("answered with 500", "server")] * 9
    ears.company.put("employments", "13", remoteId="x")
    await ears.hear(1, "employment.deleted", "12", employee="2", employment="12")
    await ears.hear(2, "employment.updated", "13", employee="3", employment="13")
    await ears.worker.once()
    assert await ears.told() == [("employments/13", "updated", "hint")]


async def test_a_missing_scope_is_not_asked_for_again_because_of_a_hint() -> None:
    """Trap 10: no looping on 403; once the scope is granted, the sweep sees everything."""
    ears = Ears(company(), ("employees", "employments"))
    await ears.baseline()
    ears.company.trouble["employments"] = [ScopeMissing("employments.readonly")]
    await ears.hear(1, "employee.updated", "1", employee="1")
    await ears.worker.once()
    assert await ears.waiting() == []


async def test_a_fault_of_ours_is_given_up_in_the_end() -> None:
    ears = Ears(company(), ("departments",))
    await ears.baseline()
    ears.company.trouble["departments"] = [RuntimeError("a fault")] * 3
    await ears.hear(1, "department.updated", "9")
    with capture_logs():
        for _ in range(3):
            assert await ears.waiting() == ["1"]
            await anyio.sleep(min(await ears.worker.once(), 60))
    assert await ears.waiting() == []


async def test_hints_wait_for_the_baseline_but_not_for_ever() -> None:
    ears = Ears(company(), ("employees",))
    await ears.hear(1, "employee.updated", "1", employee="1")
    wait = await ears.worker.once()
    assert (ears.company.asked, await ears.waiting()) == ([], ["1"])
    assert 0 < wait <= 60
    await anyio.sleep(timedelta(hours=2).total_seconds())
    await ears.worker.once()
    assert (ears.company.asked, await ears.waiting()) == ([], [])


async def test_hints_outlive_the_worker() -> None:
    ears = Ears(company(), ("employees",))
    await ears.baseline()
    ears.company.trouble["employees"] = [Unavailable("no", "unreachable")]
    await ears.hear(1, "employee.updated", "1", employee="1")
    await ears.worker.once()
    again = HintWorker("acme", {"employees": ears.new_desk("employees")}, ears.lookout, ears.gate)
    await again.once()
    assert ears.company.asked == ["employees?id=1", "employees?id=1"]
    assert await ears.waiting() == []


async def test_the_worker_gathers_what_comes_in_one_act() -> None:
    ears = Ears(company(), ("employees",))
    await ears.baseline()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ears.worker.run)
        await anyio.sleep(10)
        for number in (1, 2, 3):
            await ears.hear(number, "employee.updated", str(number), employee=str(number))
            ears.worker.bell.ring()
            await anyio.sleep(GATHER / 4)
        await anyio.sleep(GATHER)
        assert ears.company.asked == ["employees?id=1,2,3"]
        tasks.cancel_scope.cancel()


async def test_what_is_kept_beside_the_subjects_of_some_seconds_takes_one_request() -> None:
    ears = Ears(company(), ("employees", "employee-attributes"))
    await ears.baseline()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ears.worker.run)
        await anyio.sleep(1)
        for number in (1, 2, 3):
            await ears.hear(number, "employee.updated", str(number), employee=str(number))
            ears.worker.bell.ring()
            await anyio.sleep(GATHER_BESIDE / 5)
        await anyio.sleep(GATHER_BESIDE)
        beside = [url for url in ears.company.asked if url.startswith("employee-attributes")]
        assert beside == ["employee-attributes?employee.id=1,2,3"]
        tasks.cancel_scope.cancel()


async def test_a_store_that_fails_loses_no_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    ears = Ears(company(), ("employees",))
    await ears.baseline()
    await ears.hear(1, "employee.updated", "1", employee="1")

    async def refuse(tenant: str, ids: object) -> None:
        raise StoreError("full", "full")

    with monkeypatch.context() as broken, capture_logs():
        broken.setattr(ears.journal, "drop_hints", refuse)
        assert await ears.worker.once() == 0.0
    assert await ears.waiting() == ["1"]
    await ears.gate.passed()
    await ears.worker.once()
    assert await ears.waiting() == []
