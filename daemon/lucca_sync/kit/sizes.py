"""Amounts of bytes as people write them in YAML: `500MiB`, `2GiB`, `1.5TB`."""

import re
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS: Final = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_UNIT: Final = "B|kB|MB|GB|TB|KiB|MiB|GiB|TiB"
_SIZE: Final = re.compile(rf"(\d{{1,15}}(?:\.\d{{1,9}})?)({_UNIT})", re.ASCII)


class Amount(int):
    """Bytes that are shown the way people write them."""

    def __str__(self) -> str:
        """Return it as in YAML."""
        return format_size(self)


def parse_size(text: object) -> object:
    """Turn `2GiB` into bytes. Leave an Amount alone; refuse anything else with ValueError."""
    if isinstance(text, Amount):
        return text
    found = _SIZE.fullmatch(text) if isinstance(text, str) else None
    size = round(float(found[1]) * _UNITS[found[2]]) if found else 0
    if not size:
        raise ValueError("must be a size such as 500MiB, 2GiB or 1.5TB")
    return size


def format_size(size: int) -> str:
    """Write bytes the way people write them, in the largest unit that leaves nothing out."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}"
    return f"{size}B"


Size: TypeAlias = Annotated[
    int,
    BeforeValidator(parse_size),
    PlainSerializer(format_size, return_type=str),
    WithJsonSchema({"type": "string", "pattern": rf"^\d+(\.\d+)?({_UNIT})$", "examples": ["500MiB", "2GiB"]}),
]
"""Bytes, more than none."""
