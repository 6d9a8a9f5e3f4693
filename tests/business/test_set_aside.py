"""A fault of ours with one person stops nobody else, and that person loses nothing by it."""

import json
from collections.abc import Callable, Generator, MutableMapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.app.business import TenantBusiness
from lucca_sync.cli.entry import exit_code
from lucca_sync.ingest.business.aside import Asides, TooManyAside, aside_of
from lucca_sync.ingest.business.cursor import ASIDE, PREFIX, folded_until
from lucca_sync.ingest.business.deriver import Deriver
from lucca_sync.ingest.business.person import Person
from lucca_sync.ingest.business.places import Places
from lucca_sync.ingest.gate import StoreGate
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.memory import MemoryJournal
from lucca_sync.journal.protocol import EventFilter, Journal, Write
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.model.business import RULES
from lucca_sync.model.event import PEOPLE
from lucca_sync.model.pointer import text_at
from lucca_sync.model.values import Json, JsonObject
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.health import Health
from lucca_sync.settings.business import Business
from lucca_sync.settings.model import Tenant
from tests.business.company import TENANT, WINDOW, Company, Record, employee, employment, position, probation
from tests.business.test_crashes import Fragile, Killed
from tests.ingest.watching import Onlooker, staff
from tests.keeping.test_folding_under_pressure import SETTINGS
from tests.settings.files import VALID

THEIRS: Json = {"id": "2", "type": "employee"}
HOUR = timedelta(hours=1)


class Faulty(Exception):
    """What nobody foresaw, with a value in its words."""


@pytest.fixture(autouse=True)
def logs() -> Generator[list[MutableMapping[str, Any]]]:
    with capture_logs() as lines:
        yield lines


@dataclass(slots=True)
class Hostile(Places):
    """Places that break down for one person for as long as `broken`."""

    broken: bool = field(default=True, kw_only=True)

    def begins(self, day: date, person: Person, record: JsonObject | None) -> datetime:
        if self.broken and text_at(record or {}, ("employee", "id")) == "1":
            raise Faulty("Byron")
        return super(Hostile, self).begins(day, person, record)


def hostile() -> Hostile:
    return Hostile(ZoneInfo("Europe/Paris"))


def two() -> dict[str, list[Record]]:
    """Two people who have been here for years."""
    return {
        "employees": [employee(), employee("2")],
        "employments": [employment(), employment("20", employee=THEIRS)],
        "job_positions": [position(), position("200", employment={"id": "20"}, employee=THEIRS)],
    }


async def moves(company: Company, day: str = "2026-04-01") -> None:
    """Let both be moved to another manager, from a day on that lies ahead."""
    await company.put("job-positions", position("101", day, manager={"id": "8"}))
    theirs = position("201", day, employment={"id": "20"}, manager={"id": "8"}, employee=THEIRS)
    await company.put("job-positions", theirs)


async def about(company: Company, person: str) -> list[tuple[str, str]]:
    """Return id and name of what was told of somebody."""
    events = [one for one in await company.events() if one.employee == person]
    return [(one.id, one.business.name) for one in events if one.business]


async def names(company: Company, person: str) -> list[str]:
    return [name for _, name in await about(company, person)]


async def lived(deriver: Callable[[Company, int], Deriver]) -> Company:
    """Live through some windows, each with the deriver that there is then."""
    company = Company()
    await company.baseline(**two())
    await company.derive(deriver(company, 0))
    await moves(company)
    await company.derive(deriver(company, 1))
    await company.put("job-positions", position("101", "2026-05-01", manager={"id": "8"}))
    await company.put("employments", employment(end="2026-06-30"))
    await company.derive(deriver(company, 2))
    await company.day("2026-05-02")
    await company.derive(deriver(company, 3))
    await company.day("2026-07-01")
    await company.derive(deriver(company, 4))
    return company


async def test_what_breaks_down_for_one_is_told_of_everybody_else(
    logs: list[MutableMapping[str, Any]],
) -> None:
    company = Company()
    await company.baseline(**two())
    await company.derive()
    await moves(company)
    await company.derive(company.deriver(places=hostile()))
    assert await names(company, "2") == ["manager.changed.scheduled"]
    assert await names(company, "1") == []
    assert company.aside[-1] == 1
    (line,) = (one for one in logs if one["event"] == "person_set_aside")
    assert line["employee"] == "1"
    aside = aside_of(await company.journal.notes(ASIDE), TENANT, "1")
    assert aside is not None
    assert aside.fault == "Faulty"
    assert "Byron" not in str(await company.journal.notes(ASIDE))


