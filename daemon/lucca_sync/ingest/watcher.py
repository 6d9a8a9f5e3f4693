"""What the daemon needs of whatever watches a resource: sweeps and rounds, or the absences of a tenant."""

from typing import Protocol

from lucca_sync.ingest.post import Post


class Watcher(Protocol):
    """Looks at one resource again and again."""

    @property
    def post(self) -> Post:
        """Where its eyes hand in what they saw."""
        ...

    @property
    def failing(self) -> bool:
        """Whether the last look ended in trouble or missed something."""
        ...

    async def run(self) -> None:
        """Look when due, for ever."""
        ...

    async def once(self) -> float:
        """Look at all of the resource once; return the seconds to wait before another look."""
        ...

    def survey_now(self) -> None:
        """Ask for a look at all of the resource as soon as can be."""
        ...

    def look_anew(self) -> None:
        """Ask for a look as soon as can be: somebody has decided what to believe of it."""
        ...
