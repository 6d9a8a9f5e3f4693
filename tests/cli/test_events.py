"""What changed, and what became of it, can be read from the journal, for people and for programs."""

import json
import signal
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import pytest
from msgspec import structs

from lucca_sync.cli.entry import exit_code
from lucca_sync.cli.events import follow_journal
from lucca_sync.journal.protocol import EventEntry, EventFilter, ResourceName, Write
from lucca_sync.journal.sqlite import open_sqlite
from lucca_sync.model.event import Business, Event, FieldChange
from lucca_sync.testing.events import NOON, an_event
from tests.cli.command import COMMAND
from tests.cli.store import GONE, HIRED, RENAMED, fill, write_of

ALL = (HIRED, RENAMED, GONE)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    anyio.run(fill, path)
    return path


def events(*arguments: object) -> int:
    return exit_code(["events", *map(str, arguments)])


def test_tail_shows_who_changed_and_where_and_no_value(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert events("tail", "--store", store) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"2026-01-05T12:00:00Z  {HIRED.id[:12]}  created  acme  employees/7 #1",
        f"2026-01-05T12:01:00Z  {RENAMED.id[:12]}  updated  acme  employees/7 #2  /givenName  /tags",
        f"2026-01-05T12:02:00Z  {GONE.id[:12]}  deleted  other  departments/3 #1",
    ]


def test_business_events_go_by_their_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved = a_business_event()
    anyio.run(journal, tmp_path / "journal.db", moved)
    assert events("tail", "--store", tmp_path / "journal.db", "--kind", "business") == 0
    assert "  position.changed  acme  people/7 #1  /manager/id\n" in capsys.readouterr().out
    assert events("show", "--store", tmp_path / "journal.db", moved.id) == 0
    told = capsys.readouterr().out
    assert told.startswith("people/7 position.changed  of tenant acme\n")
    assert '/manager/id  "1"     →  "2"' in told
    assert "/startsOn" not in told


def test_an_event_whose_contents_are_gone_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    anyio.run(journal, tmp_path / "journal.db", RENAMED, RENAMED.recorded + timedelta(seconds=1))
    assert events("show", "--store", tmp_path / "journal.db", RENAMED.id) == 0
    assert "no longer kept" in capsys.readouterr().out
    assert events("show", "--store", tmp_path / "journal.db", RENAMED.id, "-o", "json") == 0
    assert json.loads(capsys.readouterr().out)["emptied"]


def a_business_event() -> Event:
    """Make one that tells what differs, and carries the whole record."""
    moved = an_event(
        kind="business",
        resource="people",
        record_id="7",
        record={"id": "31", "startsOn": "2026-02-01", "manager": {"id": "2"}},
        changes=(FieldChange("/manager/id", "1", "2"),),
    )
    return structs.replace(moved, business=Business("position.changed", "job-positions", "2026-02-01", ()))


async def journal(path: Path, event: Event, empty_before: datetime | None = None) -> None:
    """Journal one event, and empty those that are older."""
    journal = await open_sqlite(path)
    name = ResourceName(event.tenant, event.resource)
    if event.sequence > 1:
        await journal.commit_writes(name, NOON, [Write(event.record_id, b"{}", b"d" * 16, 0)])
        event = structs.replace(event, sequence=1)
    await journal.commit_writes(name, NOON, [write_of(event)])
    if empty_before is not None:
        await journal.empty(empty_before, 10)
    await journal.close()


def test_tail_shows_values_when_asked(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert events("tail", "--store", store, "--values", "--kind", "updated") == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        '    /givenName  "Ada"  →  "Grace"',
        '    /tags       ["a"]  →  null',
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ALL),
        (("--tenant", "acme"), (HIRED, RENAMED)),
        (("--resource", "departments"), (GONE,)),
        (("--record", "7", "--kind", "updated"), (RENAMED,)),
        (("-n", "2"), (RENAMED, GONE)),
        (("-n", "0"), ()),
        (("--tenant", "nobody"), ()),
    ],
)
def test_tail_gives_programs_the_wanted_events(
    options: Sequence[str], expected: Sequence[object], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert events("tail", "--store", store, "-o", "json", *options) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in told] == [event.id for event in ALL if event in expected]
    assert all("data" not in line for line in told)