@pytest.mark.parametrize("mended", [1, 2, 3, 4])
async def test_who_was_set_aside_loses_nothing_and_has_the_same_ids_in_the_same_order(mended: int) -> None:
    wanted = await lived(lambda company, _: company.deriver())
    found = await lived(
        lambda company, at: company.deriver() if at >= mended else company.deriver(places=hostile())
    )
    assert [name for _, name in await about(wanted, "1")] == [
        "manager.changed.scheduled",
        "employee.leaving",
        "manager.changed.rescheduled",
        "manager.changed.effective",
        "employee.left",
    ]
    assert await about(found, "1") == await about(wanted, "1")
    assert await about(found, "2") == await about(wanted, "2")
    assert await found.journal.notes(ASIDE) == {}
    assert found.aside[-1] == 0


async def test_who_is_set_aside_is_taken_up_every_hour_without_a_restart() -> None:
    company, places = Company(), hostile()
    await company.baseline(**two())
    deriver = await company.derive()
    deriver = company.deriver(places=places)
    await moves(company)
    await company.derive(deriver)
    places.broken = False
    await company.derive(deriver)
    assert await names(company, "1") == []
    company.clock.at += HOUR
    await company.derive(deriver)
    assert await names(company, "1") == ["manager.changed.scheduled"]
    assert company.aside[-1] == 0


async def test_a_date_that_cannot_be_told_to_have_come_keeps_nobody_elses() -> None:
    company, places = Company(), hostile()
    places.broken = False
    await company.baseline(**two())
    deriver = company.deriver(places=places)
    await company.derive(deriver)
    await moves(company, "2026-03-11")
    await company.derive(deriver)
    places.broken = True
    await company.day("2026-03-11")
    await company.derive(deriver)
    assert await names(company, "2") == ["manager.changed.scheduled", "manager.changed.effective"]
    assert await names(company, "1") == ["manager.changed.scheduled"]
    places.broken = False
    company.clock.at += HOUR
    await company.derive(deriver)
    assert await names(company, "1") == ["manager.changed.scheduled", "manager.changed.effective"]


async def test_no_date_of_somebody_set_aside_comes_that_an_unfolded_change_may_have_moved() -> None:
    company, places = Company(), hostile()
    places.broken = False
    await company.baseline(**two())
    deriver = company.deriver(places=places)
    await company.derive(deriver)
    await moves(company, "2026-03-11")
    await company.derive(deriver)
    company.clock.at = company.clock.at.replace(hour=22, minute=50)
    await company.put("job-positions", position("101", "2026-05-01", manager={"id": "8"}))
    places.broken = True
    await company.derive(deriver)
    places.broken = False
    company.clock.at = company.clock.at.replace(hour=23, minute=10)
    await company.derive(deriver)
    assert (await names(company, "2"))[1:] == ["manager.changed.effective"]
    assert (await names(company, "1"))[1:] == []
    company.clock.at += HOUR
    await company.derive(deriver)
    assert (await names(company, "1"))[1:] == ["manager.changed.rescheduled"]


async def test_what_waits_for_a_contract_is_not_read_twice_when_somebody_is_taken_up() -> None:
    company, places = Company(), hostile()
    await company.baseline(employees=[employee(), employee("2")])
    deriver = company.deriver(places=places)
    await company.derive(deriver)
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    company.clock.at += timedelta(minutes=50)
    await company.put("probationary-periods", probation("2026-03-20", employment={"id": "20"}))
    await company.derive(deriver)
    company.clock.at += timedelta(minutes=15)
    await company.derive(deriver)
    await company.put("employments", employment("20", "2026-03-10", employee=THEIRS))
    await company.derive(deriver)
    told = {one.business.name: one.business for one in await company.events() if one.business}
    assert len(told["probation.ending"].because) == 1


async def test_what_is_noted_of_somebody_is_never_less_than_before() -> None:
    """A later fault of another kind takes nothing back of what is still to be done for them."""
    journal, error, clock = MemoryJournal(), Faulty(), Company().clock
    asides = Asides(journal, TENANT, clock)
    await asides.put("1", 7, clock.at, error, ["employments"])
    await asides.put("1", 9, clock.at + HOUR, error, ["employees"])
    (note,) = (await journal.notes(ASIDE)).values()
    assert aside_of(await journal.notes(ASIDE), TENANT, "1") == asides["1"], note
    assert (asides["1"].position, asides["1"].since) == (7, clock.at)
    assert asides["1"].unseeded == ("employees", "employments")
    await asides.seeded("1")
    assert not asides["1"].unseeded


