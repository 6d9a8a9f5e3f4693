"""The guide for receivers: its program takes real deliveries, its example is an event as we send them."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
from cloudevents.core.formats.json import JSONFormat

from lucca_connectors.webhook import WebhookConnector
from lucca_sync import Done, Event, JsonObject, Outcome, Reject, Retry, outcome_of_status
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.event import KINDS
from lucca_sync.testing import opened, outcome_of
from lucca_sync.testing.events import an_event
from tests.docs.pages import DOCS, marked, table

GUIDE = DOCS / "guides" / "receive-webhooks.md"
SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
ANOTHER = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXpBQkNERUY="


@dataclass
class Running:
    """The guide's program while it runs."""

    process: Process
    output: BufferedByteReceiveStream
    url: str = ""

    async def line(self) -> str:
        return (await self.output.receive_until(b"\n", 1000)).decode()


@asynccontextmanager
async def receiver(folder: Path) -> AsyncGenerator[Running]:
    (program,) = marked(GUIDE, "runs")
    (folder / "receiver.py").write_text(program, encoding="utf-8")
    (folder / "webhook-secret").write_text(f"{SECRET}\n", encoding="utf-8")
    async with await anyio.open_process([sys.executable, "receiver.py", "0"], cwd=folder) as process:
        assert process.stdout is not None
        try:
            running = Running(process, BufferedByteReceiveStream(process.stdout))
            running.url = f"http://127.0.0.1:{(await running.line()).split()[-1]}"
            yield running
        finally:
            process.terminate()


async def delivered(to: Running, secret: str, *events: Event) -> list[Outcome]:
    section = {"type": "webhook", "url": to.url, "secret": secret, "allow": ["127.0.0.1"]}
    async with opened(WebhookConnector, section, SystemClock()) as connector:
        await connector.check()
        return [await outcome_of(connector, event) for event in events]


async def test_the_receiver_takes_a_signed_event_and_drops_its_repeat(tmp_path: Path) -> None:
    event, later = an_event(record_id="7"), an_event(record_id="8")
    async with receiver(tmp_path) as running:
        assert await delivered(running, SECRET, event, event, later) == [Done("HTTP 204")] * 3
        assert await running.line() == f"000000000001 lucca.employee.updated {event.subject}"
        assert await running.line() == f"000000000001 lucca.employee.updated {later.subject}"


async def test_the_receiver_refuses_a_wrong_signature_in_a_way_that_is_tried_again(tmp_path: Path) -> None:
    async with receiver(tmp_path) as running:
        (outcome,) = await delivered(running, ANOTHER, an_event())
    assert isinstance(outcome, Retry)
    assert "401" in outcome.reason


def example() -> JsonObject:
    (block,) = marked(GUIDE, "an event")
    return cast("JsonObject", json.loads(block))


def test_the_example_is_an_event_as_we_send_them() -> None:
    JSONFormat().read(None, json.dumps(example()).encode())
    assert shape(example()) == shape(an_event().cloudevent())


def shape(event: JsonObject) -> dict[str, type]:
    """Names and types of the envelope and of what `data` holds."""
    data = cast("JsonObject", event["data"])
    named = {**event, **{f"data.{name}": value for name, value in data.items()}}
    return {name: type(value) for name, value in named.items()}


def test_every_attribute_that_we_send_is_explained_and_no_other() -> None:
    told = {row[0] for row in table(GUIDE.read_text("utf-8"), "attribute")}
    sent = {name for kind in KINDS for name in shape(an_event(kind=kind).cloudevent())}
    assert told == sent - {"specversion", "datacontenttype", "data"}


def test_the_answers_are_explained_as_they_are_understood() -> None:
    rows = {row[0]: row[1] for row in table(GUIDE.read_text("utf-8"), "your answer")}
    now = SystemClock().now()
    for answers, follows in rows.items():
        for status in (int(word.strip(",")) for word in answers.split() if word.strip(",").isdigit()):
            outcome = outcome_of_status(status, None, now)
            assert isinstance(outcome, Reject) == ("dead letter" in follows), status
            assert getattr(outcome, "overloaded", False) == ("later than usual" in follows), status
