"""Looking at a journal takes the store's address alone: neither secrets nor variables, nor a valid rest."""

from pathlib import Path

import pytest

from lucca_sync.settings.load import read_store
from lucca_sync.settings.problems import SettingsError
from tests.settings.files import VALID, write


@pytest.mark.parametrize(
    "text",
    [
        VALID,
        VALID.replace("planted", "${NOT_SET_HERE}"),
        VALID.replace("jsonl", "nothing-like-it"),
        VALID.replace("version: 1", "version: 2"),
    ],
)
def test_the_store_is_found_whatever_else_is_wrong(text: str, tmp_path: Path) -> None:
    assert read_store(write(tmp_path, text), {}) == f"sqlite:{tmp_path}/lucca-sync.db"
    assert read_store(write(tmp_path, text + "store: 'sqlite:${DB:x.db}'"), {}) == f"sqlite:{tmp_path}/x.db"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (VALID + "store: sqlite:${DB}", "16:8: store: the environment variable DB is not set"),
        (VALID + "store: postgresql://h/d", "16:8: store: PostgreSQL is not available in this version"),
        (VALID + "store: {}", "16:8: store: must be text"),
        ("a: [", "1:5: not valid YAML"),
    ],
)
def test_a_wrong_store_is_told_and_nothing_but_it(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read_store(write(tmp_path, text), {})
    (found,) = error.value.problems
    assert str(found).startswith(f"{tmp_path}/lucca-sync.yaml:{problem}")
