"""What one round saw: the time from one complete look at a resource to the next, as its brake remembers it.

Pure.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from lucca_sync.ingest.gathered import Gathered
from lucca_sync.ingest.guard import Reason, nearly_all
from lucca_sync.ingest.held import SUBJECTS, Held, Verdict


@dataclass(slots=True)
class Round:
    """What was seen since the last complete look.

    `whole` is False when its beginning is not known; `everything` is True when it will show new records too.
    `verdict` is what a person decided about what is held, if it is being carried out; `agreed` counts that.
    `told` changes and `gone` records were believed; `doubted` is whether some that were not shown looked odd.
    `changed` counts all changes, `nulled` those by the field that lost its value.
    """

    began: datetime
    whole: bool = True
    everything: bool = False
    verdict: Verdict | None = None
    tripped: Reason | None = None
    told: int = 0
    agreed: int = 0
    gone: int = 0
    doubted: bool = False
    held: Gathered = field(default_factory=Gathered)
    missing: tuple[str, ...] = ()
    nulled: Counter[str] = field(default_factory=Counter[str])
    changed: int = 0

    def begun(self, reason: Reason, records: int, now: datetime) -> Held:
        """Return what this round holds, as a set of its own."""
        held = Held(reason=reason, since=now, records=records, counts={}, passed=self.told, gone=self.gone)
        return self.with_members(held, self.held, self.missing, len(self.missing))

    def with_members(self, held: Held, changes: Gathered, missing: Sequence[str], deletions: int) -> Held:
        """Return a held set with these members; what looked like mere numbers may have got a name."""
        subjects = dict(changes.subjects())
        room = SUBJECTS - sum(map(len, subjects.values()))
        counts = {kind: count for kind, count in changes.counts.items() if count}
        if deletions:
            subjects["deleted"], counts["deleted"] = tuple(missing[:room]), deletions
        nulled = max(self.nulled.values(), default=0)
        named = held.reason == "many" and len(changes) > 0 and nearly_all(nulled, self.changed)
        return msgspec.structs.replace(
            held,
            counts=counts,
            subjects=subjects,
            fields=dict(changes.fields),
            most=max(held.most, len(changes)),
            reason="nulled" if named else held.reason,
        )
