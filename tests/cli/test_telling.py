"""What commands about deliveries tell: the same below each name, no more than is so, also when cut off."""

import re
from datetime import UTC, datetime
from typing import Final

import anyio
import pytest

from lucca_sync.app.handling import Choice, Handled, Kind, Order, Tell
from lucca_sync.cli import acting
from lucca_sync.cli.entry import exit_code
from lucca_sync.cli.exits import FAILED, INTERRUPTED, USAGE
from lucca_sync.egress.holding import Hold, Pause, encoded, paused_key, target_key
from lucca_sync.journal.protocol import Write
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.testing.events import NOON
from tests.cli.conftest import Office
from tests.cli.queue import CRM, EMPLOYEES, SETTINGS, claim_one, deliveries
from tests.cli.test_deliveries import BEFORE

FAR: Final = datetime(2126, 1, 5, 12, tzinfo=UTC)
FAR_TEXT: Final = "2126-01-05T12:00:00Z"
_CRM_URL: Final = 'type: webhook, url: "https://crm'
MAINTAINED: Final = SETTINGS.replace(
    _CRM_URL, f'maintenance: [{{from: "00:00", until: "00:00"}}], {_CRM_URL}'
)
"""At all times of the week."""


def test_a_dead_letter_is_shown_alike_as_dead_letter_and_as_delivery(office: Office) -> None:
    number = str(anyio.run(deliveries, office.store)[0].key)
    shown = office.told("dead", "show", number)
    assert shown == office.told("deliveries", "show", number)
    assert f"Once mended: lucca-sync dead replay {number} --yes" in shown
    assert office.json("dead", "show", number) == office.json("deliveries", "show", number)


def test_who_is_done_is_not_to_be_sent_again_as_a_dead_letter(office: Office) -> None:
    (done,) = [one.key for one in anyio.run(deliveries, office.store) if one.state == "done"]
    shown = office.told("deliveries", "show", str(done))
    assert "nothing: it has ended" in shown
    assert "dead replay" not in shown


@pytest.mark.parametrize(
    ("command", "all_of_them"), [(("deliveries", "list"), 5), (("dead", "list", "--each"), 2)]
)
def test_more_are_promised_only_where_there_are_more(
    command: tuple[str, ...], all_of_them: int, office: Office
) -> None:
    assert "There are more" not in office.told(*command, "-n", str(all_of_them))
    assert "There are more than 1:" in office.told(*command, "-n", "1")
    assert len(office.lines(*command, "-n", "1")) == 1


def test_groups_of_dead_letters_are_no_more_than_asked_for(office: Office) -> None:
    number = str(anyio.run(deliveries, office.store)[2].key)
    office.told("deliveries", "discard", number, "--yes")
    assert "more: -n shows more" not in office.told("dead", "list", "-n", "1")
    assert [one["count"] for one in office.lines("dead", "list", "-n", "1")] == [2]


@pytest.mark.parametrize("command", [("deliveries", "retry"), ("dead", "replay")])
def test_all_and_some_of_them_cannot_be_meant_at_once(command: tuple[str, ...], office: Office) -> None:
    code, text = office.run(*command, "1", "--all", "--yes")
    assert (code, "not both" in text) == (USAGE, True)
    assert office.states() == BEFORE


async def _interrupted(store: object, choice: Choice, order: Order, tell: Tell) -> Handled:
    """Do half of it until Ctrl-C is pressed."""
    del store, choice
    half = Handled(done=3 if order.apply else None)
    half.found[Kind(CRM, "retrying")] = 3
    tell(half)
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--yes",), "3 deliveries queued, then it was cut off: the same again does the rest.\n"),
        ((), "That was cut off; nothing was changed.\n"),
    ],
)
def test_an_act_that_is_cut_off_says_how_far_it_came(
    more: tuple[str, ...], told: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "handled", _interrupted)
    code, text = office.run("deliveries", "retry", "--all", *more)
    assert (code, text.strip("\n")) == (INTERRUPTED, told.strip("\n"))


