"""Why a held set looks odd: what tells a lost permission, a restore or a lost field from people's work."""

from collections.abc import Mapping
from typing import TypeAlias, cast

import msgspec
import pytest

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.decode import decode_page
from lucca_sync.ingest.evidence import Evidence
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.lucca.errors import ScopeMissing
from lucca_sync.model.event import Eye
from lucca_sync.model.values import JsonObject
from tests.ingest.braking import EARLIER, LATER, change, crowd, decided, held_of, kinds, of
from tests.ingest.tenant import FakeTenant
from tests.ingest.watching import Scene, staff

Records: TypeAlias = Mapping[str, Mapping[str, object]]
"""Fields by the id of the record."""


async def looked(resource: str, records: Records, journal: MemoryJournal) -> Scene:
    """Watch a resource of the tenant to the end of its baseline."""
    tenant = FakeTenant(page_size=100)
    for record_id, fields in records.items():
        tenant.put(record_id, **cast("JsonObject", fields))
    scene = Scene(tenant, journal, of(resource))
    await scene.look()
    return scene


async def company(journal: MemoryJournal) -> tuple[Scene, Scene]:
    """Forty people in Lyon (1), four in Nantes (2), three in Brest (3): employees and job positions."""
    place = {number: "2" if number <= 4 else "3" if number <= 7 else "1" for number in range(1, 48)}
    employees = {str(n): {"applicableJobPosition": {"id": f"p{n}"}} for n in place}
    positions = {
        f"p{n}": {"businessEstablishment": {"id": place[n]}, "employee": {"id": str(n)}} for n in place
    }
    return await looked("employees", employees, journal), await looked("job-positions", positions, journal)


# --- restore ------------------------------------------------------------------------------------------------


async def test_a_restore_to_an_older_state_is_held_at_once_and_nobody_is_read_one_by_one() -> None:
    scene = await crowd(60, page=30)
    scene.tenant.asked.clear()
    change(scene.tenant, range(1, 61), familyName="Then", lastUpdatedAt=EARLIER)
    await scene.look()
    held = held_of(scene)
    assert (held.reason, held.counts) == ("restore", {"updated": 60})
    assert await scene.told() == []
    assert scene.tenant.asked == ["/first", "/from/30"]
    await scene.look()
    assert scene.tenant.asked == ["/first", "/from/30"] * 2


async def test_once_a_restore_is_suspected_not_even_a_few_older_rows_are_read_one_by_one() -> None:
    scene = await crowd(60, page=30)
    change(scene.tenant, range(31, 61), familyName="Then", lastUpdatedAt=EARLIER)
    await scene.look()
    change(scene.tenant, [1, 2], familyName="Then", lastUpdatedAt=EARLIER)
    scene.tenant.asked.clear()
    await scene.look()
    assert scene.tenant.asked == ["/first", "/from/30"]
    assert await scene.told() == []


async def test_a_restore_with_other_ids_is_held_at_once_deletions_and_all() -> None:
    scene = await crowd(60, page=30)
    scene.tenant.records = {}
    for number in range(1001, 1061):
        scene.tenant.put(str(number), familyName="Then")
    await scene.look()
    held = held_of(scene)
    assert (held.reason, held.counts) == ("restore", {"created": 60, "deleted": 60})
    assert await scene.told() == []
    assert scene.metric("brake_holding", reason="restore") == 1
    await scene.look()
    assert held_of(scene).counts == {"created": 60, "deleted": 60}


async def test_a_small_resource_whose_ids_are_all_others_is_a_restore_too() -> None:
    scene = await crowd(4)
    scene.tenant.records = {}
    for number in range(101, 105):
        scene.tenant.put(str(number))
    await scene.look()
    assert held_of(scene).reason == "restore"
    assert await scene.told() == []


