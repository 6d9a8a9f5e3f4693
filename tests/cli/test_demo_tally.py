"""The demo's bookkeeping tells when something is missing, unsigned or out of order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from lucca_sync.cli.demo.receiver import Arrival, Headers, verified
from lucca_sync.cli.demo.tally import Tally
from lucca_sync.model.values import JsonObject
from lucca_sync.simulator import LedgerEntry

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


@dataclass
class Books:
    """A source with one record, and the tally that watches it."""

    record: Mapping[str, object] | None = field(
        default_factory=lambda: {"id": "1", "name": "New", "url": "u"}
    )

    def __post_init__(self) -> None:
        self.tally = Tally(lambda _resource, _id: self.record)

    def change(self, kind: str = "updated") -> None:
        entry = LedgerEntry(1, "2026-03-01T12:00:00Z", "employees", "1", kind, "rename", ("name",))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        self.tally.changed(entry)

    def arrive(
        self, name: str | None = "New", sequence: int = 1, *, signed: bool = True, event_id: str = ""
    ) -> None:
        record: JsonObject | None = None if name is None else {"id": "1", "name": name}
        event: JsonObject = {
            "id": event_id or f"e{sequence}",
            "subject": "employees/1",
            "type": "lucca.employee.updated",
            "sequence": f"{sequence:012}",
            "detectedby": "hint",
            "data": {"record": record, "previous": None, "changes": []},
        }
        self.tally.arrived(Arrival(str(event["id"]), signed, event), NOW)


def test_a_change_that_arrived_is_well() -> None:
    books = Books()
    books.change()
    books.arrive()
    figures = books.tally.figures()
    assert figures.good
    assert (figures.changes, figures.events, figures.median_seconds) == (1, 1, 5.0)


def test_a_change_that_did_not_arrive_is_not_well() -> None:
    books = Books()
    books.change()
    assert books.tally.figures().waiting == 1
    books.arrive(name="Old")
    assert not books.tally.figures().good


def test_a_deletion_must_be_told() -> None:
    books = Books(record=None)
    books.change("deleted")
    assert not books.tally.figures().good
    books.arrive(name=None)
    assert books.tally.figures().good


def test_who_came_and_went_between_two_looks_need_not_be_told() -> None:
    books = Books(record=None)
    books.change("created")
    books.change("deleted")
    assert books.tally.figures().good


def test_a_wrong_signature_is_not_well() -> None:
    books = Books()
    books.change()
    books.arrive(signed=False)
    assert not books.tally.figures().good


def test_a_gap_in_the_sequence_is_not_well() -> None:
    books = Books()
    books.change()
    books.arrive(sequence=2)
    assert not books.tally.figures().good


def test_a_repeat_is_counted_and_no_harm() -> None:
    books = Books()
    books.change()
    books.arrive()
    books.arrive()
    assert books.tally.figures().repeats == 1
    assert books.tally.figures().good


@pytest.mark.parametrize(
    ("body", "signature", "good"),
    [
        (b'{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", True),
        (b'{"test": 2432232314}', "v1,bm9uZQ== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", True),
        (b'{"test": 2432232315}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", False),
        (b'{"test": 2432232314}', "v1,not base64!", False),
        (b'{"test": 2432232314}', "", False),
    ],
)
def test_the_receiver_knows_a_right_signature_from_a_wrong_one(
    body: bytes, signature: str, *, good: bool
) -> None:
    """The vector that the libraries of Standard Webhooks share."""
    headers = Headers("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", signature)
    assert verified("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, body) is good
