"""Lists take the documented filters and leave out exactly what does not fit."""

from collections.abc import Callable

import pytest

from tests.simulator.visitor import Document, Visitor, unlimited, visiting

Fits = Callable[[Document], bool]


async def assert_filtered(visitor: Visitor, resource: str, query: str, fits: Fits) -> None:
    """The filter's answer is what the test itself picks from the whole list; it leaves something out."""
    everything = [item for page in await visitor.walk(f"{resource}?limit=100") for item in page.items]
    wanted = [item["id"] for item in everything if fits(item)]
    assert 0 < len(wanted) < len(everything), "the example must divide the list"
    pages = await visitor.walk(f"{resource}?{query}&limit=100")
    assert [public_id for page in pages for public_id in page.ids] == wanted
    counted = await visitor.get(f"{resource}?{query}&limit=0&include=totalCount")
    assert counted.json["totalCount"] == len(wanted)


def year(day: str | None) -> str:
    return "" if day is None else day[:4]


CASES: list[tuple[str, str, Fits]] = [
    ("employees", "id=3,17,9999", lambda item: item["id"] in ("3", "17")),
    ("employees", "-id=3,17", lambda item: item["id"] not in ("3", "17")),
    ("employees", "email=null", lambda item: item["email"] is None),
    ("employees", "-email=null", lambda item: item["email"] is not None),
    ("employees", "status=upcoming,deactivated", lambda item: item["status"] != "active"),
    ("employees", "-status=active", lambda item: item["status"] != "active"),
    ("employees", "search=mar", lambda item: starts_a_word(item, "mar")),
    ("employments", "employee.id=4,5", lambda item: item["employee"]["id"] in ("4", "5")),
    ("employments", "legalEntity.id=1", lambda item: item["legalEntity"]["id"] == "1"),
    ("employments", "template.id=2,3", lambda item: item["template"]["id"] in ("2", "3")),
    ("employments", "end.date=null", lambda item: item["end"] is None),
    ("employments", "status=deactivated", lambda item: item["status"] == "deactivated"),
    (
        "employments",
        "start.date.between=2020-01-01--2020-12-31",
        lambda item: year(item["start"]["date"]) == "2020",
    ),
    ("employments", "start.date.between=2026-01-01--..", lambda item: item["start"]["date"] >= "2026"),
    (
        "employments",
        "end.date.between=..--2026-11-22",
        lambda item: item["end"] is not None and item["end"]["date"] <= "2026-11-22",
    ),
    ("job-positions", "employment.id=7", lambda item: item["employment"]["id"] == "7"),
    ("job-positions", "employment.employee.id=7,8", lambda item: item["employee"]["id"] in ("7", "8")),
    ("job-positions", "department.id=2", lambda item: item["department"]["id"] == "2"),
    ("job-positions", "endsOn=null", lambda item: item["endsOn"] is None),
    ("job-positions", "updatedAttributes=department", lambda item: "department" in item["updatedAttributes"]),
    (
        "job-positions",
        "startsOn.between=2024-01-01--2025-12-31",
        lambda item: "2024" <= item["startsOn"] < "2026",
    ),
    ("probationary-periods", "isExtended=true", lambda item: item["extendedEndsOn"] is not None),
    ("probationary-periods", "isExtended=false", lambda item: item["extendedEndsOn"] is None),
    ("probationary-periods", "endsOn.between=2025-01-01--..", lambda item: item["endsOn"] >= "2025"),
    ("employee-attributes", "employee.id=4,5", lambda item: item["employee"]["id"] in ("4", "5")),
    (
        "employee-attributes",
        "definition.id=e_tShirtSize",
        lambda item: item["definition"]["id"] == "e_tShirtSize",
    ),
    ("employee-attributes", "value=XL", lambda item: item["value"] == "XL"),
    ("employee-attributes", "value=true", lambda item: item["value"] is True),
    ("employee-attributes", "applicability.asOf=2026-11-22", lambda item: applies(item, "2026-11-22")),
    ("employee-attribute-definitions", "id=e_languages", lambda item: item["id"] == "e_languages"),
    ("employee-attribute-definitions", "search=lang", lambda item: item["name"].startswith("Lang")),
    ("business-establishments", "search=nant", lambda item: item["name"] == "Nantes"),
    ("business-establishments", "legalEntity.id=1", lambda item: item["legalEntity"]["id"] == "1"),
    ("departments", "search=finance", lambda item: "Finance" in item["name"]),
]