def test_programs_get_values_when_they_ask(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert events("tail", "--store", store, "-o", "json", "--values", "--kind", "updated") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["data"] == RENAMED.data
    assert (told["paths"], told["position"], told["tenant"]) == (["/givenName", "/tags"], 2, "acme")


def test_show_tells_before_and_after_and_every_attempt(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert events("show", HIRED.id[:8], "--store", store) == 0
    assert (
        capsys.readouterr().out
        == f"""\
employees/7 created  of tenant acme
  id        {HIRED.id}
  type      lucca.employee.created
  sequence  1 of this subject, 1 in the journal
  happened  2026-01-05T12:00:00Z
  noticed   2026-01-05T12:00:00Z by sweep

  path        before     after
  /id                 →  "7"
  /givenName          →  "Ada"

→ crm by route people: done
    2026-01-05T12:00:00Z  attempt 1  retrying  the target answered 503
    2026-01-05T12:00:10Z  attempt 2  done
→ chat by route news: done
    2026-01-05T12:00:10Z  attempt 1  done
"""
    )


def test_show_tells_what_is_still_to_come(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert events("show", RENAMED.id, "--store", store) == 0
    assert "→ crm by route people: pending, due 2026-01-05T12:00:00Z\n" in capsys.readouterr().out


def test_a_record_that_went_is_shown_as_it_last_was(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert events("show", GONE.id, "--store", store) == 0
    shown = capsys.readouterr().out
    assert '  /id    "3"                →\n' in shown
    assert "No route asked for this event." in shown


def test_a_record_can_not_command_the_terminal(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert events("show", GONE.id, "--store", store) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_show_gives_programs_everything(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert events("show", HIRED.id, "--store", store, "-o", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["data"] == HIRED.data
    assert [(one["connector"], one["state"], len(one["attempts"])) for one in told["deliveries"]] == [
        ("crm", "done", 2),
        ("chat", "done", 1),
    ]
    assert told["deliveries"][0]["attempts"][0] == {
        "number": 1,
        "at": "2026-01-05T12:00:00.000Z",
        "state": "retrying",
        "reason": "the target answered 503",
        "by_hand": False,
    }


def test_an_event_that_is_not_there_is_a_failure(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert events("show", "0000", "--store", store) == 1
    assert "no event, or more than one" in capsys.readouterr().err


def test_a_journal_that_is_not_there_is_to_be_tried_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert events("tail", "--store", tmp_path / "absent.db") == 75
    assert capsys.readouterr().err.startswith("lucca-sync: ")


def test_the_settings_name_the_journal(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their secrets and variables need not be there."""
    config = tmp_path / "lucca-sync.yaml"
    config.write_text(f"store: sqlite:{store.name}\ntenants: {{a: '${{NOT_SET_HERE}}'}}", "utf-8")
    assert events("tail", "--config", config) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


async def test_ctrl_c_is_how_following_ends(store: Path) -> None:
    command = [*COMMAND, "events", "tail", "-f", "--store", str(store)]
    async with await anyio.open_process(command) as process:
        assert process.stdout
        assert process.stderr
        try:
            await process.stdout.receive()
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
            with pytest.raises(anyio.EndOfStream):
                await process.stderr.receive()
        finally:
            if process.returncode is None:  # else the block would wait for it
                process.kill()


def test_looking_changes_nothing(store: Path) -> None:
    before = store.read_bytes()
    assert events("tail", "--store", store) == 0
    assert store.read_bytes() == before


@dataclass
class Growing:
    """A journal that grows by one event each time it is looked at."""

    written: list[EventEntry] = field(default_factory=list[EventEntry])
    asked: list[int] = field(default_factory=list[int])

    def grow(self) -> None:
        position = len(self.written) + 1
        self.written.append(EventEntry(position, an_event(sequence=position)))

    async def newest(self, *, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        return self.written[-limit:]

    async def events(self, *, after: int, limit: int, wanted: EventFilter) -> Sequence[EventEntry]:
        self.asked.append(after)
        if len(self.asked) % 2 == 0:
            self.grow()
        return self.written[after : after + limit]


@pytest.mark.looptime
@pytest.mark.parametrize(("already", "count", "first"), [(0, 20, 1), (3, 2, 2), (3, 0, 4), (3, 20, 1)])
async def test_following_shows_each_event_once_from_where_it_began(
    already: int, count: int, first: int
) -> None:
    journal = Growing()
    for _ in range(already):
        journal.grow()
    seen: list[int] = []
    async with aclosing(follow_journal(journal, EventFilter(), count=count, follow=True)) as entries:
        async for entry in entries:
            seen.append(entry.position)
            if entry.position == already + 4:
                break
    assert seen == list(range(first, already + 5))


async def test_without_following_it_ends() -> None:
    journal = Growing()
    journal.grow()
    entries = follow_journal(journal, EventFilter(), count=5, follow=False)
    assert [entry.position async for entry in entries] == [1]
    assert journal.asked == []
