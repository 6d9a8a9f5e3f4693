"""Why an event was sent along one route and not along another is one command away."""

import json
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from lucca_sync.cli.entry import exit_code
from tests.cli.store import GONE, HIRED, RENAMED, fill

SETTINGS = """\
version: 1
tenants:
  acme:
    url: https://acme.ilucca.net
    client_id: ${NOBODY_SET_THIS}
    client_secret: ${NOR_THIS}
    resources: {employees: {}}
  other:
    url: https://other.ilucca.net
    client_id: another
    client_secret: ${NOR_THIS}
    resources: {departments: {}, legal-entities: {}}
store: sqlite:journal.db
connectors:
  crm: {type: webhook, url: "https://crm.example.org", secret: "${NOR_THAT}"}
  chat: {type: webhook, url: "https://chat.example.org", secret: "${NOR_THAT}"}
routes:
"""
ROUTES = """\
  people: {resources: [employees], to: [crm]}
  joiners: {types: [created], to: [chat]}
  sales: {resources: [departments], to: [chat]}
  grown-up: {resources: [employees], when: "starts_with(record.nickname, 'A')", to: [chat]}
  quiet: {resources: [employees], fields: [id, nickname], to: [chat]}
  elsewhere: {tenants: [other], to: [chat]}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    anyio.run(fill, tmp_path / "journal.db")
    path = tmp_path / "lucca-sync.yaml"
    path.write_text(SETTINGS + ROUTES)
    return path


@pytest.fixture
def told(config: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def tell(*arguments: str) -> str:
        assert exit_code(["explain", *arguments, "-c", str(config)]) == 0
        return capsys.readouterr().out

    return tell


def test_every_route_says_whether_it_wants_the_event_and_why(told: Callable[..., str]) -> None:
    story = json.loads(told(RENAMED.id[:12], "-o", "json"))
    answers = {way["route"]: (way["answer"], way["why"]) for way in story["routes"]}
    assert answers["people"] == ("yes", "it asks for this type")
    assert answers["joiners"] == ("no", "updated is not among its types")
    assert answers["sales"] == ("no", "employees is not among its resources")
    assert answers["grown-up"] == ("unclear", "its condition (`when`) fails on this event's values")
    assert answers["quiet"] == ("no", "nothing that it shows has changed")
    assert answers["elsewhere"] == ("no", "tenant acme is not among its tenants")


def test_each_attempt_is_told_with_its_reason(told: Callable[..., str]) -> None:
    text = told(HIRED.id[:12])
    assert "people → crm  yes: it asks for this type" in text
    assert "the target answered 503" in text
    assert "attempt 2" in text


def test_a_route_that_the_settings_no_longer_have_is_named_with_what_it_did(
    told: Callable[..., str],
) -> None:
    story = json.loads(told(HIRED.id, "-o", "json"))
    (former,) = [way for way in story["routes"] if way["route"] == "news"]
    assert former["answer"] == "no"
    assert "no such route" in former["why"]
    assert former["delivery"]["state"] == "done"


def test_a_route_that_is_younger_than_the_event_says_that_it_never_had_it(told: Callable[..., str]) -> None:
    (joiners,) = [
        way for way in json.loads(told(HIRED.id, "-o", "json"))["routes"] if way["route"] == "joiners"
    ]
    assert (joiners["answer"], joiners["delivery"]) == ("yes", None)
    assert "replay" in joiners["remark"]


def test_who_saw_it_and_in_which_answer_is_told(told: Callable[..., str]) -> None:
    text = told(RENAMED.id)
    assert f"by a look at the whole resource ({RENAMED.detected_by})" in text
    assert "/givenName  /tags" in text


def test_values_appear_only_when_asked_for(told: Callable[..., str]) -> None:
    assert "Grace" not in told(RENAMED.id)
    assert "Grace" not in told(RENAMED.id, "-o", "json")
    assert "Grace" in told(RENAMED.id, "--values")


def test_an_unknown_or_ambiguous_beginning_fails_with_a_word(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["explain", "zzzz", "-c", str(config)]) == 1
    assert "no event, or more than one" in capsys.readouterr().err


def test_a_mistake_in_the_routes_is_told_at_its_place(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(SETTINGS + "  people: {resources: [employees], too: [crm]}\n")
    assert exit_code(["explain", GONE.id, "-c", str(config)]) == 78
    assert "routes.people.too" in capsys.readouterr().err