async def test_a_copy_whose_records_are_all_written_anew_is_a_restore() -> None:
    """Clocks go forwards; but when something was created never changes, except in a copy."""
    scene = await looked("employees", {str(n): {"createdAt": EARLIER} for n in range(60)}, MemoryJournal())
    change(scene.tenant, range(60), createdAt=LATER)
    await scene.look()
    assert (held_of(scene).reason, held_of(scene).counts) == ("restore", {"updated": 60})
    assert await scene.told() == []


async def test_while_a_restore_is_held_nobody_who_is_missing_is_looked_into() -> None:
    scene = await crowd(60, page=30)
    change(scene.tenant, range(1, 61), familyName="Then", lastUpdatedAt=EARLIER)
    await scene.look()
    del scene.tenant.records["7"]
    await scene.post.brake.begin()
    await Absentees(scene.post).suspect(["7"], "due")
    assert await scene.told() == []


@pytest.mark.parametrize("eye", ["head", "count"])
async def test_a_field_that_the_newest_records_have_all_lost_is_held_whichever_eye_sees_it(eye: Eye) -> None:
    people = {str(number): {"email": f"{number}@example.org"} for number in range(60)}
    scene = await looked("employees", people, MemoryJournal())
    change(scene.tenant, range(60), email=None)
    with scene.post.asking() as moment:
        items = decode_page(msgspec.json.encode({"items": list(scene.tenant.records.values())})).items
        await scene.post.hand_in(items, moment, eye, "/asked")
    assert await scene.told() == []
    assert held_of(scene).reason == "nulled"


@pytest.mark.parametrize(("copied", "told"), [(True, 0), (False, 60)])
async def test_strangers_seen_by_other_eyes_are_a_restore_when_nobody_known_answers(
    *, copied: bool, told: int
) -> None:
    scene = await crowd(60, page=60)
    former = list(scene.tenant.records)
    for number in range(1001, 1061):
        scene.tenant.put(str(number))
    newest = [item for key, item in scene.tenant.records.items() if key not in former]
    for key in former if copied else ():
        del scene.tenant.records[key]
    with scene.post.asking() as moment:
        items = decode_page(msgspec.json.encode({"items": newest, "links": None})).items
        await scene.post.hand_in(items, moment, "head", "/asked")
    assert len(await scene.told()) == told


async def test_a_restore_taken_as_baseline_is_silent_and_the_next_change_is_told() -> None:
    scene = await crowd(60, page=30)
    scene.tenant.records = {}
    for number in range(1001, 1061):
        scene.tenant.put(str(number), familyName="Then")
    await scene.look()
    await decided(scene, "baseline")
    await scene.look()
    assert await scene.told() == []
    assert scene.post.brake.held is None
    assert (await scene.journal.state(scene.watched.name)).records == 60
    change(scene.tenant, [1001], familyName="Now")
    await scene.look()
    assert await scene.told() == [("1001", "updated", 1)]


async def test_an_approved_restore_is_told_from_the_lists() -> None:
    scene = await crowd(60, page=30)
    change(scene.tenant, range(1, 61), familyName="Then", lastUpdatedAt=EARLIER)
    await scene.look()
    await decided(scene, "approve")
    scene.tenant.asked.clear()
    await scene.look()
    assert await kinds(scene) == {"updated": 60}
    assert scene.tenant.asked == ["/first", "/from/30"]


async def test_a_page_from_a_stale_copy_is_no_change_once_it_is_fresh_again() -> None:
    scene = await crowd(20)
    change(scene.tenant, range(1, 21), familyName="Now")
    await scene.look()
    change(scene.tenant, range(1, 21), familyName="Then", lastUpdatedAt=EARLIER)
    await scene.look()
    assert held_of(scene).reason == "restore"
    change(scene.tenant, range(1, 21), familyName="Now")
    await scene.look()
    assert scene.post.brake.held is None
    assert await kinds(scene) == {"updated": 20}


async def test_people_who_replace_others_bit_by_bit_are_no_restore() -> None:
    scene = await crowd(60, page=30)
    for number in range(1, 9):
        del scene.tenant.records[str(number)]
        scene.tenant.put(str(1000 + number))
    await scene.look()
    assert await kinds(scene) == {"created": 8, "deleted": 8}


