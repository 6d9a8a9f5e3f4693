"""Which records each page of a fixed address asks for."""

from collections.abc import Iterable

from lucca_sync.ingest.gaps import between
from lucca_sync.ingest.stable import Layout, can_be_listed
from lucca_sync.model.catalogue import CATALOGUE

EMPLOYEES = CATALOGUE["employees"]


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


def layout(values: Iterable[str]) -> Layout:
    made = Layout(EMPLOYEES, "id")
    made.place(values)
    return made


def test_an_address_asks_for_a_hundred_by_name_and_for_no_links() -> None:
    made = layout(numbers(1, 250))
    assert len(made) == 3
    assert made.url(2) == f"/lucca-api/employees?id={','.join(numbers(201, 250))}&limit=50&sort=id"


def test_new_records_join_the_last_page_and_leave_all_other_addresses_alone() -> None:
    made = layout(numbers(1, 250))
    before = [made.url(slot) for slot in made]
    assert made.place(numbers(251, 310)) == {2, 3}
    assert [made.url(0), made.url(1)] == before[:2]
    assert made.values(2) == tuple(numbers(201, 300))
    assert made.values(3) == tuple(numbers(301, 310))


def test_addresses_alone_tell_the_pages_again_after_a_restart() -> None:
    made = layout(numbers(1, 250))
    again = Layout(EMPLOYEES, "id")
    again.recall({slot: made.url(slot) for slot in made})
    assert [again.values(slot) for slot in again] == [made.values(slot) for slot in made]
    again.recall({0: made.url(0), 1: "/lucca-api/employees?page=!x&id=7", 2: made.url(2)})
    assert len(again) == 1
    again.recall({0: "/lucca-api/employees?include=links&limit=100&sort=id"})
    assert len(again) == 0


def test_a_page_keeps_its_holes_until_less_than_half_of_it_is_left() -> None:
    made = layout(numbers(1, 300))
    before = made.url(0)
    assert made.thin_out({*numbers(51, 300)}) == set()
    assert made.url(0) == before
    assert made.thin_out({*numbers(52, 300)}) == {0, 1, 2}
    assert made.everything() == {*numbers(52, 300)}
    assert len(made) == 3


def test_a_thin_page_joins_the_last_one_where_there_is_room() -> None:
    made = layout(numbers(1, 210))
    assert made.thin_out({*numbers(1, 10), *numbers(101, 210)}) == {0, 1}
    assert made.values(0) == tuple(numbers(101, 200))
    assert made.values(1) == (*numbers(201, 210), *numbers(1, 10))


def test_nobody_left_leaves_no_page() -> None:
    made = layout(numbers(1, 210))
    made.thin_out(set())
    assert len(made) == 0


def test_a_page_that_is_too_heavy_is_split_in_two() -> None:
    made = layout(numbers(1, 101))
    assert made.split(0) == {0, 2}
    assert made.values(0) == tuple(numbers(1, 50))
    assert made.values(2) == tuple(numbers(51, 100))
    assert made.split(1) == set()
    assert made.place(numbers(102, 104)) == {3}
    assert made.values(3) == tuple(numbers(102, 104))


def test_ids_that_a_list_cannot_hold_are_recognised() -> None:
    assert can_be_listed(["1", "a-b_C"])
    assert not can_be_listed(["1,2"])
    assert not can_be_listed([""])
    assert not can_be_listed(["x" * 41])


def test_a_gap_is_proved_only_between_the_first_and_the_last_of_a_page_in_order() -> None:
    assert between(["1", "2", "3", "9"], ["2", "5"]) == ["3"]
    assert between(["1", "3"], ["5", "2"]) == []
    assert between(["1", "a", "3"], ["2", "5"]) == []
    assert between(["3"], []) == []
    assert between(["10"], ["9", "11"]) == ["10"]
