"""How the demo writes a change: `before → after`, short enough to be read at a glance. Pure."""

from typing import Final, cast

import msgspec

from lucca_sync.model.values import Json, JsonObject

_NOTHING: Final = "∅"
_LONGEST: Final = 40
_TELLING: Final = ("givenName", "familyName", "name", "jobTitle", "value", "startsOn", "start")
"""Fields that say what a record is about, where there is no change to tell."""


def details_of(data: JsonObject) -> str:
    """Say what an event's data tells: each change, or who came or went."""
    changes = [
        f"{str(change['path']).lstrip('/')}: {shown(change['before'])} → {shown(change['after'])}"
        for change in cast("list[JsonObject]", data["changes"])
        if change["path"] != "/lastUpdatedAt"
    ]
    if changes:
        return "; ".join(changes)
    record, previous = _summary(data["record"]), _summary(data["previous"])
    return f"{previous} → {record}"


def shown(value: Json) -> str:
    """Write a value."""
    if value is None:
        return _NOTHING
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _summary(record: Json) -> str:
    if not isinstance(record, dict):
        return _NOTHING
    telling = [record[name] for name in _TELLING if record.get(name) is not None]
    return " ".join(shown(_leaf(value)) for value in telling[:2]) or shown(record.get("id"))


def _leaf(value: Json) -> Json:
    return next(iter(value.values()), None) if isinstance(value, dict) else value