# --- fields that everybody loses ----------------------------------------------------------------------------


@pytest.mark.parametrize("gone", [True, False])
async def test_a_field_that_everybody_loses_is_held_below_the_threshold_too(*, gone: bool) -> None:
    """Whether it turns null or is left out: a withdrawn right looks like both."""
    tenant = staff(40)
    tenant.page_size = 40
    for key in tenant.records:
        tenant.put(key, phoneNumber=f"+33 {key}")
    scene = Scene(tenant)
    await scene.look()
    for record in tenant.records.values():
        record["phoneNumber"] = None
        if gone:
            del record["phoneNumber"]
    change(tenant, [7], familyName="Married")
    await scene.look()
    held = held_of(scene)
    assert (held.reason, held.counts, held.fields["phoneNumber"]) == ("nulled", {"updated": 40}, 40)
    assert await scene.told() == []


async def test_a_field_that_some_lose_is_told_of_each() -> None:
    tenant = staff(40)
    tenant.page_size = 40
    for key in tenant.records:
        tenant.put(key, phoneNumber=f"+33 {key}")
    scene = Scene(tenant)
    await scene.look()
    change(tenant, range(1, 31), phoneNumber=None)
    await scene.look()
    assert await kinds(scene) == {"updated": 30}


# --- establishments -----------------------------------------------------------------------------------------


async def test_people_of_a_lost_establishment_are_held_however_few() -> None:
    journal = MemoryJournal()
    employees, positions = await company(journal)
    for number in range(1, 5):
        del employees.tenant.records[str(number)]
        del positions.tenant.records[f"p{number}"]
    await employees.look()
    await positions.look()
    for scene in (employees, positions):
        held = held_of(scene)
        assert (held.reason, held.counts) == ("establishment-lost", {"deleted": 4})
    assert await employees.told() == []


async def test_a_lost_establishment_is_not_believed_by_the_gap_proof_either() -> None:
    employees, _ = await company(MemoryJournal())
    for number in range(1, 5):
        del employees.tenant.records[str(number)]
    await Absentees(employees.post).suspect(["1", "2", "3", "4"], "gap")
    assert await employees.told() == []


async def test_after_an_establishment_was_lost_nobody_who_goes_alone_is_believed_before_all_are_judged() -> (
    None
):
    """Who moves there meanwhile goes from view too, and is known as of a place that everybody sees."""
    employees, _ = await company(MemoryJournal())
    for number in range(1, 6):
        del employees.tenant.records[str(number)]
    absentees = Absentees(employees.post)
    await absentees.suspect(["1", "2", "3", "4"], "gap")
    await absentees.suspect(["5"], "gap")
    assert await employees.told() == []
    await employees.look()
    assert await employees.told() == []
    assert held_of(employees).counts == {"deleted": 5}


async def test_people_who_leave_while_colleagues_of_the_establishment_stay_are_told() -> None:
    employees, _ = await company(MemoryJournal())
    for number in (1, 2, 5):
        del employees.tenant.records[str(number)]
    await employees.look()
    assert await kinds(employees) == {"deleted": 3}


async def placed(journal: MemoryJournal) -> tuple[Scene, Scene, Scene]:
    """As `company`, with the establishments themselves; everything is in one tenant in memory."""
    employees, positions = await company(journal)
    return await looked("business-establishments", {"1": {}, "2": {}, "3": {}}, journal), employees, positions


async def test_an_establishment_in_which_people_work_is_not_deleted_but_lost_from_view() -> None:
    establishments, _, _ = await placed(MemoryJournal())
    del establishments.tenant.records["3"]
    await establishments.look()
    assert await establishments.told() == []
    assert held_of(establishments).reason == "establishment-lost"


