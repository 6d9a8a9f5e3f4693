"""What the documentation leaves open is found out by asking."""

from collections.abc import Mapping

import pytest

from lucca_sync.ingest.abilities import CONDITIONAL, LARGE, NUMBERED, STRICT
from lucca_sync.ingest.probing import Habits, Probing
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.client import Answer
from lucca_sync.model.catalogue import CATALOGUE, Resource
from lucca_sync.simulator.options import SimulatorOptions
from tests.eyes.town import VIRTUAL_TIME, Town, only, town

pytestmark = VIRTUAL_TIME


def probing(at: Town) -> Probing:
    return Probing(at.station("employees").post.lookout.source, CATALOGUE["employees"])


async def test_a_tenant_as_documented_is_known_after_eight_requests() -> None:
    async with town(only("employees")) as at:
        found = await probing(at).find_out()
        assert found == {CONDITIONAL: True, STRICT: False, NUMBERED: True, LARGE: False}
        assert at.requests("probe") <= 8


@pytest.mark.parametrize(
    ("habit", "question", "answer"),
    [
        ({"ignore_if_none_match": True}, CONDITIONAL, False),
        ({"unknown_parameters": "refused"}, STRICT, True),
        ({"page_numbers": "refused"}, NUMBERED, False),
        ({"page_numbers": "ignored"}, NUMBERED, False),
    ],
)
async def test_each_habit_is_found_out(habit: dict[str, object], question: str, answer: bool) -> None:  # noqa: FBT001 - a parameter of the test
    async with town(only("employees")) as at:
        at.simulator.misbehave(**habit)
        assert (await probing(at).find_out())[question] is answer


async def test_a_tenant_without_etags_answers_nothing_conditionally() -> None:
    async with town(only("employees"), SimulatorOptions(employees=30, etags=False)) as at:
        assert (await probing(at).find_out())[CONDITIONAL] is False


async def test_too_few_records_leave_questions_open() -> None:
    async with town(only("employees"), SimulatorOptions(employees=1, requests_per_minute=0)) as at:
        found = await probing(at).find_out()
        assert NUMBERED not in found


class Generous:
    """A source whose pages hold as many records as are asked for."""

    def first_url(self, resource: Resource, filters: Mapping[str, str]) -> str:
        return filters["limit"]

    def follow(self, href: str, asked: str) -> str:
        raise AssertionError(href, asked)

    async def page(self, url: str, *, resource: Resource, etag: str | None, purpose: Purpose) -> Answer:
        items = b",".join(b'{"id": "%d"}' % number for number in range(int(url)))
        return Answer(url, b'{"items": [%s]}' % items, None)

    async def record(self, resource: Resource, record_id: str, purpose: Purpose) -> Answer | None:
        raise AssertionError(record_id)


async def test_a_tenant_that_gives_a_thousand_records_at_once_is_known_for_it() -> None:
    assert (await Probing(Generous(), CATALOGUE["employees"]).find_out())[LARGE] is True


async def test_habits_are_asked_for_some_time_after_the_start_and_remembered() -> None:
    async with town(only("employees")) as at:
        habits = Habits(at.station("employees").post)
        for _ in range(2):
            await habits.look()
            assert at.seen == []
            assert 60 < habits.rest() < 3600
        await at.sweep()
        await habits.look()
        assert habits.rest() > 3600
        assert (await at.count("employees").abilities.found())[NUMBERED] is True


async def test_where_pages_may_be_large_sweeps_ask_for_large_ones_until_it_proves_wrong() -> None:
    async with town(only("employee-attributes")) as at:
        await at.sweep()
        station, refused = at.station("employee-attributes"), at.requests("sweep")
        await at.count("employee-attributes").abilities.note(LARGE, has=True)
        habits = Habits(station.post)
        await habits.look()  # as after a restart
        await station.watch.once()
        assert [seen.outcome for seen in at.seen if seen.purpose == "sweep"] == ["refused"] * (refused + 1)
        await habits.look()
        assert await station.watch.once() < 3600
        assert at.standing.refusals == {}
