"""Watching over our endpoint at Lucca."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.attention import Listening
from lucca_sync.ingest.endpoint import HOURLY, SOON, EndpointWatch
from lucca_sync.kit.clock import LoopClock
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.client import Answer
from lucca_sync.lucca.endpoints import Endpoints
from lucca_sync.lucca.errors import Refused, ScopeMissing, SourceError, Unavailable
from lucca_sync.lucca.wire import Reply, Writing
from lucca_sync.model.catalogue import Resource
from lucca_sync.model.values import JsonObject
from lucca_sync.obs.metrics import Metrics
from tests.ingest.watching import START

pytestmark = pytest.mark.looptime
ADDRESS = "https://hooks.example.org/hints/acme"


def endpoint(id: str = "12", status: str = "active", **fields: str) -> JsonObject:
    return {"id": id, "name": "lucca-sync", "webhookUrl": ADDRESS, "status": status, "topics": [], **fields}


@dataclass
class Lucca:
    """Holds endpoints; switches them on when asked to, unless it `refuses`."""

    held: list[JsonObject] = field(default_factory=list[JsonObject])
    trouble: SourceError | None = None
    refuses: SourceError | None = None
    written: list[tuple[str, Writing]] = field(default_factory=list[tuple[str, Writing]])

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        if self.trouble is not None:
            raise self.trouble
        return Answer(url, msgspec.json.encode({"items": self.held}), None)

    async def write(self, path: str, writing: Writing, *, resource: Resource, purpose: Purpose) -> Reply:
        self.written.append((path, writing))
        if self.refuses is not None:
            raise self.refuses
        for one in self.held:
            one["status"] = "active"
        return Reply(200, {}, b"{}")


class Watching:
    def __init__(self, *held: JsonObject) -> None:
        self.lucca = Lucca(list(held))
        self.listening = Listening()
        self.metrics = Metrics()
        self.metrics.initialise_tenant("acme", [])
        self.repairs = 0
        self.watch = EndpointWatch(
            "acme", Endpoints(self.lucca), self.metrics, LoopClock(START), self.listening, self.repair
        )

    def repair(self) -> None:
        self.repairs += 1

    @property
    def active(self) -> float | None:
        return self.metrics.registry.get_sample_value("lucca_sync_hints_active", {"tenant": "acme"})

    async def look(self) -> Sequence[str]:
        """Look once; return what was said."""
        with capture_logs() as logs:
            assert await self.watch.look()
        return [line.get("state", line["event"]) for line in logs]


async def test_an_active_endpoint_needs_nothing() -> None:
    at = Watching(endpoint(), endpoint("13", name="somebody else's"))
    assert await at.look() == []
    assert (at.active, at.lucca.written, at.watch.rest()) == (1, [], HOURLY)
    assert at.listening.working_since("hint") == START


async def test_a_suspended_endpoint_is_switched_on_again_and_the_hole_refilled() -> None:
    """Trap 31: whatever made Lucca suspend it, it does not stay so."""
    at = Watching(endpoint(status="suspended"))
    at.listening.works("hint", START)
    assert await at.look() == ["suspended", "hints_active"]
    ((path, writing),) = at.lucca.written
    assert (path, writing.method, writing.body) == (
        "/lucca-api/webhook-endpoints/12",
        "PATCH",
        b'{"status":"active"}',
    )
    assert (at.active, at.repairs) == (1, 1)


async def test_while_it_cannot_be_switched_on_it_is_tried_again_soon() -> None:
    at = Watching(endpoint(status="suspended"))
    at.lucca.refuses = Refused(400, "the address did not answer")
    for _ in range(2):
        with capture_logs(), pytest.raises(Refused):
            await at.watch.look()
        assert (at.active, at.repairs, at.watch.rest()) == (0, 0, SOON)
    at.lucca.refuses = None
    assert await at.look() == ["hints_active"]
    assert at.repairs == 1


async def test_the_hole_is_refilled_though_nobody_saw_the_endpoint_come_back() -> None:
    """Lucca was out of reach just after the switching on, or a person was faster."""
    at = Watching(endpoint(status="suspended"))
    at.lucca.refuses = Unavailable("out of reach", "unreachable")
    with capture_logs(), pytest.raises(Unavailable):
        await at.watch.look()
    at.lucca.held[0]["status"] = "active"
    assert await at.look() == ["hints_active"]
    assert at.repairs == 1


async def test_an_endpoint_that_a_person_switched_off_is_left_alone() -> None:
    """Trap 37: an inactive one keeps no history, so it is said; the decision stays theirs."""
    at = Watching(endpoint(status="inactive"))
    assert await at.look() == ["inactive"]
    assert await at.look() == []
    assert (at.active, at.lucca.written) == (0, [])
    assert at.listening.working_since("hint") is None


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([], "missing"),
        ([endpoint(webhookUrl="https://hooks.example.org/hints/other")], "missing"),
        ([endpoint(), endpoint("13")], "several"),
    ],
)
async def test_none_or_several_are_said_and_left_alone(held: list[JsonObject], said: str) -> None:
    at = Watching(*held)
    assert await at.look() == [said]
    assert (at.active, at.lucca.written) == (0, [])


async def test_an_endpoint_that_a_person_makes_is_noticed_soon() -> None:
    """Whoever registers it beside a running daemon is not shown for an hour that none is active."""
    at = Watching()
    assert await at.look() == ["missing"]
    assert at.watch.rest() == SOON
    at.lucca.held.append(endpoint())
    assert await at.look() == ["hints_active"]
    assert (at.active, at.watch.rest()) == (1, HOURLY)


@pytest.mark.parametrize("refusal", [ScopeMissing("webhook-endpoints.readwrite"), Refused(404)])
async def test_where_lucca_does_not_say_nothing_is_asked_more_than_once_an_hour(refusal: SourceError) -> None:
    at = Watching()
    at.lucca.trouble = refusal
    assert await at.look() == ["unknown"]
    assert await at.look() == []
    assert at.watch.rest() == HOURLY