async def test_an_establishment_in_which_nobody_works_may_be_deleted() -> None:
    establishments, _, positions = await placed(MemoryJournal())
    for number in (5, 6, 7):
        positions.tenant.put(f"p{number}", businessEstablishment={"id": "1"})
    await positions.look()
    del establishments.tenant.records["3"]
    await establishments.look()
    assert ("3", "deleted", 1) in await establishments.told()


@pytest.mark.parametrize(("in_view", "told"), [(False, {}), (True, {"deleted": 1})])
async def test_one_person_who_goes_from_view_with_an_establishment_is_not_told(
    *, in_view: bool, told: Mapping[str, int]
) -> None:
    _, _, positions = await placed(MemoryJournal())
    del positions.tenant.records["p1"]
    if in_view:
        positions.tenant.records["2"] = {"id": "2"}
    await Absentees(positions.post).suspect(["p1"], "gap")
    assert await kinds(positions) == told


@pytest.mark.parametrize(("in_view", "told"), [(False, 0), (True, 1)])
async def test_one_person_whose_position_went_before_is_not_told_while_an_establishment_is_out_of_view(
    *, in_view: bool, told: int
) -> None:
    _, employees, _ = await placed(MemoryJournal())
    change(employees.tenant, [10], applicableJobPosition=None)
    await employees.look()
    del employees.tenant.records["10"]
    if not in_view:
        del employees.tenant.records["2"]  # here the establishment of that number
    await Absentees(employees.post).suspect(["10"], "gap")
    assert (await kinds(employees)).get("deleted", 0) == told


async def test_the_establishments_that_are_known_are_asked_for_before_those_of_people_without_one() -> None:
    """Only a few are asked for."""
    _, employees, _ = await placed(journal := MemoryJournal())
    change(employees.tenant, [10], applicableJobPosition=None)
    await employees.look()
    gone = await journal.known(employees.watched.name, ["1", "10"])
    places = await Evidence(journal, employees.watched).places(list(gone.values()))
    assert places == ["2", "1", "3"]


async def test_the_end_of_a_probation_that_goes_from_view_with_an_establishment_is_not_told() -> None:
    """It names a contract, which names the person."""
    journal = MemoryJournal()
    await placed(journal)
    await looked("employments", {"e1": {"employee": {"id": "1"}}}, journal)
    periods = await looked("probationary-periods", {"9": {"employment": {"id": "e1"}}, "10": {}}, journal)
    del periods.tenant.records["9"]
    await periods.look()
    assert await kinds(periods) == {}
    assert held_of(periods).reason == "establishment-lost"


async def test_new_records_held_beside_deletions_are_told_once_those_come_back() -> None:
    scene = await crowd(60, page=60)
    gone = dict(scene.tenant.records)
    scene.tenant.records.clear()
    await scene.look()
    scene.tenant.put("61")
    scene.tenant.records.update(gone)
    for _ in range(2):
        await scene.look()
    assert await scene.told() == [("61", "created", 1)]


async def test_the_two_positions_of_one_person_are_no_establishment() -> None:
    positions = await looked(
        "job-positions",
        {
            **{f"p{n}": {"businessEstablishment": {"id": "9"}, "employee": {"id": "1"}} for n in (1, 2)},
            "p3": {"businessEstablishment": {"id": "8"}, "employee": {"id": "2"}},
        },
        MemoryJournal(),
    )
    del positions.tenant.records["p1"], positions.tenant.records["p2"]
    await positions.look()
    assert await kinds(positions) == {"deleted": 2}


async def test_mass_changes_of_one_establishment_that_is_gone_are_named_after_it() -> None:
    journal = MemoryJournal()
    establishments = await looked("business-establishments", {"1": {}, "2": {}}, journal)
    positions = await looked(
        "job-positions",
        {
            f"p{n}": {"businessEstablishment": {"id": "1"}, "employee": {"id": str(n)}, "jobTitle": "Known"}
            for n in range(150)
        },
        journal,
    )
    del establishments.tenant.records["1"]
    await establishments.look()
    for record in positions.tenant.records.values():
        record["jobTitle"] = "Unknown"
    await positions.look()
    assert held_of(positions).reason == "establishment-lost"


