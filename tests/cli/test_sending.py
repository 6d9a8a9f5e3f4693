"""Former events, all records of a resource, or one of them are sent along a route because a person asks."""

import signal
import subprocess
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import anyio
import pytest

from lucca_sync.app.sending import Order, Sent, Way, replayed
from lucca_sync.cli import backfill, replay
from lucca_sync.cli.exits import INTERRUPTED
from lucca_sync.egress.route import Route
from lucca_sync.journal.protocol import Claim, EventFilter, ResourceName, Write
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.model.delivery import Lane
from lucca_sync.testing.events import NOON, an_event
from tests.cli.command import COMMAND
from tests.cli.conftest import Office
from tests.cli.queue import CRM, EMPLOYEES, HIRED, RENAMED, deliveries
from tests.cli.store import write_of
from tests.cli.test_deliveries import BEFORE

CHAT = Lane("adults", "chat")
LATER = NOON + timedelta(days=4000)


def claimed(office: Office, lane: Lane) -> list[Claim]:
    """Take what can be claimed along a lane, all of each subject's, as a daemon would in the end."""

    async def claim() -> list[Claim]:
        journal = await open_sqlite(office.store)
        found = await journal.claim(lane, now=LATER, lease=timedelta(minutes=1), limit=100)
        await journal.release(found)
        await journal.close()
        return list(found)

    return anyio.run(claim)


def test_without_yes_nothing_is_sent(office: Office) -> None:
    for command in (
        ("replay", "--since", "2026-01-01", "--to", "people"),
        ("backfill", "--resource", "employees", "--to", "people"),
        ("resync", "--subject", "employees/5", "--to", "people"),
    ):
        assert "Nothing was changed: add --yes" in office.told(*command)
    assert office.states() == BEFORE


def test_replay_sends_delivered_events_again_with_their_ids(office: Office) -> None:
    sent = office.json("replay", "--since", "2026-01-01", "--to", "people", "--record", "5", "--yes")
    assert (sent["seen"], sent["queued"]) == (1, 1)
    assert HIRED["5"].id in {claim.event.id for claim in claimed(office, CRM)}


def test_replay_is_about_what_was_before_it(office: Office) -> None:
    """What is journaled meanwhile goes its way by itself: a slow replay would send it a second time."""
    way = Way(Route("people", None, ("crm",)), (CRM,))
    order = Order(NOON, "replayed", 0, apply=True)
    told: list[Sent] = []
    sent = anyio.run(replayed, office.store, way, EventFilter(), order, told.append)
    assert (sent.seen, sent.queued) == (0, 0)


