"""The built-in connectors hold to the contract that strangers are held to."""

import csv
import json
import re
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import SkipTest

import anyio

from lucca_connectors.jsonl import JsonlConnector
from lucca_connectors.payroll_file import PayrollFileConnector
from lucca_connectors.slack import SlackConnector
from lucca_connectors.webhook import WebhookConnector
from lucca_sync import Delivery
from lucca_sync.testing import (
    Arrival,
    ConnectorContract,
    Mood,
    Reply,
    Request,
    Scene,
    a_delivery,
    an_event,
    http_target,
)

SECRET = "whsec_" + b64encode(b"conformance-secret-of-32-bytes!!").decode()
NO_MORE_THAN_FILES_CAN = frozenset[Mood]({"healthy", "refusing", "gone"})


class TestWebhook(ConnectorContract):
    connector = WebhookConnector
    secret_keys = ("secret", "previous_secret", "url", "headers")

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        async with http_target() as receiver:
            section = {
                "type": "webhook",
                "url": f"{receiver.url}/hidden-path",
                "secret": SECRET,
                "allow": ["127.0.0.1"],
                "headers": {"Authorization": "Bearer of-bad-news"},
            }
            yield Scene(section, receiver, (SECRET, "hidden-path", "of-bad-news"))


class TestSlack(ConnectorContract):
    connector = SlackConnector
    secret_keys = ("webhook_url",)

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        async with http_target(_id_in_text, Reply(404, body=b"no_service")) as receiver:
            section = {
                "type": "slack",
                "webhook_url": f"{receiver.url}/services/T0/B0/hidden-path",
                "template": "[{{ id }}] {{ record.givenName }}, {{ previous.givenName }}",
                "allow": ["127.0.0.1"],
                "spacing": "0s",
            }
            yield Scene(section, receiver, ("hidden-path",))


class TestPayrollFile(ConnectorContract):
    connector = PayrollFileConnector
    moods = NO_MORE_THAN_FILES_CAN

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        with TemporaryDirectory() as folder:
            directory = Path(folder) / "payroll"
            directory.mkdir()
            section = {
                "type": "payroll_file",
                "directory": str(directory),
                "file": "absences-{{ batch.number }}.csv",
                "columns": {"Id": "id", "Prénom": "record.givenName", "Avant": "changes[0].before"},
                "encoding": "cp1252",
            }
            yield Scene(section, PayrollFolder(directory))

    async def poisoned(self, scene: Scene, number: int) -> Delivery:
        """The file's encoding has no Russian letters."""
        record_id = str(number)
        return a_delivery(an_event(record_id=record_id, record={"id": record_id, "givenName": "Жанна"}))


class TestJsonlFile(ConnectorContract):
    connector = JsonlConnector
    moods = NO_MORE_THAN_FILES_CAN

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "lines" / "events.jsonl"
            path.parent.mkdir()
            yield Scene({"type": "jsonl", "path": str(path)}, Lines(path))

    async def poisoned(self, scene: Scene, number: int) -> Delivery:
        """Every event can be a line."""
        raise SkipTest("nothing is refused by a file of lines")


class Movable:
    """A place in the file system that can go away, or be something else than expected."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._away = place.with_name(place.name + ".away")

    async def become(self, mood: Mood) -> None:
        if self._place.is_file():
            self._place.unlink()
        if self._away.exists():
            self._away.rename(self._place)
        if mood != "healthy":
            self._place.rename(self._away)
        if mood == "refusing":
            self._place.write_bytes(b"in the way")

    async def holding(self) -> int:
        await anyio.sleep_forever()
        return 0


class PayrollFolder(Movable):
    async def received(self) -> list[Arrival]:
        rows: list[dict[str, str]] = []
        for path in sorted(self._place.glob("*.csv")):
            with path.open(encoding="cp1252", newline="") as file:
                rows += csv.DictReader(file, delimiter=";")
        return [Arrival(row["Id"], json.dumps(row).encode()) for row in rows]


class Lines(Movable):
    def __init__(self, path: Path) -> None:
        super().__init__(path.parent)
        self._path = path

    async def received(self) -> list[Arrival]:
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        return [Arrival(json.loads(line)["id"], line) for line in lines]


def _id_in_text(got: Request) -> str:
    found = re.search(r"\[(\w+)\]", json.loads(got.body)["text"])
    return found[1] if found else ""
