"""How routes stand is seen at a glance; a person holds them back and lets them go on."""

from datetime import timedelta

import anyio

from lucca_sync.app.stores import opened_desk
from lucca_sync.egress.holding import Hold, encoded, target_key
from lucca_sync.testing.events import NOON
from tests.cli.conftest import Office
from tests.cli.queue import HIRED, SETTINGS


def test_every_lane_is_shown_with_what_waits_along_it(office: Office) -> None:
    lanes = {line["route"]: line for line in office.lines("routes", "status")}
    assert lanes["people"]["counts"] == {"pending": 1, "in_flight": 0, "retrying": 1, "parked": 1, "dead": 2}
    assert lanes["adults"]["configured"]
    assert "flows" in office.told("routes", "status")


def test_a_route_is_paused_only_with_yes_and_resumed_again(office: Office) -> None:
    assert "Nothing was changed" in office.told("routes", "pause", "people")
    assert office.lines("routes", "status")[-1]["paused"] is None
    office.told("routes", "pause", "people", "--reason", "moving the CRM", "--yes")
    paused = office.lines("routes", "status")[-1]["paused"]
    assert paused["reason"].endswith(": moving the CRM")
    assert "lucca-sync routes resume people" in office.told("routes", "status")
    office.told("routes", "resume", "people", "--yes")
    assert office.lines("routes", "status")[-1]["paused"] is None


def test_a_slip_of_the_keyboard_is_named(office: Office) -> None:
    code, text = office.run("routes", "pause", "peopel", "--yes")
    assert code == 2
    assert "did you mean people" in text
    assert office.run("routes", "resume", "people", "--yes")[0] == 1
    assert office.run("routes", "resume", "--yes")[0] == 2


def test_a_target_that_is_gone_is_shown_and_resumed(office: Office) -> None:
    async def disable() -> None:
        async with opened_desk(office.store) as desk:
            hold = Hold("disabled", NOON, "the target answered 410", NOON + timedelta(minutes=1))
            await desk.write_note(target_key("crm"), encoded(hold))

    anyio.run(disable)
    text = office.told("routes", "status")
    assert "target gone since 2026-01-05T12:00:00Z" in text
    assert "the target answered 410" in text
    office.told("routes", "resume", "--target", "crm", "--yes")
    assert office.lines("routes", "status")[-1]["target"] is None


def test_a_route_that_the_settings_no_longer_have_is_shown_with_what_waits(office: Office) -> None:
    office.config.write_text(SETTINGS.replace("  people:", "  persons:"))
    text = office.told("routes", "status")
    assert "not in the settings" in text
    assert "lucca-sync deliveries discard --route people --connector crm\n" in text


def test_giving_up_what_a_connector_left_behind_is_not_about_the_whole_route(office: Office) -> None:
    office.config.write_text(SETTINGS.replace("to: [crm]", "to: [chat]"))
    text = office.told("routes", "status")
    assert "lucca-sync deliveries discard --route people --connector crm\n" in text
    event = office.lines("deliveries", "list", "--state", "parked")[0]["event"]
    ways = {one["connector"]: one["why"] for one in office.json("explain", event)["routes"]}
    assert "no such route to it any more" in ways["crm"]


def test_a_route_that_left_the_settings_while_paused_is_still_shown_and_resumed(office: Office) -> None:
    office.told("routes", "pause", "people", "--yes")
    office.told("deliveries", "discard", "--all", "--yes")
    office.told("dead", "discard", "--all", "--yes")
    office.config.write_text(SETTINGS.replace("  people:", "  persons:"))
    assert [one["route"] for one in office.lines("routes", "status")] == ["adults", "people", "persons"]
    office.told("routes", "resume", "people", "--yes")
    assert [one["route"] for one in office.lines("routes", "status")] == ["adults", "persons"]


def test_maintenance_is_told_where_one_asks_why_nothing_flows(office: Office) -> None:
    window = 'maintenance: [{from: "00:00", until: "00:00"}], type: webhook, url: "https://crm'
    office.config.write_text(SETTINGS.replace('type: webhook, url: "https://crm', window))
    assert "maintenance until 20" in office.told("routes", "status")
    lanes = {line["route"]: line["maintenance"] for line in office.lines("routes", "status")}
    assert (lanes["adults"], bool(lanes["people"])) == (None, True)
    event = office.lines("deliveries", "list", "--state", "parked")[0]["event"]
    assert "the target is under maintenance until 20" in office.told("explain", event)


def test_a_snapshot_was_sent_where_a_person_asked_and_nowhere_else(office: Office) -> None:
    office.config.write_text(SETTINGS + "  more: {resources: [employees], to: [chat]}\n")
    office.told("resync", "--subject", "employees/5", "--to", "people", "--yes")
    (snapshot,) = office.lines("events", "tail", "--kind", "snapshot")
    ways = {one["route"]: one for one in office.json("explain", snapshot["id"])["routes"]}
    assert (ways["people"]["answer"], ways["more"]["answer"], ways["more"]["remark"]) == ("yes", "no", "")


def test_windows_that_make_no_sense_are_no_reason_to_show_nothing(office: Office) -> None:
    office.config.write_text(SETTINGS.replace("{type: webhook", "{maintenance: [7], type: webhook"))
    assert "flows" in office.told("routes", "status")


def test_why_a_delivery_waits_is_explained(office: Office) -> None:
    office.told("routes", "pause", "people", "--reason", "moving the CRM", "--yes")
    (way,) = [one for one in office.json("explain", HIRED["3"].id)["routes"] if one["route"] == "people"]
    assert way["remark"].startswith("the route is held back: paused by ")
    (way,) = [one for one in office.json("explain", HIRED["5"].id)["routes"] if one["route"] == "people"]
    assert way["remark"] == ""