@pytest.mark.parametrize(
    ("command", "at_work", "go_on"),
    [
        (("backfill", "--resource", "employees"), (backfill, "backfilled"), "--after 1"),
        (("replay", "--since", "2026-01-01"), (replay, "replayed"), "--since 2026-01-05T12:00:00.000Z"),
    ],
)
def test_what_is_cut_off_says_how_far_it_came_and_how_to_go_on(
    command: tuple[str, ...],
    at_work: tuple[object, str],
    go_on: str,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work: Callable[..., Awaitable[Sent]] = getattr(*at_work)

    def until_the_first(tell: Callable[[Sent], object]) -> Callable[[Sent], None]:
        def told(sent: Sent) -> None:
            tell(sent)
            if sent.queued:
                raise KeyboardInterrupt

        return told

    async def interrupted(*given: Any) -> Sent:  # noqa: ANN401 - passed on
        """Do it until Ctrl-C is pressed, as soon as the first is queued."""
        return await work(*(until_the_first(one) if callable(one) else one for one in given))

    monkeypatch.setattr(*at_work, interrupted)
    code, text = office.run(*command, "--to", "people", "--rate", "0.01", "--yes")
    assert code == INTERRUPTED
    assert "1 delivery queued." in text
    assert text.rstrip("\n").endswith(f"That was cut off. The rest: the same again with {go_on}")


@pytest.mark.parametrize(
    "command", [("backfill", "--resource", "employees"), ("replay", "--since", "2026-01-01")]
)
def test_ctrl_c_ends_it_while_it_rests_and_says_how_to_go_on(
    command: tuple[str, ...], office: Office
) -> None:
    """How far it says that it came may be less by what was just being written."""
    way = ("--to", "people", "--rate", "0.01", "--yes", "-c", str(office.config))
    with subprocess.Popen([*COMMAND, *command, *way], stdout=subprocess.PIPE, text=True) as process:
        try:
            anyio.run(something_by_hand, office)
            process.send_signal(signal.SIGINT)
            text, _ = process.communicate(timeout=60)
        finally:
            process.kill()  # else the block would wait for it
    assert process.returncode == INTERRUPTED
    assert "That was cut off. The rest: the same again" in text


async def something_by_hand(office: Office) -> None:
    """Wait until a person's command has queued something."""
    before = len(BEFORE)
    with anyio.fail_after(60):
        while True:
            found = [(one.subject, one.state) for one in await deliveries(office.store)]
            if found[:before] != BEFORE or len(found) > before:
                return
            await anyio.sleep(0.02)


@pytest.mark.looptime
@pytest.mark.parametrize(("apply", "told"), [(True, [0, 2, 4, 6]), (False, [0, 6])])
async def test_a_slow_replay_tells_how_far_it_is_after_each_handful_and_a_rehearsal_hurries(
    apply: bool,  # noqa: FBT001 - a parameter of the test
    told: list[int],
    office: Office,
) -> None:
    way = Way(Route("people", None, ("crm",)), (CRM,))
    order = Order(NOON + timedelta(days=1), "replayed", 2, apply)
    seen: list[int] = []
    began = anyio.current_time()
    await replayed(office.store, way, EventFilter(), order, lambda sent: seen.append(sent.seen))
    assert seen == told
    assert not apply or anyio.current_time() - began > 0.9 * 6 / order.per_second


def test_replay_leaves_alone_what_is_open(office: Office) -> None:
    sent = office.json("replay", "--since", "2026-01-01", "--to", "people", "--record", "3", "--yes")
    assert (sent["wanted"], sent["queued"]) == (1, 0)
    assert ("employees/3", "retrying") in office.states()


def test_a_new_route_gets_what_it_asks_for_and_no_more(office: Office) -> None:
    sent = office.json("replay", "--since", "2026-01-01", "--to", "adults", "--yes")
    assert sent["queued"] == 0
    assert sent["refused"] == {"its condition (`when`) is false": 6}


def test_people_are_told_why_the_others_are_not_sent(office: Office) -> None:
    assert office.told("replay", "--since", "2026-01-01", "--to", "adults") == (
        "6 events looked at; 0 for adults, the others not:\n"
        "  6  its condition (`when`) is false\n"
        "Nothing was changed: add --yes to do it.\n"
    )


def test_backfill_sends_every_living_record_as_it_stands(office: Office) -> None:
    async def know() -> None:
        journal = await open_sqlite(office.store)
        contents = {"7": b'{"id":"7","age":"adult"}', "8": b'{"id":"8","age":"child"}'}
        writes = [Write(name, content, name.encode() * 16, 0) for name, content in contents.items()]
        await journal.commit_writes(EMPLOYEES, NOON, writes)
        await journal.close()

    anyio.run(know)
    sent = office.json("backfill", "--resource", "employees", "--to", "chat", "--rate", "0", "--yes")
    assert (sent["seen"], sent["wanted"], sent["queued"]) == (7, 1, 1)
    (claim,) = claimed(office, CHAT)
    event = claim.event
    assert (event.type, event.subject, event.sequence) == ("lucca.employee.snapshot", "employees/7", 0)
    assert (event.record, event.previous, event.changes) == ({"id": "7", "age": "adult"}, None, ())
    assert event.source == "https://acme.ilucca.net"


def test_a_snapshot_of_the_same_record_has_the_same_id_each_time(office: Office) -> None:
    ids: set[str] = set()
    for _ in range(2):
        office.told("resync", "--subject", "employees/5", "--to", "people", "--yes")
        ids |= {one["event"] for one in office.lines("deliveries", "list", "--record", "5")}
    assert len(ids) == 1


def test_a_run_that_was_cut_off_goes_on_where_it_was(office: Office) -> None:
    first = office.json("backfill", "--resource", "employees", "--to", "people", "--after", "3")
    assert first["seen"] == 2


def test_who_is_gone_is_told_to_be_gone_again(office: Office) -> None:
    gone = an_event(kind="deleted", record_id="5", sequence=2, previous={"id": "5"}, changes=())

    async def leave() -> None:
        journal = await open_sqlite(office.store)
        await journal.commit_writes(EMPLOYEES, NOON, [write_of(gone)])
        await journal.close()

    anyio.run(leave)
    assert office.json("resync", "--subject", "employees/5", "--to", "people", "--yes")["queued"] == 1
    assert gone.id in {claim.event.id for claim in claimed(office, CRM)}


def test_snapshots_stay_behind_what_waits_for_the_same_subject(office: Office) -> None:
    office.told("resync", "--subject", "employees/1", "--to", "people", "--yes")
    mine = [claim.event.id for claim in claimed(office, CRM) if claim.event.record_id == "1"]
    assert mine == [RENAMED.id]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("replay", "--since", "1d", "--to", "peopel"), "did you mean people"),
        (("replay", "--since", "1d", "--to", "people:chat"), "leads to crm, not to chat"),
        (("replay", "--since", "yesterday", "--to", "people"), "must be like 7d"),
        (("backfill", "--resource", "employes", "--to", "people"), "did you mean employees"),
        (("backfill", "--resource", "employees", "--tenant", "acne", "--to", "people"), "did you mean acme"),
        (("resync", "--subject", "employees", "--to", "people"), "such as employees/416"),
    ],
)
def test_what_makes_no_sense_is_said_with_what_would(
    command: tuple[str, ...], words: str, office: Office
) -> None:
    code, text = office.run(*command)
    assert code == 2
    assert words in text


def test_a_subject_that_was_never_seen_is_said_to_be_so(office: Office) -> None:
    code, text = office.run("resync", "--subject", "employees/77", "--to", "people", "--yes")
    assert (code, text) == (
        1,
        "lucca-sync: employees/77 was never seen: no look has shown a record with this id\n",
    )


def test_a_resource_that_the_route_does_not_ask_for_is_told_and_not_sent(office: Office) -> None:
    async def know() -> None:
        journal = await open_sqlite(office.store)
        write = Write("3", b'{"id":"3"}', b"d" * 16, 0)
        await journal.commit_writes(ResourceName("acme", "departments"), NOON, [write])
        await journal.close()

    anyio.run(know)
    sent = office.json("backfill", "--resource", "departments", "--to", "people", "--yes")
    assert (sent["queued"], sent["refused"]) == (0, {"departments is not among its resources": 1})
