"""What is told of people's contracts and positions."""

from tests.business.company import Company, employee, employment, position, settled


async def test_a_hire_is_one_event_whatever_order_its_records_arrive_in() -> None:
    """Trap 15: an employee, a contract and a position appear, and nobody changed position."""
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("job-positions", position(start="2026-03-10"))
    await company.put("employees", employee())
    await company.put("employments", employment(start="2026-03-10"))
    await company.derive(deriver)
    (event,) = await company.events()
    assert (event.type, event.subject, event.sequence) == ("lucca.employee.hired", "people/1", 1)
    assert event.record is not None
    assert event.record["givenName"] == "Ada"
    assert event.business is not None
    assert (event.business.of, event.business.on) == ("employees", "2026-03-10")
    assert len(event.business.because) == 3


async def test_a_hire_is_told_once_though_its_records_come_minutes_apart() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employments", employment(start="2026-03-10"))
    await company.derive(deriver)
    assert await company.names() == []
    await company.put("employees", employee())
    await company.derive(deriver)
    await company.put("job-positions", position(start="2026-03-10"))
    await company.derive(deriver)
    assert await company.told() == [("employee.hired", "2026-03-10")]


async def test_a_hire_seen_beforehand_is_announced_and_comes_on_its_day() -> None:
    """Trap 52: the person is upcoming until the contract begins."""
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employees", employee(status="upcoming"))
    await company.put("employments", employment(start="2026-04-01"))
    await company.derive(deriver)
    assert await company.told() == [("employee.hired.scheduled", "2026-04-01")]
    await company.day("2026-04-01")
    await company.derive(deriver)
    assert await company.told() == [
        ("employee.hired.scheduled", "2026-04-01"),
        ("employee.hired.effective", "2026-04-01"),
    ]


async def test_a_hire_that_is_moved_and_then_withdrawn_never_comes() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employees", employee())
    await company.put("employments", employment(start="2026-04-01"))
    await company.derive(deriver)
    await company.put("employments", employment(start="2026-05-01"))
    await company.derive(deriver)
    await company.remove("employments", "10")
    await company.derive(deriver)
    await company.day("2026-06-01")
    await company.derive(deriver)
    assert await company.told() == [
        ("employee.hired.scheduled", "2026-04-01"),
        ("employee.hired.rescheduled", "2026-05-01"),
        ("employee.hired.cancelled", "2026-05-01"),
    ]


async def test_who_comes_back_after_a_gap_is_rehired_and_did_not_change_position() -> None:
    """Trap 52: somebody deactivated begins again under the same id."""
    company = Company()
    await company.baseline(
        employees=[employee(status="deactivated")],
        employments=[employment(end="2025-06-30")],
        job_positions=[position(end="2025-06-30")],
    )
    deriver = await company.derive()
    await company.put("employments", employment("11", "2026-03-10"))
    again = position("101", "2026-03-10", employment={"id": "11"}, department={"id": "6"})
    await company.put("job-positions", again)
    await company.derive(deriver)
    assert await company.told() == [("employee.rehired", "2026-03-10")]


async def test_a_contract_that_follows_without_a_gap_is_a_changed_contract_and_nobody_leaves() -> None:
    company = Company()
    await company.baseline(
        employees=[employee()], employments=[employment(end="2026-03-31")], job_positions=[position()]
    )
    deriver = await company.derive()
    await company.put("employments", employment("11", "2026-04-01"))
    await company.derive(deriver)
    await company.day("2026-04-02")
    await company.derive(deriver)
    assert await company.told() == [
        ("employee.leaving.cancelled", "2026-03-31"),
        ("contract.changed.scheduled", "2026-04-01"),
        ("contract.changed.effective", "2026-04-01"),
    ]