def starts_a_word(item: Document, beginning: str) -> bool:
    return any(item[name].casefold().startswith(beginning) for name in ("givenName", "familyName"))


def applies(item: Document, day: str) -> bool:
    window = item["applicability"] or {"start": None, "end": None}
    return (window["start"] or "") <= day <= (window["end"] or "9999")


@pytest.mark.parametrize(("resource", "query", "fits"), CASES, ids=[f"{case[0]}?{case[1]}" for case in CASES])
async def test_a_filter_leaves_out_exactly_what_does_not_fit(resource: str, query: str, fits: Fits) -> None:
    async with visiting(unlimited(employees=300)) as visitor:
        await assert_filtered(visitor, resource, query, fits)


def reference(shown: Document | None) -> str:
    return "" if shown is None else str(shown["id"])


RELATED: list[tuple[str, str, Fits]] = [
    (
        "applicableEmployment.template.term=fixed",
        "employments",
        lambda row: row["template"]["id"] in ("2", "3"),
    ),
    ("applicableEmployment.endsOn=null", "employments", lambda row: row["end"] is None),
    (
        "applicableEmployment.startsOn.between=2024-01-01--..",
        "employments",
        lambda row: row["start"]["date"] > "2024",
    ),
    (
        "applicableJobPosition.department.id=1,3",
        "job-positions",
        lambda row: row["department"]["id"] in ("1", "3"),
    ),
    (
        "applicableJobPosition.manager.id=2",
        "job-positions",
        lambda row: reference(row["manager"]) == "2",
    ),
    (
        "applicableJobPosition.jobQualification.remoteId=Q03",
        "job-positions",
        lambda row: reference(row["jobQualification"]) == "3",
    ),
    (
        "applicableJobPosition.businessEstablishment.id=3",
        "job-positions",
        lambda row: row["businessEstablishment"]["id"] == "3",
    ),
]


@pytest.mark.parametrize(("query", "related", "fits"), RELATED, ids=[case[0] for case in RELATED])
async def test_employees_are_filtered_through_what_applies_to_them(
    query: str, related: str, fits: Fits
) -> None:
    name = "applicableEmployment" if related == "employments" else "applicableJobPosition"
    async with visiting(unlimited(employees=300)) as visitor:
        rows = {row["id"]: row for page in await visitor.walk(f"{related}?limit=100") for row in page.items}
        await assert_filtered(visitor, "employees", query, lambda item: fits(rows[item[name]["id"]]))


async def test_several_filters_all_have_to_fit() -> None:
    async with visiting(unlimited(employees=300)) as visitor:
        both = await visitor.get("employees?id=1,2,3,4,5&email=null&limit=100")
        for item in both.items:
            assert item["email"] is None
            assert int(item["id"]) <= 5


WRONG = [
    "employees?id=" + ",".join(str(number) for number in range(101)),
    "employees?status=onLeave",
    "employments?start.date=yesterday",
    "employments?start.date=2026-01-01T00:00:00Z",
    "employments?start.date.between=2026-01-01/2026-12-31",
    "employments?start.date.between=2026-01-01",
    "departments?isArchived=perhaps",
    "probationary-periods?isExtended=1",
    "employee-attributes?applicability.asOf=now",
    "employees?include=everything",
]


@pytest.mark.parametrize("path", WRONG)
async def test_a_value_that_a_filter_cannot_take_is_refused(path: str) -> None:
    async with visiting() as visitor:
        reply = await visitor.get(path)
        assert reply.status == 400
        assert path.partition("?")[2].partition("=")[0] in reply.json["errors"]


async def test_an_unknown_parameter_is_ignored_unless_the_options_are_strict() -> None:
    path = "employees?lastUpdatedAt.between=2026-01-01T00:00:00Z--.."
    async with visiting() as visitor:
        assert (await visitor.get(path)).ids == (await visitor.get("employees")).ids
    async with visiting(unlimited(strict_parameters=True)) as visitor:
        assert (await visitor.get(path)).status == 400


async def test_a_range_of_dates_includes_both_its_ends() -> None:
    async with visiting() as visitor:
        employment = (await visitor.get("employments/9")).json
        day = employment["start"]["date"]
        assert "9" in (await visitor.get(f"employments?start.date.between={day}--{day}")).ids
        assert "9" in (await visitor.get(f"employments?start.date={day}")).ids
