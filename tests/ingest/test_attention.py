"""Since when Lucca tells us of changes, and who hears of it."""

from datetime import UTC, datetime, timedelta

from lucca_sync.ingest.attention import Listening

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_only_what_begins_or_ends_is_said() -> None:
    said: list[datetime | None] = []
    listening = Listening(lambda: said.append(listening.working_since("feed")))
    listening.fails("feed")
    for minute in range(3):
        listening.works("feed", NOON + timedelta(minutes=minute))
    listening.fails("feed")
    listening.fails("feed")
    assert said == [NOON, None]
