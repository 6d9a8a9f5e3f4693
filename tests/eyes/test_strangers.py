"""A collection that the product does not know is watched by its path."""

from lucca_sync.simulator.world.corrections import Set
from tests.eyes.town import VIRTUAL_TIME, town

pytestmark = VIRTUAL_TIME

TEAMS = {"teams": {"path": "/lucca-api/departments", "singular": "team", "every": "1m"}}


async def test_it_is_swept_and_told_under_the_name_of_one_s_choice() -> None:
    async with town(TEAMS) as at:
        await at.sweep()
        at.simulator.perform(Set(resource="departments", id="2", path="/name", value="Anew"))
        await at.sweep()
        (event,) = await at.events()
        assert (event.subject, event.type) == ("teams/2", "lucca.team.updated")
        assert [change.path for change in event.changes] == ["/name"]


async def test_its_scope_is_asked_for_and_its_absence_named() -> None:
    async with town({"teams": {**TEAMS["teams"], "scope": "teams.readonly"}}) as at:
        await at.sweep()
        assert "teams.readonly" in at.standing.refusals["teams"][1]