# --- sections and scopes ------------------------------------------------------------------------------------


def attributes(definitions: int, people: int) -> Records:
    """Give every person a value of every definition."""
    return {
        f"{definition}-{person}": {"definition": {"id": f"e_{definition}"}, "employee": {"id": str(person)}}
        for definition in range(definitions)
        for person in range(people)
    }


async def test_attributes_that_all_vanish_at_once_are_a_matter_of_sections() -> None:
    """Granting all HR sections shows none of them, with HTTP 200: trap 23."""
    scene = await looked("employee-attributes", attributes(3, 4), MemoryJournal())
    scene.tenant.records.clear()
    await scene.look()
    assert await scene.told() == []
    assert (held_of(scene).reason, held_of(scene).counts) == ("sections-lost", {"deleted": 12})


async def test_all_attributes_of_several_definitions_are_held_however_few() -> None:
    scene = await looked("employee-attributes", attributes(6, 3), MemoryJournal())
    for key in [key for key in scene.tenant.records if key[0] in "12"]:
        del scene.tenant.records[key]
    await scene.look()
    assert (held_of(scene).reason, held_of(scene).counts) == ("sections-lost", {"deleted": 6})


@pytest.mark.parametrize("left", ["definition", "person"])
async def test_a_definition_or_a_person_that_goes_is_told(left: str) -> None:
    scene = await looked("employee-attributes", attributes(6, 4), MemoryJournal())
    for key in list(scene.tenant.records):
        if key.split("-")[0 if left == "definition" else 1] == "2":
            del scene.tenant.records[key]
    await scene.look()
    assert set(await kinds(scene)) == {"deleted"}


async def test_the_only_person_who_had_some_attributes_may_go() -> None:
    rare = {
        f"{definition}-9": {"definition": {"id": f"e_{definition}"}, "employee": {"id": "9"}}
        for definition in ("8", "9")
    }
    scene = await looked("employee-attributes", {**attributes(6, 4), **rare}, MemoryJournal())
    del scene.tenant.records["8-9"], scene.tenant.records["9-9"]
    await scene.look()
    assert await kinds(scene) == {"deleted": 2}


async def test_a_resource_that_turns_empty_while_others_show_rows_has_lost_its_scope() -> None:
    journal = MemoryJournal()
    await looked("departments", {"1": {}}, journal)
    employees = await looked("employees", {"1": {}, "2": {}}, journal)
    employees.tenant.records.clear()
    await employees.look()
    assert held_of(employees).reason == "scope-lost"


async def test_a_resource_that_turns_empty_like_all_others_is_called_empty() -> None:
    journal = MemoryJournal()
    departments = await looked("departments", {"1": {}}, journal)
    employees = await looked("employees", {"1": {}, "2": {}}, journal)
    departments.tenant.records.clear()
    await departments.look()
    employees.tenant.records.clear()
    await employees.look()
    assert held_of(employees).reason == "emptied"


async def test_many_deletions_after_a_403_are_called_a_lost_scope() -> None:
    scene = await crowd(100, page=100)
    scene.tenant.trouble["/first"] = [ScopeMissing("no scope")]
    await scene.look()
    for number in range(1, 51):
        del scene.tenant.records[str(number)]
    await scene.look()
    assert (held_of(scene).reason, held_of(scene).counts) == ("scope-lost", {"deleted": 50})


async def test_an_establishment_lost_under_an_approval_of_something_else_is_held() -> None:
    employees, _ = await company(MemoryJournal())
    change(employees.tenant, range(5, 48), applicableJobPosition=None)
    await employees.look()
    assert held_of(employees).reason == "nulled"
    await decided(employees, "approve")
    for number in range(1, 5):
        del employees.tenant.records[str(number)]
    await employees.look()
    assert await kinds(employees) == {"updated": 43}
    assert (held_of(employees).reason, held_of(employees).counts) == ("establishment-lost", {"deleted": 4})