async def test_a_state_that_cannot_be_read_concerns_its_person_alone() -> None:
    company = Company()
    await company.baseline(**two())
    await company.derive()
    (known,) = (await company.journal.known(company.place(PEOPLE), ["1"])).values()
    garbled = Write("1", b"[7]", known.digest, known.sequence)
    await company.journal.commit_writes(company.place(PEOPLE), company.clock.at, [garbled])
    await moves(company)
    await company.derive()
    await company.derive()
    assert await names(company, "2") == ["manager.changed.scheduled"]
    repaired = Write("1", known.content, known.digest, known.sequence)
    await company.journal.commit_writes(company.place(PEOPLE), company.clock.at, [repaired])
    await company.derive()
    assert await names(company, "1") == ["manager.changed.scheduled"]


async def test_a_baseline_is_taken_in_for_all_others_and_later_for_who_was_set_aside() -> None:
    company, records = Company(), two()
    records["job_positions"] += [
        position("101", "2026-04-01", manager={"id": "8"}),
        position("201", "2026-04-01", employment={"id": "20"}, manager={"id": "8"}, employee=THEIRS),
    ]
    await company.baseline(**records)
    await company.derive(company.deriver(places=hostile()))
    await company.derive()
    await company.day("2026-04-01")
    await company.derive()
    for person in ("1", "2"):
        assert await names(company, person) == ["manager.changed.effective"]


async def test_rules_that_are_new_miss_nothing_of_somebody_who_is_taken_up_with_them() -> None:
    """What was journaled since they were set aside is read only once its resource is known to the rules."""
    company = Company(rules=[rule for rule in RULES if rule.source(["job-positions"]) is None])
    await company.baseline(**two())
    await company.derive()
    broken = company.deriver(places=hostile())
    await company.put("employments", employment(end="2026-06-30"))
    await company.derive(broken)
    await moves(company)
    await company.derive(broken)
    company.clock.at += HOUR / 2
    await company.derive(broken)
    company.rules = RULES
    deriver = await company.derive()
    await company.day("2026-04-01")
    await company.derive(deriver)
    for person in ("1", "2"):
        assert "manager.changed.effective" in await names(company, person)


async def test_what_is_still_to_be_read_of_somebody_is_not_removed() -> None:
    company = Company()
    await company.baseline(**two())
    deriver = await company.derive()
    deriver = company.deriver(places=hostile())
    await moves(company)
    recorded = company.clock.at
    await company.derive(deriver)
    company.clock.at += timedelta(days=3)
    await company.seen_all()
    await deriver.look()
    notes = {**await company.journal.notes(PREFIX), **await company.journal.notes(ASIDE)}
    assert folded_until(notes, ["other"]) is None
    until = folded_until(notes, [TENANT])
    assert until is not None
    assert until <= recorded
    assert company.behind[-1] is None, "everybody else is where they should be"


async def test_what_concerns_somebody_through_a_contract_seen_later_waits_for_them_too() -> None:
    """A probation is read before it is known whose it is: then that is somebody who is set aside."""
    company, places = Company(), hostile()
    await company.baseline(employees=[employee()])
    deriver = company.deriver(places=places)
    await company.derive(deriver)
    await company.put("probationary-periods", probation("2026-03-20"))
    await company.derive(deriver)
    await company.put("job-positions", position(start="2026-03-10"))
    await company.put("job-positions", position("101", "2026-04-01", manager={"id": "8"}))
    await company.derive(deriver)
    assert company.aside[-1] == 1
    await company.put("employments", employment(start="2026-03-10"))
    await company.derive(deriver)
    await company.derive()
    assert sorted(await names(company, "1")) == [
        "employee.hired",
        "manager.changed.scheduled",
        "probation.ending",
    ]


