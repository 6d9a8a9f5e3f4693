"""Records of one resource in order of their number, compact enough for a hundred thousand people."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Numbered(Protocol):
    """Anything with a number of its own."""

    @property
    def id(self) -> int:
        """The number inside its resource, from 1."""
        ...


RowT = TypeVar("RowT", bound=Numbered)
Row_co = TypeVar("Row_co", bound=Numbered, covariant=True)


class Rows(Protocol[Row_co]):
    """A table as its readers see it, whatever it holds."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        ...

    @property
    def next_id(self) -> int:
        """The number that the next row will have."""
        ...

    def get(self, number: int) -> Row_co | None:
        """Return the row with this number, if it is there."""
        ...

    def after(self, number: int) -> Iterator[Row_co]:
        """Walk upwards through the rows whose number is greater."""
        ...

    def before(self, number: int) -> Iterator[Row_co]:
        """Walk downwards through the rows whose number is smaller."""
        ...

    def remove(self, number: int) -> None:
        """Take a row out; nothing happens when it is not there."""
        ...


class Table(Generic[RowT]):
    """Rows by number; the numbers of deleted rows are never used again."""

    def __init__(self) -> None:
        self._rows: list[RowT | None] = [None]
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RowT]:
        return self.after(0)

    @property
    def next_id(self) -> int:
        """The number that the next row will have."""
        return len(self._rows)

    def get(self, number: int) -> RowT | None:
        """Return the row with this number, if it is there."""
        return self._rows[number] if 0 < number < len(self._rows) else None

    def __getitem__(self, number: int) -> RowT:
        row = self.get(number)
        if row is None:
            raise KeyError(number)
        return row

    def add(self, row: RowT) -> RowT:
        """Append a row that was made with `next_id`."""
        if row.id != self.next_id:
            message = f"row {row.id} cannot stand at place {self.next_id}"
            raise ValueError(message)
        self._rows.append(row)
        self._count += 1
        return row

    def remove(self, number: int) -> None:
        """Take a row out; nothing happens when it is not there."""
        if self.get(number) is not None:
            self._rows[number] = None
            self._count -= 1

    def after(self, number: int) -> Iterator[RowT]:
        """Walk upwards through the rows whose number is greater."""
        for place in range(max(number, 0) + 1, len(self._rows)):
            row = self._rows[place]
            if row is not None:
                yield row

    def before(self, number: int) -> Iterator[RowT]:
        """Walk downwards through the rows whose number is smaller."""
        for place in range(min(number, len(self._rows)) - 1, 0, -1):
            row = self._rows[place]
            if row is not None:
                yield row