def test_an_act_that_is_cut_off_tells_programs_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "handled", _interrupted)
    code, text = office.run("deliveries", "retry", "--all", "--yes", "-o", "json")
    assert code == INTERRUPTED
    assert '"cut_off": true' in text
    assert '"changed": 3' in text


def test_a_route_is_told_as_it_stands_after_the_act(office: Office) -> None:
    paused = office.json("routes", "pause", "people", "--reason", "migration", "--yes")
    assert [one["paused"]["reason"].endswith("migration") for one in paused["lanes"]] == [True]
    resumed = office.json("routes", "resume", "people", "--yes")
    assert [one["paused"] for one in resumed["lanes"]] == [None]


def test_a_route_that_flows_is_no_unknown_one(office: Office) -> None:
    assert office.run("routes", "resume", "people") == (FAILED, "lucca-sync: people is no paused route\n")


def test_a_slip_in_a_connectors_name_is_recognised(office: Office) -> None:
    code, text = office.run("replay", "--since", "1d", "--to", "chot")
    assert (code, "did you mean chat?" in text) == (USAGE, True)


def test_a_resource_that_only_another_tenant_has_is_not_proposed_again(office: Office) -> None:
    other = "{url: 'https://o.ilucca.net', client_id: x, client_secret: y, resources: {legal-entities: }}"
    settings = office.config.read_text().replace("store:", f"  other: {other}\nstore:")
    office.config.write_text(settings)
    code, text = office.run("backfill", "--resource", "departments", "--tenant", "other", "--to", "people")
    assert (code, "departments is not watched in tenant other" in text) == (USAGE, True)
    assert "did you mean departments" not in text


def test_who_is_gone_without_an_event_that_is_kept_is_said_to_be_so(office: Office) -> None:
    async def taken_in_silently() -> None:
        journal = await open_sqlite(office.store)
        await journal.commit_writes(EMPLOYEES, NOON, [Write("5", None, b"", 1)])
        await journal.close()

    anyio.run(taken_in_silently)
    code, text = office.run("resync", "--subject", "employees/5", "--to", "people", "--yes")
    assert (code, text) == (
        FAILED,
        "lucca-sync: employees/5 is gone, and the event of its deletion is no longer kept\n",
    )


async def _leave_note(office: Office, key: str, note: bytes) -> None:
    journal = await open_sqlite(office.store)
    await journal.write_note(key, note)
    await journal.close()


@pytest.mark.parametrize(
    ("key", "note", "told", "obstacle"),
    [
        (paused_key("people"), Pause(NOON), "route paused", "paused"),
        (target_key("crm"), Hold("disabled", NOON), "target gone", "disabled"),
        (target_key("crm"), Hold("open", NOON, until=FAR), f"target failing, tried again {FAR_TEXT}", "open"),
        (target_key("crm"), Hold("open", NOON, until=NOON), "target failing, being tried again", "open"),
    ],
)
def test_what_keeps_a_whole_lane_from_flowing_is_what_its_deliveries_wait_for(
    key: str, note: Pause | Hold, told: str, obstacle: str, office: Office
) -> None:
    anyio.run(_leave_note, office, key, encoded(note))
    listed = office.lines("deliveries", "list")
    assert {one["obstacle"] for one in listed if one["state"] in {"retrying", "parked"}} == {obstacle}
    assert {one["obstacle"] for one in listed if one["state"] == "dead"} == {None}
    (retrying,) = [one["delivery"] for one in listed if one["state"] == "retrying"]
    assert told in office.told("deliveries", "list", "--state", "retrying")
    assert f"next    {told}" in office.told("deliveries", "show", str(retrying))


