"""What Lucca may write differently without having changed anything, page by page as it would arrive."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lucca_sync.model.values import Json
from tests.ingest.braking import of
from tests.ingest.tenant import FakeTenant
from tests.ingest.watching import Scene


async def departments(count: int = 3, quiet: tuple[str, ...] | None = None, **fields: Json) -> Scene:
    """Watch departments, which carry no timestamps, to the end of their baseline."""
    tenant = FakeTenant(page_size=100)
    for number in range(count):
        tenant.put(str(number), name=f"Department {number}", sortOrder=number, **fields)
        del tenant.records[str(number)]["lastUpdatedAt"]
    watched = of("departments")
    if quiet is not None:
        watched = replace(watched, resource=replace(watched.resource, quiet=quiet))
    scene = Scene(tenant, watched=watched)
    await scene.look()
    return scene


def spelled(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    def respell(body: bytes) -> bytes:
        assert before in body
        return body.replace(before, after)

    return respell


@pytest.mark.parametrize(
    ("number", "others"),
    [
        (b"1", [b"1.0", b"1e0", b"1E+0", b"10e-1"]),
        (b"0", [b"-0", b"0.0", b"-0.0", b"0e5"]),
        (b"250000", [b"2.5e5", b"250000.00"]),
        (b"9007199254740993", [b"9007199254740993"]),
        (b"12345678901234567890123", [b"12345678901234567890123"]),
        (b"0.1", [b"1e-1", b"0.10"]),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
async def test_another_spelling_of_a_number_is_no_change(number: bytes, others: list[bytes]) -> None:
    """Trap 19 holds for numbers as for instants: what is compared is the value, not its text."""
    scene = await departments(level="LEVEL")
    scene.tenant.bodies = {"/first": spelled(b'"LEVEL"', number)}
    await scene.look()
    told = len(await scene.told())
    assert told == 3
    for other in others:
        scene.tenant.bodies = {"/first": spelled(b'"LEVEL"', other)}
        await scene.look()
    assert len(await scene.told()) == told


async def test_a_whole_number_too_big_for_a_float_changes_by_one() -> None:
    scene = await departments(1, level="LEVEL")
    for number in (b"9007199254740992", b"9007199254740993"):
        scene.tenant.bodies = {"/first": spelled(b'"LEVEL"', number)}
        await scene.look()
    assert [sequence for _, _, sequence in await scene.told()] == [1, 2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"2026-01-01T10:00:00Z", b"2026-01-01T10:00:00.0000000+00:00"),
        (b"2026-01-01T10:00:00Z", b"2026-01-01T11:00:00+01:00"),
    ],
)
async def test_another_spelling_of_an_instant_is_no_change(one: bytes, other: bytes) -> None:
    """Trap 19."""
    scene = await departments(1, openedAt=one.decode())
    scene.tenant.bodies = {"/first": spelled(one, other)}
    await scene.look()
    assert await scene.told() == []


async def test_siblings_in_another_order_are_no_change() -> None:
    """Trap 22: moving one department moves the `sortOrder` of all its siblings."""
    scene = await departments(6)
    for number, record in enumerate(reversed(scene.tenant.records.values())):
        record["sortOrder"] = number
    await scene.look()
    assert await scene.told() == []


async def test_the_order_of_siblings_counts_where_the_settings_say_so() -> None:
    scene = await departments(6, quiet=())
    for number, record in enumerate(reversed(scene.tenant.records.values())):
        record["sortOrder"] = number
    await scene.look()
    assert len(await scene.told()) == 6


async def test_a_department_without_timestamps_is_seen_to_change() -> None:
    """Trap 20."""
    scene = await departments(3)
    scene.tenant.records["1"]["name"] = "Renamed"
    await scene.look()
    assert await scene.told() == [("1", "updated", 1)]


async def test_objects_and_sets_in_another_order_are_no_change() -> None:
    """Trap 22."""
    tenant = FakeTenant(page_size=100)
    lines: list[Json] = [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]
    tenant.put("1", updatedAttributes=["jobTitle", "department"], lines=lines)
    scene = Scene(tenant, watched=of("job-positions"))
    await scene.look()
    tenant.put("1", updatedAttributes=["department", "jobTitle"], lines=lines[::-1])
    await scene.look()
    assert await scene.told() == []


async def test_a_value_that_nobody_has_heard_of_passes() -> None:
    """Trap 26: a new enum value is declared no breaking change."""
    tenant = FakeTenant(page_size=100)
    tenant.put("1", status="active")
    scene = Scene(tenant)
    await scene.look()
    tenant.put("1", status="on-sabbatical", extra={"nobody": ["knows", {"this": True}]})
    await scene.look()
    (event,) = await scene.events()
    assert event.record is not None
    assert event.record["status"] == "on-sabbatical"
    assert scene.metric("quarantined_total", what="record") == 0
