"""How files and their numbers are named. Pure."""

import re
from typing import Final
from urllib.parse import quote

from lucca_sync import CompiledTemplate, Unrenderable

_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]|^[.\s]|[.\s]$')
_LONGEST: Final = 200


def number_text(number: int) -> str:
    """Five digits at least, so that files stand in order in a folder."""
    return f"{number:05d}"


def file_name(template: CompiledTemplate, number: int, date: str) -> str:
    """Name a batch's file; raise ValueError when that is not the name of one visible file."""
    try:
        name = template.render({"batch": {"number": number_text(number), "date": date}})
    except Unrenderable as error:
        raise ValueError(str(error)) from None
    if not name or _UNFIT.search(name) or len(name.encode()) > _LONGEST:
        raise ValueError("must make the name of one visible file, without folders")
    return name


def checked_file(template: CompiledTemplate) -> CompiledTemplate:
    """Refuse, when the settings are loaded, a name that two batches would share."""
    if file_name(template, 1, "2026-01-31") == file_name(template, 2, "2026-01-31"):
        raise ValueError("must contain {{ batch.number }}: no two files may have the same name")
    return template


def folder_name(connector: str) -> str:
    """The connector's name as the name of a folder, whatever characters it has."""
    return quote(connector, safe="").replace(".", "%2E")