async def test_a_last_day_is_announced_and_still_worked() -> None:
    """Trap 51: `end.date` is inclusive."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employments", employment(end="2026-03-20"))
    await company.derive(deriver)
    await company.day("2026-03-20")
    await company.derive(deriver)
    assert await company.told() == [("employee.leaving", "2026-03-20")]
    await company.day("2026-03-21")
    await company.derive(deriver)
    assert await company.told() == [("employee.leaving", "2026-03-20"), ("employee.left", "2026-03-20")]
    (_, left) = await company.events()
    assert left.record is not None
    assert left.record["familyName"] == "Byron"


async def test_a_last_day_is_moved_and_withdrawn_also_after_it_has_passed() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    for end in ("2026-03-20", "2026-03-25"):
        await company.put("employments", employment(end=end))
        await company.derive(deriver)
    await company.day("2026-03-27")
    await company.derive(deriver)
    await company.put("employments", employment())
    await company.derive(deriver)
    assert await company.told() == [
        ("employee.leaving", "2026-03-20"),
        ("employee.leaving.rescheduled", "2026-03-25"),
        ("employee.left", "2026-03-25"),
        ("employee.leaving.cancelled", "2026-03-25"),
    ]


async def test_what_else_is_edited_in_a_contract_that_ends_tells_nothing_of_its_end() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employments", employment(end="2026-04-20"))
    await company.derive(deriver)
    await company.put("employments", employment(end="2026-04-20", remoteId="x"))
    await company.derive(deriver)
    await company.day("2026-04-25")
    await company.derive(deriver)
    await company.put("employments", employment(end="2026-04-20", remoteId="y"))
    await company.derive(deriver)
    assert await company.names() == ["employee.leaving", "employee.left"]


async def test_a_fixed_term_is_told_as_a_hire_whose_last_day_is_known() -> None:
    company = Company()
    await company.baseline()
    deriver = await company.derive()
    await company.put("employees", employee())
    await company.put("employments", employment(start="2026-03-10", end="2026-03-20"))
    await company.derive(deriver)
    announced = [("employee.hired", "2026-03-10"), ("employee.leaving", "2026-03-20")]
    assert await company.told() == announced
    assert all((one.record or {}).get("givenName") == "Ada" for one in await company.events())
    await company.day("2026-03-21")
    await company.derive(deriver)
    assert await company.told() == [*announced, ("employee.left", "2026-03-20")]


async def test_a_new_position_tells_what_it_changes_against_the_one_it_replaces() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position(end="2026-03-31"))
    moved = position("101", "2026-04-01", department={"id": "6"}, jobTitle="Director")
    await company.put("job-positions", moved)
    await company.derive(deriver)
    assert await company.told() == [
        ("position.changed.scheduled", "2026-04-01"),
        ("department.changed.scheduled", "2026-04-01"),
    ]
    (event, _) = await company.events()
    assert event.previous is not None
    assert (event.previous["id"], event.previous["jobTitle"]) == ("100", "Analyst")
    assert {change.path for change in event.changes} >= {"/jobTitle", "/department/id"}
    assert "/id" not in {change.path for change in event.changes}


async def test_a_planned_position_is_moved_fired_on_its_day_and_then_past() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    for start in ("2026-04-01", "2026-04-10"):
        await company.put("job-positions", position("101", start, manager={"id": "8"}))
        await company.derive(deriver)
    await company.day("2026-04-10")
    await company.derive(deriver)
    await company.remove("job-positions", "101")
    await company.derive(deriver)
    assert await company.told() == [
        ("manager.changed.scheduled", "2026-04-01"),
        ("manager.changed.rescheduled", "2026-04-10"),
        ("manager.changed.effective", "2026-04-10"),
    ]


async def test_an_edit_in_place_is_told_at_once() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position(manager={"id": "8"}))
    await company.derive(deriver)
    assert await company.told() == [("manager.changed", "2020-01-01")]


async def test_a_planned_change_that_is_edited_away_is_withdrawn() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    await company.put("job-positions", position("101", "2026-04-01"))
    await company.derive(deriver)
    assert await company.names() == ["manager.changed.scheduled", "manager.changed.cancelled"]


async def test_history_that_is_corrected_tells_nothing() -> None:
    company = Company()
    await company.baseline(
        employees=[employee()],
        employments=[employment()],
        job_positions=[position("99", end="2021-12-31"), position("100", "2022-01-01")],
    )
    deriver = await company.derive()
    corrected = position("99", end="2021-12-31", manager={"id": "4"})
    await company.put("job-positions", corrected)
    await company.derive(deriver)
    assert await company.names() == []


async def test_who_comes_back_into_view_is_not_hired_again() -> None:
    """Trap 11: out of our establishments and back looks like gone and new."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    for resource, record_id in (("job-positions", "100"), ("employments", "10"), ("employees", "1")):
        await company.remove(resource, record_id)
    await company.derive(deriver)
    await company.put("employees", employee())
    await company.put("employments", employment())
    await company.put("job-positions", position())
    await company.derive(deriver)
    assert await company.names() == []


async def test_a_contract_that_is_deleted_and_written_anew_is_no_hire() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employments", employment("11", "2020-01-15"))
    await company.remove("employments", "10")
    await company.derive(deriver)
    assert await company.names() == []


async def test_a_rename_is_told_and_a_new_phone_is_not() -> None:
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employees", employee(phoneNumber="1"))
    await company.put("employees", employee(phoneNumber="1", familyName="Lovelace"))
    await company.derive(deriver)
    (event,) = await company.events()
    assert event.business is not None
    assert event.business.name == "employee.renamed"
    assert event.business.on is None
    assert [change.path for change in event.changes] == ["/familyName", "/phoneNumber"]


async def test_flips_of_computed_fields_at_midnight_tell_nothing_by_themselves() -> None:
    """Trap 13: `status` and `applicable…` change without anybody having written."""
    company = Company()
    await company.baseline(**settled())
    deriver = await company.derive()
    await company.put("employees", employee(applicableJobPosition={"id": "101"}))
    await company.put("employments", employment(status="active"))
    await company.derive(deriver)
    assert await company.names() == []
