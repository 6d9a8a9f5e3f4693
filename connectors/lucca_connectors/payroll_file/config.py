"""The payroll file connector's section of the YAML."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from lucca_connectors.payroll_file.naming import checked_file
from lucca_sync import ConnectorConfig, Expression, PositiveDuration, Template

_DATE_FORMAT: Final = re.compile(r"(?:%[dmYyj%]|[^%])*%[dmYyj](?:%[dmYyj%]|[^%])*")


class PayrollFileConfig(ConnectorConfig):
    """Which folder, which columns, and the habits of the program that reads the files."""

    directory: Path
    """Where files appear; it must exist (it may be a mount). A folder `.lucca-sync` is kept inside."""

    file: Annotated[Template, AfterValidator(checked_file)]
    """The file's name: Jinja with `batch.number` (00001, …; required) and `batch.date` (UTC, 2026-01-31)."""

    columns: Annotated[dict[str, Expression], Field(min_length=1)]
    """Header: JMESPath over the event. Nothing found is an empty cell."""

    every: PositiveDuration = timedelta(hours=1)
    """A file is written when the oldest waiting event has waited this long …"""

    max_rows: Annotated[int, Field(ge=1, le=10_000)] = 1000
    """… or as soon as this many lines are waiting."""

    delimiter: Literal[";", ",", "\t", "|"] = ";"
    """Between two cells."""

    decimal: Annotated[Literal[",", "."], Field(validate_default=True)] = ","
    """The decimal mark of numbers."""

    date_format: str | None = None
    """How dates are written, from %d %m %Y %y %j (`%d/%m/%Y`); without it as 2026-01-31."""

    encoding: Literal["utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "iso-8859-15"] = "utf-8"
    """The file's characters; utf-8-sig begins with the mark that Excel wants."""

    unencodable: Literal["reject", "replace"] = "reject"
    """A character that `encoding` lacks: the line becomes a dead letter, or the character a question mark."""

    header: bool = True
    """Whether the first line holds the columns' names."""

    line_ending: Literal["\r\n", "\n"] = "\r\n"
    """After each line."""

    time_limit: PositiveDuration = timedelta(minutes=5)
    """For writing one file, on a share that may be slow."""

    @field_validator("date_format")
    @classmethod
    def _check_date_format(cls, text: str | None) -> str | None:
        if text is not None and not _DATE_FORMAT.fullmatch(text):
            raise ValueError("must be made of %d, %m, %Y, %y, %j and plain text, for example %d/%m/%Y")
        return text

    @field_validator("decimal")
    @classmethod
    def _check_decimal(cls, mark: str, info: ValidationInfo) -> str:
        if mark == info.data.get("delimiter"):
            raise ValueError("must differ from delimiter")
        return mark

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, encoding: str, info: ValidationInfo) -> str:
        words = "".join((*info.data.get("columns", ()), info.data.get("date_format") or ""))
        try:
            words.encode(encoding)
        except UnicodeEncodeError:
            raise ValueError("cannot write the names in columns, or date_format") from None
        return encoding