@pytest.mark.parametrize(
    ("until", "status", "explained"),
    [
        (FAR, f"target failing, tried again {FAR_TEXT}", "left alone until 2126-01-05"),
        (NOON, "target failing, being tried again", "being tried again: refused"),
    ],
)
def test_a_rest_that_is_over_is_no_time_to_come(
    until: datetime, status: str, explained: str, office: Office
) -> None:
    anyio.run(_leave_note, office, target_key("crm"), encoded(Hold("open", NOON, "refused", until)))
    assert status in office.told("routes", "status")
    event = office.lines("deliveries", "list", "--state", "retrying")[0]["event"]
    assert f"the target is {explained}" in office.told("explain", event)


def test_what_holds_a_resumed_route_back_all_the_same_is_told(office: Office) -> None:
    anyio.run(_leave_note, office, paused_key("people"), encoded(Pause(NOON)))
    anyio.run(_leave_note, office, target_key("crm"), encoded(Hold("disabled", NOON)))
    waits = "people→crm waits all the same: "
    assert "waits" not in office.told("routes", "resume", "people")
    told = office.told("routes", "resume", "people", "--yes")
    assert told.endswith(f"{waits}target gone; lucca-sync routes resume --target crm\n")
    assert "waits" not in office.told("routes", "resume", "--target", "crm", "--yes")


_QUEUEING: Final = [
    ("deliveries", "retry", "--all"),
    ("dead", "replay", "--all"),
    ("replay", "--since", "2026-01-01", "--to", "people"),
    ("backfill", "--resource", "employees", "--rate", "0", "--to", "people"),
    ("resync", "--subject", "employees/5", "--to", "people"),
]


@pytest.mark.parametrize("command", _QUEUEING)
@pytest.mark.parametrize(
    ("key", "note", "waits"),
    [
        (paused_key("people"), Pause(NOON), "route paused; lucca-sync routes resume people"),
        (target_key("crm"), Hold("disabled", NOON), "target gone; lucca-sync routes resume --target crm"),
        (
            target_key("crm"),
            Hold("open", NOON, until=FAR),
            f"target failing, tried again {FAR_TEXT}; lucca-sync routes resume --target crm",
        ),
    ],
)
def test_what_is_queued_where_nothing_is_sent_is_told_to_wait(
    command: tuple[str, ...], key: str, note: Pause | Hold, waits: str, office: Office
) -> None:
    assert "waits all the same" not in office.told(*command)
    anyio.run(_leave_note, office, key, encoded(note))
    for more in ((), ("--yes",)):
        assert office.told(*command, *more).endswith(f"people→crm waits all the same: {waits}\n")
    assert "waits all the same" not in office.told("deliveries", "discard", "--all")


@pytest.mark.parametrize("command", _QUEUEING)
def test_what_is_queued_during_maintenance_is_told_when_it_ends(
    command: tuple[str, ...], office: Office
) -> None:
    office.config.write_text(MAINTAINED)
    text = office.told(*command)
    assert re.search(r"people→crm waits all the same: maintenance until 20\S+Z\n$", text), text


@pytest.mark.parametrize("command", _QUEUEING)
@pytest.mark.parametrize(
    ("key", "note", "obstacle", "until"),
    [
        (paused_key("people"), Pause(NOON), "paused", None),
        (target_key("crm"), Hold("disabled", NOON, until=FAR), "disabled", None),
        (target_key("crm"), Hold("open", NOON, until=FAR), "open", "2126-01-05T12:00:00.000Z"),
    ],
)
def test_programs_are_told_along_which_lanes_nothing_goes(
    command: tuple[str, ...], key: str, note: Pause | Hold, obstacle: str, until: str | None, office: Office
) -> None:
    assert office.json(*command)["held_back"] == []
    anyio.run(_leave_note, office, key, encoded(note))
    (lane,) = office.json(*command)["held_back"]
    assert lane == {"route": "people", "connector": "crm", "obstacle": obstacle, "until": until}


def test_nothing_is_said_to_wait_where_nothing_is_to_be_sent(office: Office) -> None:
    anyio.run(_leave_note, office, paused_key("adults"), encoded(Pause(NOON)))
    assert "waits all the same" not in office.told("replay", "--since", "2026-01-01", "--to", "adults")


