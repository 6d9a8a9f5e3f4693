"""The promises are told in one way, listed, and name the tests that prove them."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, links, name_of

FOLDER = DOCS / "guarantees"
NO_PROMISE = {"README.md", "figures.md"}
PROMISES = sorted(page for page in FOLDER.glob("*.md") if page.name not in NO_PROMISE)

by_promise = pytest.mark.parametrize("page", PROMISES, ids=name_of)


@by_promise
def test_a_promise_says_what_holds_how_what_not_and_what_proves_it(page: Path) -> None:
    text = page.read_text("utf-8")
    headings = [heading.removesuffix(" in this version") for heading in re.findall(r"(?m)^## (.*)$", text)]
    assert re.search(r"(?m)^\*\*Promise\.\*\* ", text)
    assert headings[:2] == ["How it is kept", "What is not promised"]
    assert headings[-1] == "Where it is proved"


@by_promise
def test_the_tests_that_prove_a_promise_exist(page: Path) -> None:
    proof = page.read_text("utf-8").rpartition("## Where it is proved")[2]
    named = [ROOT / path for path in re.findall(r"`(tests/[\w./]+)`", proof)]
    assert named
    for path in named:
        files = [path] if path.is_file() else sorted(path.glob("test_*.py"))
        assert files, path
        assert all(
            "def test_" in file.read_text("utf-8") or "Contract" in file.read_text("utf-8") for file in files
        )


def test_every_promise_is_listed() -> None:
    listed = {path for path, _ in links((FOLDER / "README.md").read_text("utf-8"))}
    assert listed - NO_PROMISE == {page.name for page in PROMISES}
