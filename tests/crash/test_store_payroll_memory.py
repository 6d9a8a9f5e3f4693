"""What the payroll folder remembers of its files stays bounded, whatever is put into it."""

from pathlib import Path

from lucca_connectors.payroll_file.folder import Folder
from lucca_connectors.payroll_file.ledger import KEPT_EVENTS


def test_what_is_remembered_of_files_does_not_grow_for_ever(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "month", lambda number: f"{number}.csv")
    memory = tmp_path / ".lucca-sync" / "month"
    folder.settle()
    for number in range(5):
        folder.publish(b"a;b\n", [f"event {number} {line}" for line in range(KEPT_EVENTS // 2)])
    assert len(list(memory.glob("*.json"))) == 2
    assert folder.file_of("event 2 0") is None
    assert folder.file_of("event 4 0") is not None
