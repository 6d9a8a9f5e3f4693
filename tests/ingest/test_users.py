"""Asking who was modified: each told once, from before the last run on, where the question works at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio
import pytest
from structlog.testing import capture_logs

from lucca_sync.ingest.absent import Absentees
from lucca_sync.ingest.reread import Errand, Rereader
from lucca_sync.ingest.users import UsersDelta
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import Refused, ScopeMissing, Unavailable
from lucca_sync.model.catalogue import Resource
from tests.ingest.tenant import Answer, FakeTenant
from tests.ingest.watching import Scene, staff

pytestmark = pytest.mark.looptime

NOBODY = b'{"data": {"items": []}}'


@dataclass
class Modified(FakeTenant):
    """Answers questions about users one after the other, then with nobody."""

    answers: list[bytes | Exception] = field(default_factory=list[bytes | Exception])
    questions: list[str] = field(default_factory=list[str])

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        if resource.name != "users":
            return await super().page(url, resource=resource, etag=etag, purpose=purpose)
        self.questions.append(url)
        answer = self.answers.pop(0) if self.answers else NOBODY
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer, None)


@dataclass
class Follower(Rereader):
    """Notes whom it was sent to look at."""

    sent: list[tuple[str, list[str]]] = field(default_factory=list[tuple[str, list[str]]])
    trouble: list[Exception] = field(default_factory=list[Exception])

    async def reread(self, by: str, ids: Sequence[str], errand: Errand) -> None:
        if self.trouble:
            raise self.trouble.pop()
        self.sent.append((by, list(ids)))


def made(*answers: bytes | Exception) -> tuple[UsersDelta, Modified, Follower]:
    tenant = Modified(staff(2).records, answers=list(answers))
    scene = Scene(tenant)
    follower = Follower(scene.post, Absentees(scene.post))
    return UsersDelta("acme", scene.lookout, [follower]), tenant, follower


def one(number: int, at: str) -> bytes:
    return f'{{"data": {{"items": [{{"id": {number}, "modifiedAt": "{at}"}}]}}}}'.encode()


async def test_a_modification_is_followed_once_though_the_overlap_shows_it_again() -> None:
    delta, tenant, follower = made(NOBODY, one(7, "10:00"), one(7, "10:00"), one(7, "10:05"))
    for _ in range(4):
        await delta.look()
        await anyio.sleep(120)
    assert follower.sent == [("id", ["7"]), ("id", ["7"])]
    assert len(tenant.questions) == 4


async def test_the_watermark_is_the_start_of_the_last_good_run_and_rounded_down() -> None:
    """Trap 48, and 49: what changed is found by when it changed, not by the highest id."""
    delta, tenant, _ = made(NOBODY, Unavailable("no", "server"))
    await delta.look()
    await anyio.sleep(90)
    with pytest.raises(Unavailable):
        await delta.look()
    await anyio.sleep(90)
    await delta.look()
    since = [url.partition("modifiedAt=since,")[2].partition("&")[0] for url in tenant.questions]
    assert since[1] == since[2] == "2026-03-01T11:55:00"


async def test_a_modification_that_could_not_be_followed_is_followed_next_time() -> None:
    delta, _, follower = made(NOBODY, one(7, "10:00"), one(7, "10:00"))
    await delta.look()
    follower.trouble = [Unavailable("no", "server")]
    with pytest.raises(Unavailable):
        await delta.look()
    await delta.look()
    assert follower.sent == [("id", ["7"])]


async def test_a_resource_that_may_not_be_read_any_more_keeps_no_other_from_being_looked_at() -> None:
    delta, tenant, refused = made(NOBODY, one(7, "10:00"))
    follower = Follower(refused.post, refused.absentees)
    refused.trouble = [ScopeMissing("employees.readonly")]
    delta.followers = [refused, follower]
    await delta.look()
    await delta.look()
    assert follower.sent == [("id", ["7"])]
    assert len(tenant.questions) == 2


@pytest.mark.parametrize("answer", [Refused(400), one(7, "10:00")])
async def test_a_question_that_is_refused_or_ignored_is_not_asked_again(answer: bytes | Exception) -> None:
    """Trap 2: an ignored filter shows everybody; of the day after tomorrow there must be nobody."""
    delta, tenant, follower = made(answer)
    with capture_logs() as logs:
        for _ in range(3):
            assert await delta.look()
    assert len(tenant.questions) == 1
    assert follower.sent == []
    assert [entry["event"] for entry in logs] == ["changes_cannot_be_asked_for"]
