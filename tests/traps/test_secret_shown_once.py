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
from lucca_sync.lucca.errors import Refused
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
    made: int = 0
    refuses: bool = False
    """Whether it finds no answer at the address when it is to activate an endpoint."""

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
            if self.refuses:
                raise Refused(400)
            self.endpoints[path.rpartition("/")[2]]["status"] = "active"
            return Reply(200, {}, b"{}")
        self.made += 1
        made = str(self.made)
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
    with pytest.raises(NotRegistered, match="no-such-folder"):
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


async def test_a_replacement_that_nobody_could_switch_on_leaves_the_former_one_working(
    tmp_path: Path,
) -> None:
    ours, lucca, _ = registrar(tmp_path / "hint-secret")
    await ours.register(ADDRESS, replace=False)
    lucca.file.write_text("that of the first", "utf-8")
    lucca.refuses = True
    with pytest.raises(Refused):
        await ours.register(ADDRESS, replace=True)
    assert (lucca.file.read_text("utf-8"), list(lucca.endpoints)) == ("that of the first", ["1"])
    assert stat.S_IMODE(lucca.file.stat().st_mode) == 0o600


async def test_a_first_one_that_nobody_could_switch_on_yet_is_switched_on_when_it_is_run_again(
    tmp_path: Path,
) -> None:
    ours, lucca, _ = registrar(tmp_path / "hint-secret")
    lucca.refuses = True
    with pytest.raises(Refused):
        await ours.register(ADDRESS, replace=False)
    lucca.refuses = False
    assert await ours.register(ADDRESS, replace=False)
    assert [one["status"] for one in lucca.endpoints.values()] == ["active"]


async def test_an_endpoint_that_leads_elsewhere_is_taken_away_only_when_asked(tmp_path: Path) -> None:
    """It may be that of another daemon, which would never hear of it."""
    ours, lucca, told = registrar(tmp_path / "hint-secret")
    elsewhere = "https://production.example.org/hints/acme"
    await ours.register(elsewhere, replace=False)
    lucca.file.unlink()
    await ours.register(ADDRESS, replace=False)
    assert [one["webhookUrl"] for one in lucca.endpoints.values()] == [elsewhere, ADDRESS]
    assert "--replace" in told[-1]
    await ours.register(ADDRESS, replace=True)
    assert [one["webhookUrl"] for one in lucca.endpoints.values()] == [ADDRESS]


async def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link = tmp_path / "hint-secret"
    link.symlink_to(tmp_path / "kept" / "secret")
    ours, _, _ = registrar(link)
    await ours.register(ADDRESS, replace=False)
    assert link.is_symlink()
    assert (tmp_path / "kept" / "secret").read_text("utf-8").strip() == SHOWN_ONCE


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.org/hints/acme",
        "https://user:planted@hooks.example.org/hints/acme",
        "https://[::/hints/acme",
        "https:///hints/acme",
        "https://hooks.example.org/hints/acme\n",
        "https://hooks.example.org/hints/acme?x=1",
        "https://hooks.example.org/hints/globex",
        "",
    ],
)
async def test_an_address_that_cannot_lead_here_asks_nothing_of_lucca(address: str, tmp_path: Path) -> None:
    ours, lucca, told = registrar(tmp_path / "hint-secret")
    with pytest.raises(NotRegistered, match="the address must") as caught:
        await ours.register(address, replace=False)
    assert "planted" not in str(caught.value)
    assert (lucca.endpoints, told) == ({}, [])
