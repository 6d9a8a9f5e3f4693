"""Other settings can be tried on the journal of the last days: told is what would come, go or change."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.app.rehearsing import Sending, effect_of
from lucca_sync.cli.entry import exit_code
from lucca_sync.testing.events import an_event
from tests.cli.store import HIRED, RENAMED, fill
from tests.cli.test_explain import SETTINGS

TODAY = "  people: {resources: [employees], to: [crm]}\n"
Told = Callable[[str], Mapping[str, Mapping[str, object]]]


@pytest.fixture
def current(tmp_path: Path) -> Path:
    anyio.run(fill, tmp_path / "journal.db")
    path = tmp_path / "lucca-sync.yaml"
    path.write_text(SETTINGS + TODAY)
    return path


def planned(current: Path, routes: str, *options: str) -> int:
    new = current.with_name("new.yaml")
    new.write_text(SETTINGS + routes)
    since = () if "--since" in options else ("--since", "2026-01-01")
    return exit_code(["plan", "--config", str(new), "--current", str(current), *since, *options])


@pytest.fixture
def told(current: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    def tell(routes: str) -> Mapping[str, Mapping[str, object]]:
        assert planned(current, routes, "-o", "json") == 0
        lanes = json.loads(capsys.readouterr().out)["lanes"]
        return {f"{lane['route']}/{lane['connector']}": lane for lane in lanes}

    return tell


def test_the_same_routes_send_the_same(told: Told) -> None:
    lane = told(TODAY)["people/crm"]
    assert [lane[effect] for effect in ("same", "added", "removed", "changed", "failing")] == [2, 0, 0, 0, 0]


def test_another_target_is_an_addition(told: Told) -> None:
    lanes = told("  people: {resources: [employees], to: [crm, chat]}\n")
    assert lanes["people/crm"]["same"] == 2
    assert lanes["people/chat"]["added"] == 2
    assert lanes["people/chat"]["samples"]["added"] == [HIRED.id, RENAMED.id]  # type: ignore[index]


def test_a_route_that_is_left_out_is_a_removal(told: Told) -> None:
    assert told("  sales: {resources: [legal-entities], to: [crm]}\n")["people/crm"]["removed"] == 2


def test_fewer_fields_change_what_is_sent_or_leave_nothing_to_send(told: Told) -> None:
    lane = told("  people: {resources: [employees], fields: [id, tags], to: [crm]}\n")["people/crm"]
    assert (lane["changed"], lane["removed"]) == (2, 0)
    lane = told("  people: {resources: [employees], fields: [id], to: [crm]}\n")["people/crm"]
    assert (lane["changed"], lane["removed"]) == (1, 1)


def test_a_condition_that_fails_on_events_is_told_before_it_makes_dead_letters(told: Told) -> None:
    condition = "starts_with(record.nickname, 'A')"
    lane = told(f'  people: {{resources: [employees], when: "{condition}", to: [crm]}}\n')["people/crm"]
    assert (lane["failing"], lane["same"]) == (2, 0)


def test_only_what_was_recorded_since_is_looked_at(current: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert planned(current, TODAY, "--since", "2026-01-05T12:00:30Z", "-o", "json") == 0
    assert json.loads(capsys.readouterr().out)["events"] == 2


def test_people_are_told_in_words_with_events_to_look_into(
    current: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planned(current, "  people: {resources: [employees], to: [crm, chat]}\n") == 0
    text = capsys.readouterr().out
    assert "3 events compared" in text
    assert "2 added" in text
    assert HIRED.id[:12] in text
    assert "Ada" not in text


def test_a_mistake_in_the_new_file_is_told_at_its_place(
    current: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planned(current, "  people: {resorces: [employees], to: [crm]}\n") == 78
    assert "new.yaml" in capsys.readouterr().err


def test_planning_leaves_the_store_as_it_was(current: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = current.with_name("journal.db").read_bytes()
    assert planned(current, "  people: {to: [chat]}\n") == 0
    capsys.readouterr()
    assert current.with_name("journal.db").read_bytes() == before


SENDINGS = st.one_of(
    st.none(),
    st.just(Sending(None)),
    st.integers(1, 3).map(lambda number: Sending(an_event(sequence=number))),
)


@given(before=SENDINGS, after=SENDINGS)
def test_what_new_settings_send_is_never_called_the_same_when_it_differs(
    before: Sending | None, after: Sending | None
) -> None:
    effect = effect_of(before, after)
    assert (effect == "same") == (before == after and after is not None and after.shown is not None)
    assert (effect == "removed") == (after is None)
