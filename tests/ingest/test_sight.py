"""Changing what is asked for is nobody's hire and nobody's leave."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from lucca_sync.ingest.decode import decode_page
from lucca_sync.ingest.sight import in_sight
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.lucca.errors import Unavailable
from tests.ingest.tenant import FakeTenant
from tests.ingest.watching import NAME, Scene

SIZE, SPORT = {"definition.id": "e_size"}, {"definition.id": "e_sport"}
BOTH = {"definition.id": "e_size,e_sport"}


def attributes(count: int = 20) -> FakeTenant:
    """Half of the records belong to one definition, half to another."""
    tenant = FakeTenant()
    for number in range(count):
        kind = "e_size" if number % 2 else "e_sport"
        tenant.put(str(number), value=number, definition={"id": kind, "type": "definition"})
    return tenant


def watching(tenant: FakeTenant, journal: MemoryJournal, filters: Mapping[str, str]) -> Scene:
    """Watch what the filters let through."""
    tenant.hidden = {key for key, record in tenant.records.items() if not in_sight(filters, record)}
    tenant.asked.clear()
    watched = Scene(tenant, journal).watched
    return Scene(tenant, journal, replace(watched, filters=filters))


async def test_a_record_is_in_sight_when_its_value_is_among_those_asked_for() -> None:
    record = attributes().records["1"]
    assert in_sight({}, record)
    assert in_sight(BOTH, record)
    assert in_sight(SIZE, record)
    assert not in_sight(SPORT, record)
    assert not in_sight({"nothing.there": "x"}, record)


async def test_narrowing_forgets_silently_and_asks_about_nobody() -> None:
    tenant, journal = attributes(), MemoryJournal()
    await watching(tenant, journal, {}).look()
    scene = watching(tenant, journal, SIZE)
    await scene.look()
    assert await scene.told() == []
    assert not [url for url in tenant.asked if url.removeprefix("/").isdigit()]
    assert scene.metric("brake_held_records", kind="deleted") == 0
    assert (await journal.state(NAME)).records == 10


async def test_widening_takes_in_silently_and_tells_real_hires_still() -> None:
    tenant, journal = attributes(), MemoryJournal()
    await watching(tenant, journal, SIZE).look()
    tenant.put("21", value=1, definition={"id": "e_size", "type": "definition"})
    scene = watching(tenant, journal, {})
    await scene.look()
    assert await scene.told() == [("21", "created", 1)]
    tenant.put("22", value=1, definition={"id": "e_sport", "type": "definition"})
    await scene.look()
    assert (await scene.told())[1:] == [("22", "created", 1)]


async def test_back_and_forth_tells_nothing_and_goes_on_counting() -> None:
    tenant, journal = attributes(), MemoryJournal()
    await watching(tenant, journal, BOTH).look()
    tenant.put("1", value="changed")
    for filters in (BOTH, SPORT):
        await watching(tenant, journal, filters).look()
    scene = watching(tenant, journal, BOTH)
    await scene.look()
    tenant.put("1", value="again")
    await scene.look()
    assert await scene.told() == [("1", "updated", 1), ("1", "updated", 2)]


async def test_a_real_deletion_is_told_in_the_very_look_that_narrows() -> None:
    tenant, journal = attributes(), MemoryJournal()
    await watching(tenant, journal, {}).look()
    del tenant.records["1"]
    scene = watching(tenant, journal, SIZE)
    await scene.look()
    assert await scene.told() == [("1", "deleted", 1)]


async def test_a_look_cut_off_does_not_go_on_with_other_filters() -> None:
    tenant, journal = attributes(), MemoryJournal()
    tenant.trouble["/from/6"] = [Unavailable("gone", "unreachable")]
    await watching(tenant, journal, {}).look()
    scene = watching(tenant, journal, SIZE)
    await scene.look()
    assert tenant.asked[0] == "/first?count"


async def test_widening_tells_nothing_through_the_other_eyes_either() -> None:
    """The head probe and hints look before the first sweep with the new settings has ended."""
    tenant, journal = attributes(), MemoryJournal()
    await watching(tenant, journal, SIZE).look()
    scene = watching(tenant, journal, BOTH)
    with scene.post.asking() as moment:
        page = decode_page(msgspec.json.encode({"items": list(tenant.records.values())}))
        await scene.post.hand_in(page.items, moment, "head", "/asked")
    await scene.look()
    assert await scene.told() == []
    assert (await journal.state(NAME)).records == 20
