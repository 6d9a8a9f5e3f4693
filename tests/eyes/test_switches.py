"""Each eye can be switched off in the settings, and then nobody looks with it."""

from collections.abc import Mapping

import pytest

from tests.eyes.town import VIRTUAL_TIME, only, town

pytestmark = VIRTUAL_TIME

ALL = only("employees", "departments", "users", "leaves")


async def looks(eyes: Mapping[str, object]) -> set[str]:
    """Return the names of what would run, without the tenant."""
    async with town(ALL, eyes=eyes) as at:
        return {name.replace("acme/", "").replace(":acme", "") for name, _ in at.eyes.tasks()}


@pytest.mark.parametrize(
    ("switch", "gone"),
    [
        ("head", {"head:employees"}),
        ("count", {"count:employees", "count:departments"}),
        ("due_dates", {"due"}),
        ("deltas", {"delta:users"}),
    ],
)
async def test_an_eye_that_is_switched_off_does_not_look(switch: str, gone: set[str]) -> None:
    everything = await looks({})
    assert everything - await looks({switch: False}) == gone


async def test_pages_of_a_fixed_address_and_gaps_can_be_switched_off() -> None:
    async with town(ALL) as at:
        watched = at.station("employees").post.watched
        assert (watched.stable, watched.gaps) == (True, True)
    async with town(ALL, eyes={"stable_pages": False, "gaps": False}) as at:
        watched = at.station("employees").post.watched
        assert (watched.stable, watched.gaps) == (False, False)
