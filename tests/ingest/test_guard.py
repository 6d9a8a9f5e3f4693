"""Which deletions are believed at once, and which are held."""

import pytest

from lucca_sync.ingest.guard import DELETIONS, deletions_held


@pytest.mark.parametrize(
    ("missing", "records", "held"),
    [
        pytest.param(0, 0, False, id="nothing is missing from nothing"),
        pytest.param(1, 100, False, id="one of many"),
        pytest.param(10, 100, False, id="not more than the count"),
        pytest.param(11, 100, True, id="more than the count and the share"),
        pytest.param(50, 1000, False, id="exactly the share"),
        pytest.param(51, 1000, True, id="beyond the share"),
        pytest.param(3, 3, True, id="a small resource that turns empty"),
    ],
)
def test_deletions_are_held_beyond_count_and_share_or_when_nothing_is_left(
    missing: int, records: int, *, held: bool
) -> None:
    assert deletions_held(missing, records, DELETIONS) is held