def test_maintenance_is_what_deliveries_wait_for(office: Office) -> None:
    """Who looks why something does not go finds it there, beside a target that failed or was paused."""
    office.config.write_text(MAINTAINED)
    parked = str(office.lines("deliveries", "list", "--state", "parked")[0]["delivery"])
    assert {one["obstacle"] for one in office.lines("deliveries", "list", "--state", "parked")} == {
        "maintenance"
    }
    assert "maintenance until 20" in office.told("deliveries", "list", "--state", "parked")
    assert "next    maintenance until 20" in office.told("deliveries", "show", parked)
    anyio.run(_leave_note, office, target_key("crm"), encoded(Hold("disabled", NOON)))
    assert office.json("deliveries", "show", parked)["obstacle"] == "disabled"


def test_without_settings_deliveries_are_listed_all_the_same(office: Office) -> None:
    office.config.unlink()
    assert "until it is released" in office.told("deliveries", "list", "--store", str(office.store))


@pytest.mark.parametrize(("verb", "words"), [("retry", "retried at once"), ("discard", "discarded")])
def test_what_a_person_wants_done_with_what_is_in_flight_is_listed(
    verb: str, words: str, office: Office
) -> None:
    number = anyio.run(claim_one, office.store)
    (flying,) = office.lines("deliveries", "list", "--state", "in_flight")
    assert (flying["delivery"], flying["noted"]) == (number, None)
    listed = office.told("deliveries", "list", "--state", "in_flight")
    assert "lease ends" in listed
    assert listed.splitlines()[1].endswith(" 1")  # its first attempt, which has no reason yet
    office.told("deliveries", verb, str(number), "--yes")
    assert {one["delivery"]: one["noted"] for one in office.lines("deliveries", "list")}[number] == verb
    assert f"{words}, unless it gets through" in office.told("deliveries", "list", "--state", "in_flight")
    assert f"next    {words}, unless" in office.told("deliveries", "show", str(number))


def test_a_store_in_which_all_is_well_says_so(office: Office) -> None:
    for number in (str(one.key) for one in anyio.run(deliveries, office.store) if one.state != "done"):
        verb = "dead" if '"dead"' in office.told("deliveries", "show", number, "-o", "json") else "deliveries"
        office.told(verb, "discard", number, "--yes")
    assert office.told("deliveries", "list") == "Nothing is under way, and nothing is dead.\n"
    assert (
        office.told("dead", "list") == office.told("dead", "list", "--each") == "There are no dead letters.\n"
    )
    assert office.told("deliveries", "list", "--route", "people") == "No delivery is like that.\n"


def test_a_dead_letter_that_is_to_be_retried_leads_to_the_command_for_it(office: Office) -> None:
    number = str(anyio.run(deliveries, office.store)[0].key)
    told = office.told("deliveries", "retry", number)
    assert "Dead letters are for `lucca-sync dead`." in told
    assert told.endswith("There is nothing to do.\n")


@pytest.mark.parametrize("command", ["demo", "simulate"])
@pytest.mark.parametrize("rate", ["often", "-3", "nan/min", "5/week"])
def test_how_often_is_written_alike_everywhere(
    command: str, rate: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code([command, "--alive", rate]) == USAGE
    assert "a rate is written like 20/min, 2/s or 100/h" in capsys.readouterr().err


def test_an_explanation_names_the_delivery_and_what_to_do_about_a_dead_one(office: Office) -> None:
    first = anyio.run(deliveries, office.store)[0]
    told = office.told("explain", first.event_id)
    assert f"    delivery {first.key}: dead" in told
    assert f"    once mended: lucca-sync dead replay {first.key} --yes" in told
    (way,) = [one for one in office.json("explain", first.event_id)["routes"] if one["delivery"]]
    assert way["delivery"]["number"] == first.key
