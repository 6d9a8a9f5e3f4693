"""Whatever order changes arrive in, and however they are read, the same is told under the same ids."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from lucca_sync.journal.memory import MemoryJournal
from tests.business.company import (
    WINDOW,
    Company,
    Record,
    employee,
    employment,
    position,
    probation,
    settled,
)


class Change(NamedTuple):
    """A record as it is from now on; None: gone."""

    resource: str
    record_id: str
    record: Record | None


def planned(day: str, place: str) -> Change:
    return Change("job-positions", "101", position("101", day, department={"id": place}))


DAYS = st.sampled_from(["2026-02-01", "2026-03-10", "2026-03-11", "2026-04-01", "2026-05-01"])
ENDS = st.one_of(st.none(), st.sampled_from(["2026-03-09", "2026-03-31", "2026-04-30"]))
PLACES = st.sampled_from(["5", "6"])

CHANGES = st.one_of(
    st.sampled_from("AB").map(lambda name: Change("employees", "1", employee(familyName=name))),
    ENDS.map(lambda end: Change("employments", "10", employment(end=end))),
    st.tuples(DAYS, ENDS).map(
        lambda drawn: Change("employments", "11", employment("11", drawn[0], drawn[1]))
    ),
    st.tuples(DAYS, PLACES).map(lambda drawn: planned(*drawn)),
    PLACES.map(lambda place: Change("job-positions", "100", position(manager={"id": place}))),
    st.just(Change("job-positions", "101", None)),
    st.just(Change("employments", "11", None)),
    ENDS.map(lambda end: Change("probationary-periods", "500", probation("2026-03-20", end))),
)
GROUPS = st.lists(st.lists(CHANGES, min_size=1, max_size=5), min_size=1, max_size=4)


def shuffled(group: Sequence[Change], seed: int) -> list[Change]:
    """Put changes in another order; those of one record keep theirs, as the journal has it."""
    records = list(dict.fromkeys(change[:2] for change in group))
    turned = records[seed % len(records) :] + records[: seed % len(records)]
    if seed % 2:
        turned.reverse()
    return [change for record in turned for change in group if change[:2] == record]


async def told(groups: Sequence[Sequence[Change]], *, read_often: bool) -> list[tuple[str, str, object]]:
    """Live through the groups, each a window of its own, then through half a year."""
    company = Company(MemoryJournal())
    await company.baseline(**settled(), probationary_periods=[probation("2026-03-20")])
    deriver = await company.derive()
    for group in groups:
        for change in group:
            await changed(company, change)
            company.clock.at += timedelta(milliseconds=1)
            if read_often:
                await deriver.look()
        company.clock.at += WINDOW
        await company.seen_all()
        deriver = deriver if read_often else company.deriver()
        await deriver.look()
    for day in ("2026-03-15", "2026-04-05", "2026-05-02", "2026-09-01"):
        await company.day(day)
        await company.derive(deriver)
    return sorted((one.id, one.type, str(one.record)) for one in await company.events())


async def changed(company: Company, change: Change) -> None:
    if change.record is not None:
        await company.put(change.resource, change.record)
    elif await there(company, change):
        await company.remove(change.resource, change.record_id)


async def there(company: Company, change: Change) -> bool:
    known = await company.journal.known(company.place(change.resource), [change.record_id])
    return any(one.content is not None for one in known.values())


@settings(max_examples=60)
@given(groups=GROUPS, seed=st.integers(0, 7))
def test_the_order_inside_a_window_and_the_rhythm_of_reading_make_no_difference(
    groups: list[list[Change]], seed: int
) -> None:
    async def both() -> None:
        first = await told(groups, read_often=True)
        other = await told([shuffled(group, seed) for group in groups], read_often=False)
        assert [one[:2] for one in first] == [one[:2] for one in other]
        assert len({one[0] for one in first}) == len(first)

    anyio.run(both)
