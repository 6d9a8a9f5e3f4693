"""Logs are one kind of line, whoever writes them, and hold no record's values."""

import io
import json
import logging
from collections.abc import Generator
from typing import cast

import pytest
import structlog

from lucca_sync.obs.logging import configure_logging


@pytest.fixture
def lines() -> Generator[io.StringIO]:
    """Logs of this test alone, for machines."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    config = structlog.get_config()
    stream = io.StringIO()
    configure_logging(stream=stream, terminal=False)
    yield stream
    root.handlers = before
    structlog.configure(**config)


def read(lines: io.StringIO) -> list[dict[str, str]]:
    return [cast("dict[str, str]", json.loads(line)) for line in lines.getvalue().splitlines()]


def test_what_a_library_logs_is_a_line_of_json_like_ours(lines: io.StringIO) -> None:
    structlog.get_logger("lucca_sync").warning("ours")
    logging.getLogger("aiohttp.server").error("Error handling request")
    ours, theirs = read(lines)
    assert ours.keys() | {"logger"} == theirs.keys()
    assert theirs["event"] == "Error handling request"
    assert (theirs["level"], theirs["logger"]) == ("error", "aiohttp.server")


def test_what_a_library_fills_in_or_quotes_stays_out_of_the_logs(lines: io.StringIO) -> None:
    try:
        int("Dupont")
    except ValueError as error:
        logging.getLogger("asyncio").exception(f"Task exception was never retrieved\nfuture: {error!r}")  # noqa: G004, TRY401
        logging.getLogger("asyncio").warning("slow: %r", error)
    first, second = read(lines)
    assert first["event"] == "Task exception was never retrieved"
    assert first["exception"] == "ValueError"
    assert second["event"] == "slow: %r"
    assert "Dupont" not in lines.getvalue()


def test_of_an_exception_of_ours_the_type_and_the_place_are_told(lines: io.StringIO) -> None:
    try:
        int("Dupont")
    except ValueError:
        structlog.get_logger("lucca_sync").exception("broke_down")
    (line,) = read(lines)
    assert line["exception"] == "ValueError"
    assert line["raised_at"].startswith("test_logging.py:")
    assert "Dupont" not in lines.getvalue()
