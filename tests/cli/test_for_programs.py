"""What commands print as JSON has the shape that the guide shows: scripts are written by it."""

import json
import re
from typing import Final, cast

import anyio
import pytest

from tests.cli.conftest import Office
from tests.cli.queue import HIRED, deliveries
from tests.cli.test_brake import hold
from tests.docs.pages import DOCS, marked

PAGE: Final = DOCS / "guides" / "for-programs.md"
SHOWN: Final = re.findall(r"<!-- output: (.+) -->", PAGE.read_text("utf-8"))
_FREE: Final = {"refused"}
"""Objects whose keys are words of the moment."""


def shape(value: object) -> object:
    """Return the keys of an object and of what is in it, lists by their first entry."""
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return {key: None if key in _FREE else shape(one) for key, one in named.items()}
    return [shape(one) for one in cast("list[object]", value)[:1]] if isinstance(value, list) else None


@pytest.mark.parametrize("command", SHOWN)
def test_the_shape_is_the_one_that_the_guide_shows(command: str, office: Office) -> None:
    number = str(anyio.run(deliveries, office.store)[0].key)
    anyio.run(hold, office.store)
    words = {"DELIVERY": number, "EVENT": HIRED["1"].id, "lucca-sync.yaml": str(office.config)}
    text = run(office, [words.get(word, word) for word in command.split()])
    printed = cast("object", json.loads(text.splitlines()[0] if "\n{" in text else text))
    (shown,) = marked(PAGE, f"output: {command}")
    assert shape(printed) == shape(json.loads(shown))


def run(office: Office, command: list[str]) -> str:
    """Run it with the office's settings; of `plan`, `--config` names those that are tried out."""
    if command[0] != "plan":
        return office.told(*command, "-o", "json")
    return office.told(*command, "--current", str(office.config), "-o", "json")


def test_every_command_that_speaks_json_is_in_the_guide() -> None:
    page = PAGE.read_text("utf-8")
    for command in (
        "deliveries",
        "dead",
        "routes",
        "replay",
        "backfill",
        "resync",
        "plan",
        "events",
        "explain",
        "brake",
        "hints",
    ):
        assert f"`{command}" in page, command
    assert len(SHOWN) == len(set(SHOWN)) >= 9
