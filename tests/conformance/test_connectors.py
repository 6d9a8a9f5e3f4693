"""The built-in connectors hold to the contract that strangers are held to."""

import csv
import json
import re
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from lucca_connectors.jsonl import JsonlConnector
from lucca_connectors.payroll_file import PayrollFileConnector
from lucca_connectors.slack import SlackConnector
from lucca_connectors.webhook import WebhookConnector
from lucca_sync.testing.connectors import ConnectorContract, Mood, Scene
from tests.connectors.receiver import LOOPBACK, Received, Reply, receiving

SECRET = "whsec_" + b64encode(b"conformance-secret-of-32-bytes!!").decode()
NO_MORE_THAN_FILES_CAN = frozenset[Mood]({"healthy", "refusing", "gone"})


class TestWebhook(ConnectorContract):
    connector = WebhookConnector
    secret_keys = ("secret", "previous_secret", "url", "headers")

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        async with receiving() as receiver:
            section = {
                "type": "webhook",
                "url": f"{receiver.url}/hidden-path",
                "secret": SECRET,
                "allow": [LOOPBACK],
                "headers": {"Authorization": "Bearer of-bad-news"},
            }
            yield Scene(section, receiver, (SECRET, "hidden-path", "of-bad-news"))


class TestSlack(ConnectorContract):
    connector = SlackConnector
    secret_keys = ("webhook_url",)

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        async with receiving(Reply(404, body=b"no_service"), _id_in_text) as receiver:
            section = {
                "type": "slack",
                "webhook_url": f"{receiver.url}/services/T0/B0/hidden-path",
                "template": "[{{ id }}] {{ record.givenName }}, {{ previous.givenName }}",
                "allow": [LOOPBACK],
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
            }
            yield Scene(section, PayrollFolder(directory))


class TestJsonlFile(ConnectorContract):
    connector = JsonlConnector
    moods = NO_MORE_THAN_FILES_CAN

    @asynccontextmanager
    async def scene(self) -> AsyncGenerator[Scene]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "lines" / "events.jsonl"
            path.parent.mkdir()
            yield Scene({"type": "jsonl", "path": str(path)}, Lines(path))


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

    async def holding(self) -> None:
        await anyio.sleep_forever()


class PayrollFolder(Movable):
    async def received(self) -> list[str]:
        ids: list[str] = []
        for path in sorted(self._place.glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                ids += [row["Id"] for row in csv.DictReader(file, delimiter=";")]
        return ids


class Lines(Movable):
    def __init__(self, path: Path) -> None:
        super().__init__(path.parent)
        self._path = path

    async def received(self) -> list[str]:
        text = self._path.read_text("utf-8") if self._path.exists() else ""
        return [json.loads(line)["id"] for line in text.splitlines()]


def _id_in_text(got: Received) -> str:
    found = re.search(r"\[(\w+)\]", json.loads(got.body)["text"])
    return found[1] if found else ""
