"""What every backend refuses before it touches its store: commits that contradict themselves."""

from collections.abc import Iterable, Sequence

from lucca_sync.journal.protocol import PageCommit, ResourceName, StoreError, Told, Write
from lucca_sync.model.event import Event


def check_page(page: PageCommit) -> None:
    """Raise ValueError when a page's items and writes don't fit together."""
    if len(page.items.ids) != len(page.items.digests):
        raise ValueError("a page must give one digest for each of its records")
    if page.head.slot < 0:
        raise ValueError("slots count from 0")
    check_writes(page.name, page.writes)
    shown = set(page.items.ids)
    for write in page.writes:
        if (write.content is None) == (write.id in shown):
            state = "gone" if write.content is None else "living"
            raise ValueError(f"a {state} record is written with a page that says otherwise")


def check_writes(name: ResourceName, writes: Sequence[Write]) -> None:
    """Raise ValueError when an event belongs to another record than the one it is written with."""
    for write in writes:
        if write.event is None:
            if write.lanes:
                raise ValueError("lanes without an event: there is nothing to deliver")
        elif not _belongs(write.event, name, write):
            raise ValueError("an event is written with a record or a sequence that is not its own")


def _belongs(event: Event, name: ResourceName, write: Write) -> bool:
    return (
        event.record_id == write.id
        and event.sequence == write.sequence
        and event.resource == name.resource
        and event.tenant == name.tenant
    )


def check_sequence(write: Write, stored: int) -> None:
    """Raise StoreError when a write does not continue the `stored` event count: someone else wrote."""
    if write.sequence != stored + (write.event is not None):
        raise StoreError("a record has other events than the writer knew of: read it again")


def check_told(name: ResourceName, told: Sequence[Told]) -> None:
    """Raise ValueError when an event that is to change nothing tells a change, or is of another resource."""
    for one in told:
        if one.event.kind != "snapshot" or (one.event.tenant, one.event.resource) != name:
            raise ValueError("only how a record of this resource stands can be told without a change")


def check_told_sequence(told: Told, stored: int | None) -> None:
    """Raise StoreError unless a record's `stored` event count (None: never seen) is still the event's."""
    if told.event.sequence != stored:
        raise StoreError("a record has other events than were known: read it again")


def unwritten(name: ResourceName) -> ValueError:
    """Return the error for a page that shows a record which was never written, or which is gone."""
    return ValueError(f"a page of {name.resource} shows a record without writing it")


def unsure(reason: str) -> str:
    """Return a person's reason for an act on what may have been sent before it: nobody knows."""
    return f"{reason} (possibly sent)"


def in_order(ids: Iterable[str]) -> list[str]:
    """Sort ids as `Journal.ids` promises: decimal ones first, by value, then the others as text."""
    return sorted(ids, key=_place)


def _place(record_id: str) -> tuple[bool, int, str, str]:
    """Compare decimal ids by length and digits: turning an endless one into a number would take for ever."""
    if not (record_id.isascii() and record_id.isdigit()):
        return True, 0, record_id, record_id
    digits = record_id.lstrip("0")
    return False, len(digits), digits, record_id