async def test_a_fault_with_a_thousand_people_is_no_fault_with_single_ones() -> None:
    """Then everything stops at once and visibly, as it does where the store is at fault."""
    company = Company()
    many = [str(number) for number in range(1_001)]
    await company.baseline(employees=[employee(one) for one in many])
    await company.derive()
    for one in many:
        await company.put("employees", employee(one, familyName="Lovelace"))
    (known, *_) = (await company.journal.known(company.place(PEOPLE), many[:1])).values()
    garbled = [Write(one, b"[7]", known.digest, known.sequence) for one in many]
    await company.journal.commit_writes(company.place(PEOPLE), company.clock.at, garbled)
    with pytest.raises(TooManyAside):
        await company.derive()


async def broken_down_and_mended(fragile: Fragile, journal: Journal) -> list[tuple[str, str]]:
    """Set somebody aside and take them up again, with a daemon that is killed once meanwhile."""
    company, places = Company(journal), hostile()

    async def derive() -> None:
        for _ in range(2):
            try:
                await company.derive(company.deriver(cast(Journal, fragile), places))
            except Killed:
                continue
            return

    await company.baseline(**two())
    await derive()
    await moves(company)
    await derive()
    await company.put("job-positions", position("101", "2026-05-01", manager={"id": "8"}))
    places.broken = False
    await derive()
    company.clock.at += WINDOW
    await derive()
    await company.day("2026-05-01")
    await derive()
    return [(one.id, one.type) for one in await company.events()]


async def test_killed_anywhere_meanwhile_the_same_is_told() -> None:
    fragile = Fragile(journal := MemoryJournal(), 10_000, "before", Killed())
    wanted = sorted(await broken_down_and_mended(fragile, journal))
    assert [name for _, name in wanted].count("lucca.manager.changed.effective") == 2
    total = 10_000 - fragile.left
    for left in range(1, total + 1):
        fragile = Fragile(journal := MemoryJournal(), left, "after" if left % 2 else "before", Killed())
        found = sorted(await broken_down_and_mended(fragile, journal))
        assert found == wanted, f"killed at call {left} of {total}"


def test_explain_says_that_nothing_follows_from_a_change_of_somebody_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = anyio.run(set_aside_in, tmp_path / "journal.db")
    (tmp_path / "lucca-sync.yaml").write_text(VALID, "utf-8")
    told, faults = list[str](), list[object]()
    for change in changes:
        command = ["explain", change, "-c", str(tmp_path / "lucca-sync.yaml")]
        assert exit_code([*command, "--store", str(tmp_path / "journal.db")]) == 0
        told.append(capsys.readouterr().out)
        assert exit_code([*command, "--store", str(tmp_path / "journal.db"), "-o", "json"]) == 0
        aside = json.loads(capsys.readouterr().out)["set_aside"]
        faults.append(aside and aside["fault"])
    assert ["a fault of ours (Faulty)" in one for one in told] == [True, False]
    assert faults == ["Faulty", None]


async def set_aside_in(file: Path) -> list[str]:
    """Set one of two people aside in a store; return the changes of both, that one's first."""
    company = Company(await open_sqlite(file))
    await company.baseline(**two())
    await company.derive()
    await moves(company)
    await company.derive(company.deriver(places=hostile()))
    wanted = EventFilter(resource="job-positions")
    entries = await company.journal.events(after=0, limit=9, wanted=wanted)
    await company.journal.close()
    return [one.event.id for one in entries]


async def test_a_single_run_that_sets_somebody_aside_did_not_go_well() -> None:
    """`run --once` says so by its exit code."""
    company = Company(MemoryJournal())
    await company.baseline(employees=[employee()], employments=[], job_positions=[])
    metrics = Metrics()
    lookout = Lookout(
        source=staff(),
        journal=company.journal,
        route=lambda _event: (),
        clock=company.clock,
        metrics=metrics,
        onlooker=Onlooker(),
        rouse=lambda: None,
    )
    gate = StoreGate(company.journal, Health(company.clock), metrics)
    tenant, settings = Tenant.model_validate(SETTINGS), Business.model_validate({})
    assert await TenantBusiness(TENANT, tenant, settings, lookout, gate).once()
    (known,) = (await company.journal.known(company.place(PEOPLE), ["1"])).values()
    garbled = Write("1", b"[7]", known.digest, known.sequence)
    await company.journal.commit_writes(company.place(PEOPLE), company.clock.at, [garbled])
    assert not await TenantBusiness(TENANT, tenant, settings, lookout, gate).once()
    assert 'business_set_aside{tenant="acme"} 1.0' in metrics.page().decode()
