"""A hint: Lucca said that something happened to a record. It holds whom that concerns, and no values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

HintEye: TypeAlias = Literal["hint", "feed"]
"""How it reached us: pushed by Lucca's webhook, or read from its list of events."""

DELETED: Final = "deleted"


@dataclass(frozen=True, slots=True)
class Hint:
    """One event of Lucca's, as far as it tells where to look.

    `id` is the event's source and id, its unique key; `topic` is `{what}.{verb}`; `record` is empty where the
    event is about none (a ping). `taken` is when we got it. `employee` and `employment` are the ids of those
    that the record belongs to, where the event names them.
    """

    id: str
    topic: str
    record: str
    taken: datetime
    employee: str | None = None
    employment: str | None = None
    eye: HintEye = "hint"

    @property
    def what(self) -> str:
        """What Lucca calls this kind of record: `job-position` in `job-position.updated`."""
        return self.topic.rpartition(".")[0]

    @property
    def verb(self) -> str:
        """What happened to it: `created`, `updated`, `deleted`."""
        return self.topic.rpartition(".")[2]
