"""Which changes the tenant tells about: the topics of its webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass

from lucca_sync.simulator.world.ledger import ChangeKind, LedgerEntry

_ALL: frozenset[ChangeKind] = frozenset({"created", "updated", "deleted"})
_LASTING: frozenset[ChangeKind] = frozenset({"created", "updated"})
PING = "ping"


@dataclass(frozen=True)
class Subject:
    """A resource whose changes have topics."""

    kind: str
    verbs: frozenset[ChangeKind] = _ALL
    computed: frozenset[str] = frozenset()
    """Fields that follow from other records or from the day: they alone are no reason for an event."""
    remembers: bool = False
    """Whether its updates say what the changed fields were before."""


SUBJECTS: Mapping[str, Subject] = {
    "legal-entities": Subject("legal-entity"),
    "business-establishments": Subject("business-establishment", remembers=True),
    "departments": Subject("department", remembers=True),
    "job-qualifications": Subject("job-qualification"),
    "occupation-categories": Subject("occupation-category"),
    "employees": Subject(
        "employee",
        _LASTING,
        computed=frozenset({"status", "applicableEmployment", "applicableJobPosition"}),
        remembers=True,
    ),
    "employee-personal-records": Subject("employee-personal-record", _LASTING),
    "employments": Subject("employment", computed=frozenset({"status", "legalEntity"}), remembers=True),
    "job-positions": Subject(
        "job-position",
        computed=frozenset({"status", "endsOn", "employee", "updatedAttributes"}),
        remembers=True,
    ),
    "leaves": Subject("leave"),
    "leave-requests": Subject("leave-request"),
}
"""The resources with topics; all others change in silence."""


def topic_of(entry: LedgerEntry) -> str | None:
    """Return the topic of a change, None for what the tenant tells nobody."""
    subject = SUBJECTS.get(entry.resource)
    if subject is None or entry.kind not in subject.verbs or entry.what == "midnight":
        return None
    if entry.kind == "updated" and subject.computed.issuperset(entry.fields):
        return None
    return f"{subject.kind}.{entry.kind}"
