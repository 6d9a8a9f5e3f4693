"""Business events in the YAML: checked like the rest, and compiled when they are loaded."""

from datetime import timedelta
from pathlib import Path

import pytest

from lucca_sync.app.translate import routes_of
from lucca_sync.model.business import RULES, names_of
from tests.settings.files import VALID, complaints, load

OWN = """\
business:
  window: 10s
  probation_notice: [14d, 3d]
  events:
    employee.promoted:
      resource: job-positions
      when: "previous && record.jobQualification.id != previous.jobQualification.id"
      on: record.startsOn
"""


def routed(types: str) -> str:
    return VALID.replace("resources: [employees]", f"types: {types}")


def test_the_section_is_read(tmp_path: Path) -> None:
    business = load(tmp_path, VALID + OWN).loaded.settings.business
    assert (business.window, business.notices) == (timedelta(seconds=10), (14, 3))
    assert list(names_of(business.rules))[-5:] == [
        "employee.promoted",
        "employee.promoted.scheduled",
        "employee.promoted.effective",
        "employee.promoted.rescheduled",
        "employee.promoted.cancelled",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            routed("[employee.hires]"),
            "14:13: routes.people.types[0]: neither a kind of change nor a business",
        ),
        (routed("[employee.hires]"), "(did you mean employee.hired?)"),
        (
            routed("[created, probation.ending.scheduled.*]"),
            "14:22: routes.people.types[1]: neither a kind of",
        ),
        (
            VALID + OWN.replace("job-positions", "job-position"),
            "21:17: business.events.employee.promoted.res",
        ),
        (VALID + OWN.replace("job-positions", "job-position"), "(did you mean job-positions?)"),
        (VALID + OWN.replace("job-positions", "departments"), "does not say whom it concerns"),
        (
            VALID + OWN.replace("previous &&", "previous &"),
            "22:13: business.events.employee.promoted.when: is",
        ),
        (
            VALID + OWN.replace("record.startsOn", "record..x"),
            "23:11: business.events.employee.promoted.on: is",
        ),
        (VALID + OWN.replace("10s", "2h"), "17:11: business.window: must be at most 1h"),
        (VALID + OWN.replace("[14d, 3d]", "[36h]"), "18:21: business.probation_notice: must be whole days"),
        (VALID + OWN.replace("employee.promoted", "employee.hired"), "is the name of an event that there is"),
        (VALID + OWN.replace("employee.promoted", "employee.deleted"), "must not end like a phase or a kind"),
        (VALID + OWN.replace("employee.promoted", "Promoted"), "must be words of a-z, 0-9 and - with dots"),
        (VALID.replace("departments:", "people: {path: /lucca-api/people}"), "take another"),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, complaint: str, tmp_path: Path) -> None:
    assert any(complaint in found for found in complaints(tmp_path, text)), complaints(tmp_path, text)


def dated(on: str, fields: str, resource: str = "employee-personal-records") -> str:
    """Settings with an event on a date of one's own, along a route that shows some fields."""
    text = routed(f"[permit.ending.*]\n    fields: [{fields}]" if fields else "[permit.ending.*]")
    return (
        f"{text}business:\n  events:\n    permit.ending: {{resource: {resource}, when: record, on: {on}}}\n"
    )


@pytest.mark.parametrize(
    ("on", "fields", "resource", "hidden"),
    [
        ("record.birthDate", "", "employee-personal-records", "birthDate"),
        ("record.birthDate", "id, title", "employee-personal-records", "birthDate"),
        ("record.createdAt", "", "employee-personal-records", None),
        ("record.birthDate", "birthDate", "employee-personal-records", None),
        ("record.permit.ends || previous.title", "permit", "employee-personal-records", "title"),
        ("'record.permit[0].ends'", "id", "employee-personal-records", "permit"),
        ('"sort(values(record))[0]"', "id", "employee-personal-records", "any field of the record"),
        ('"changes[0].after"', "id", "users", "any field of the record"),
        ("record.birthDate", "", "users", "birthDate"),
        ("record.dtContractEnd", "", "users", None),
        ('"record | birthDate"', "", "users", "any field of the record"),
        ('"*.birthDate | [0]"', "", "users", "any field of the record"),
        ('"[record.dtContractStart, *.birthDate | [0]] | [1]"', "", "users", "any field of the record"),
    ],
)
def test_a_date_shows_no_field_that_the_route_may_not_show(
    on: str, fields: str, resource: str, hidden: str | None, tmp_path: Path
) -> None:
    """Trap 55: `on` of an event leaves with it, whatever `fields` says of the record."""
    found = [one for one in complaints(tmp_path, dated(on, fields, resource)) if "routes.people" in one]
    assert len(found) == (hidden is not None), found
    assert all("which is sensitive: " in one and str(hidden) in one for one in found)


def test_a_route_may_name_events_of_ones_own(tmp_path: Path) -> None:
    assert complaints(tmp_path, routed("[employee.promoted, employee.promoted.*, updated]") + OWN) == []


def test_a_name_stands_for_itself_and_with_a_star_for_its_phases_too(tmp_path: Path) -> None:
    text = routed("[position.changed, manager.changed.*, employee.left]")
    (route,) = routes_of(load(tmp_path, text).loaded.settings.routes)
    assert route.kinds == frozenset()
    assert route.business & set(names_of(RULES)) == {
        "position.changed",
        "manager.changed",
        "manager.changed.scheduled",
        "manager.changed.effective",
        "manager.changed.rescheduled",
        "manager.changed.cancelled",
        "employee.left",
    }


def test_without_types_a_route_gets_the_three_kinds_of_change_alone(tmp_path: Path) -> None:
    (route,) = routes_of(load(tmp_path, VALID).loaded.settings.routes)
    assert sorted(route.kinds) == ["created", "deleted", "updated"]
    assert not route.business


def test_the_guide_names_every_event_and_where_it_is_told_from() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "business-events.md").read_text("utf-8")
    rows = {line.split("`")[1]: line for line in guide.splitlines() if line.startswith("| `")}
    for rule in RULES:
        for source in rule.sources:
            row = rows[source.tells or rule.name]
            assert f"`{source.resource}`" in row, f"{rule.name} is told from {source.resource} too"
            assert (" * |" in row) == any(one.manner == "dated" for one in rule.sources), row
