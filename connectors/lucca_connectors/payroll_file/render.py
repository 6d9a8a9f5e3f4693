"""Events as lines of CSV, the way payroll programs and spreadsheets read them. Knows no file."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from lucca_connectors.payroll_file.config import PayrollFileConfig
from lucca_sync import Event, ExpressionMisfit, event_view

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
# What a spreadsheet would run; the wide forms count as such in some of its languages.
_FORMULA: Final = re.compile(r"[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - the wide forms are meant
_NUMBER: Final = re.compile(r"[+-]\d[\d .,]*")


class UnfitCell(Exception):
    """A cell cannot be written; the message names its column and never shows the value."""


def line(event: Event, config: PayrollFileConfig) -> list[str]:
    """Return the cells of an event's line; may raise UnfitCell."""
    view = event_view(event)
    return [_cell(header, view, config) for header in config.columns]


def render(lines: Sequence[Sequence[str]], config: PayrollFileConfig) -> bytes:
    """Return the bytes of a file."""
    rows = [list(config.columns), *lines] if config.header else lines
    text = "".join(_row(row, config) for row in rows)
    return text.encode(config.encoding, "replace" if config.unencodable == "replace" else "strict")


def _row(cells: Sequence[str], config: PayrollFileConfig) -> str:
    """One row. The writer gets the longer ending, so that it quotes a cell that holds either character."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=config.delimiter, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + config.line_ending


def _cell(header: str, view: object, config: PayrollFileConfig) -> str:
    try:
        text = _text(config.columns[header].search(view), config)
    except ExpressionMisfit as misfit:
        raise UnfitCell(f"column {header}: its expression does not fit this event ({misfit})") from None
    if config.unencodable == "reject":
        _check_encodable(header, text, config.encoding)
    return text


def _check_encodable(header: str, text: str, encoding: str) -> None:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        message = f"column {header}: it holds a character that {encoding} cannot write"
        raise UnfitCell(message) from None


def _text(value: object, config: PayrollFileConfig) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case int():
            return str(value)
        case float():
            return format(Decimal(repr(value)), "f").replace(".", config.decimal)
        case str():
            return _dated(value, config.date_format) or _disarmed(value)
        case _:
            return _disarmed(msgspec.json.encode(value).decode())


def _dated(text: str, date_format: str | None) -> str | None:
    """The date in the wanted form; None for other text and for impossible days, which pass as they came."""
    if date_format is None or not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text).strftime(date_format)
    except ValueError:
        return None


def _disarmed(text: str) -> str:
    """Text that a spreadsheet would run gets an apostrophe; numbers and telephone numbers are left alone."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
