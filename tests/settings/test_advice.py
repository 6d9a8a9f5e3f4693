"""What is allowed and probably not meant is said, at its place, and stops nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from lucca_sync.settings.pace import least_requests, newcomers_every
from tests.settings.files import VALID, load


def warnings(folder: Path, text: str) -> list[str]:
    found = load(folder, text).loaded.warnings
    return [str(warning).removeprefix(f"{folder}/lucca-sync.yaml:") for warning in found]


def with_route(extra: str) -> str:
    return VALID.replace("to: [log]", f"to: [log]\n{extra}")


def test_nothing_is_said_about_sound_settings(tmp_path: Path) -> None:
    assert warnings(tmp_path, VALID) == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            VALID.replace("client_id: app", "client_id: app\n    requests_per_minute: 51"),
            "6:26: tenants.acme.requests_per_minute: Lucca grants a tenant 50 requests a minute, all its int",
        ),
        (
            VALID.replace("every: 2m", "every: 1s"),
            "7:5: tenants.acme.resources: these periods take at least 120 requests a minute, more than req",
        ),
        (
            VALID.replace("log: {type: jsonl}", "log: {type: jsonl}\n  idle: {type: jsonl}"),
            "12:3: connectors.idle: no route leads here",
        ),
        (
            VALID.replace("[employees]", "[employees, job-positions]"),
            "14:28: routes.people.resources[1]: no tenant of this route watches it",
        ),
        (
            VALID + "server: {admin_token_file: x}",
            "16:28: server.admin_token_file: no effect yet: the admin API comes with a later version",
        ),
        (
            with_route("  again: {to: [log]}"),
            "16:16: routes.again.to[0]: the connector gets some events twice: route people leads there",
        ),
        (
            with_route("    types: [created, leave.approved]"),
            "16:22: routes.people.types[1]: no tenant of this route watches a resource that tells it",
        ),
        (
            with_route('    when: "!record.email"'),
            "16:11: routes.people.when: `!a.b` is read as `(!a).b`: write `!(a.b)`",
        ),
        (
            with_route("  hires: {types: [employee.hired], to: [log]}").replace(
                "    resources: [employees]\n", "    types: [employee.hired.*]\n"
            ),
            "16:41: routes.hires.to[0]: the connector gets some events twice: route people leads there",
        ),
        (
            VALID + "business: {events: {employee.sworn-in: {resource: employments, when: record}}}",
            "16:51: business.events.employee.sworn-in.resource: no tenant watches it",
        ),
        (
            VALID + "business: {events: {employee.sworn-in: {resource: employees, when: stuff}}}",
            "16:68: business.events.employee.sworn-in.when: an event has `record`, `previous` and `changes`",
        ),
        (
            VALID[: VALID.index("connectors:")],
            "1:1: there is no route: events are journaled and delivered to nobody",
        ),
    ],
)
def test_one_oddity_is_one_warning(text: str, warning: str, tmp_path: Path) -> None:
    (found,) = warnings(tmp_path, text)
    assert found.startswith(warning)


@pytest.mark.parametrize(
    "route",
    [
        "  again: {resources: [departments], to: [log]}",
        "    types: [created]\n  again: {resources: [employees], types: [updated, deleted], to: [log]}",
        "    when: record.a\n  again: {resources: [employees], when: '!(record.a)', to: [log]}",
    ],
)
def test_routes_that_share_a_connector_and_no_event_are_fine(route: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, with_route(route)) == []


def test_routes_of_different_tenants_never_overlap(tmp_path: Path) -> None:
    other = "  other: {url: https://o.net, client_id: x, client_secret: y, resources: {employees: }}\n"
    text = with_route("    tenants: [acme]\n  again: {resources: [employees], tenants: [other], to: [log]}")
    assert warnings(tmp_path, text.replace("connectors:", f"{other}connectors:")) == []


@pytest.mark.parametrize(
    "condition",
    [
        "status != 'deactivated'",
        'record.status == "active"',
        "contains(record.givenName, x)",
        "[record.a, b]",
        "{a: x}",
        "!deactivated",
        "record.a && b",
        "a[0].record",
        "data.record.id | @",
    ],
)
def test_a_condition_that_asks_for_what_no_event_has_is_told(condition: str, tmp_path: Path) -> None:
    (warning,) = warnings(
        tmp_path, with_route(f"    when: {condition!r}" if '"' in condition else f'    when: "{condition}"')
    )
    assert warning.startswith("16:11: routes.people.when: an event has `record`, `previous` and `changes`")


@pytest.mark.parametrize(
    "condition",
    [
        "record.status != 'deactivated'",
        "changes[?path=='/department/id'].after | [0]",
        "length(changes[?contains(path, 'x')]) > `1`",
        "sort_by(changes, &path)[0].before",
        "record.tags[].name",
        "{a: record.id, b: previous.id}",
        "@.record",
        "*.id",
    ],
)
def test_a_condition_over_the_event_is_fine(condition: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, with_route(f'    when: "{condition}"')) == []


@pytest.mark.parametrize(("head", "least"), [("2m", 12.0), ("5s", 18.0), ("false", 6.0)])
def test_newcomers_are_looked_for_as_often_as_the_others(head: str, least: float, tmp_path: Path) -> None:
    """A page of a fixed address never shows them: `every: 10s` would mean two minutes for who is new."""
    text = VALID.replace("every: 2m", "every: 10s").replace(
        "client_id: app", f"client_id: app\n    eyes: {{head: {head}}}"
    )
    tenant = load(tmp_path, text).loaded.settings.tenants["acme"]
    assert (
        newcomers_every(tenant, tenant.resources["employees"])
        == {
            "2m": timedelta(seconds=10),
            "5s": timedelta(seconds=5),
            "false": None,
        }[head]
    )
    assert least_requests(tenant) == pytest.approx(least, abs=0.2)
