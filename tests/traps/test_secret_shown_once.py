"""Trap 38: the secret of an endpoint is in one answer of Lucca's; it is in its file, or it is lost."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from lucca_sync.app.registration import NotRegistered, Registrar
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.client import Answer
from lucca_sync.lucca.endpoints import DELIVERIES, Endpoints
from lucca_sync.lucca.wire import Reply, Writing
from lucca_sync.model.catalogue import Resource
from lucca_sync.model.values import JsonObject
from lucca_sync.settings.model import Tenant

ADDRESS = "https://hooks.example.org/hints/acme"
SHOWN_ONCE = "shown-once"


@dataclass
class Lucca:
    """Holds endpoints, shows each secret once, and notes what the file held at each activation."""

    file: Path
    endpoints: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    at_activation: list[str] = field(default_factory=list[str])

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        found: Mapping[str, object] = {"items": list(self.endpoints.values())}
        if resource is DELIVERIES:
            found = {"id": "1", "status": "delivered", "attemptsCount": 1}
        return Answer(url, msgspec.json.encode(found), None)

    async def write(self, path: str, writing: Writing, *, resource: Resource, purpose: Purpose) -> Reply:
        if resource is DELIVERIES:
            return Reply(201, {}, b'{"id": "1"}')
        if writing.method == "DELETE":
            del self.endpoints[path.rpartition("/")[2]]
            return Reply(204, {}, b"")
        asked = msgspec.json.decode(writing.body or b"", type=dict[str, object])
        if writing.method == "PATCH":
            self.at_activation.append(self.file.read_text("utf-8"))
            return Reply(200, {}, b"{}")
        made = str(len(self.endpoints) + 1)
        self.endpoints[made] = {
            "id": made,
            "name": str(asked["name"]),
            "webhookUrl": str(asked["webhookUrl"]),
            "status": str(asked["status"]),
        }
        return Reply(201, {}, msgspec.json.encode({**self.endpoints[made], "secret": SHOWN_ONCE}))


def registrar(file: Path) -> tuple[Registrar, Lucca, list[str]]:
    """A registrar whose settings name the file, the tenant, and what is told on the way."""
    tenant = Tenant.model_validate(
        {
            "url": "https://acme.ilucca.net",
            "client_id": "c",
            "client_secret": "s",
            "resources": {"employees": None},
            "hints": {"secret_file": str(file)},
        }
    )
    lucca, told = Lucca(file), list[str]()
    return Registrar("acme", tenant, Endpoints(lucca), told.append), lucca, told


async def test_the_secret_is_in_its_file_before_the_endpoint_is_switched_on(tmp_path: Path) -> None:
    ours, lucca, told = registrar(tmp_path / "hint-secret")
    assert await ours.register(ADDRESS, replace=False)
    assert [text.strip() for text in lucca.at_activation] == [SHOWN_ONCE]
    assert stat.S_IMODE(lucca.file.stat().st_mode) == 0o600
    assert SHOWN_ONCE not in str(told)


async def test_a_file_that_cannot_be_written_leaves_no_endpoint_whose_secret_nobody_has(
    tmp_path: Path,
) -> None:
    ours, lucca, _ = registrar(tmp_path / "no-such-folder" / "hint-secret")
    with pytest.raises(OSError, match="no-such-folder"):
        await ours.register(ADDRESS, replace=False)
    assert lucca.endpoints == {}


async def test_a_secret_that_is_there_is_never_written_over_unasked(tmp_path: Path) -> None:
    file = tmp_path / "hint-secret"
    file.write_text("somebody else's", "utf-8")
    ours, lucca, _ = registrar(file)
    with pytest.raises(NotRegistered, match="--replace"):
        await ours.register(ADDRESS, replace=False)
    assert (file.read_text("utf-8"), lucca.endpoints) == ("somebody else's", {})


async def test_a_replaced_endpoint_goes_only_after_the_new_secret_is_kept(tmp_path: Path) -> None:
    ours, lucca, _ = registrar(tmp_path / "hint-secret")
    await ours.register(ADDRESS, replace=False)
    lucca.file.write_text("an older one", "utf-8")
    await ours.register(ADDRESS, replace=True)
    assert lucca.file.read_text("utf-8").strip() == SHOWN_ONCE
    assert list(lucca.endpoints) == ["2"]
