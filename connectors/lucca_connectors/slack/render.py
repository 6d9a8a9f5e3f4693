"""A message as Slack wants it: escaped values, blocks of bearable length, a fallback text.

Limits: 3000 characters a section, 50 blocks, and blocks of more than about 13,000 characters together fail.
"""

from typing import Final

import msgspec

from lucca_sync import CompiledTemplate, Event, JsonObject, event_view

SECTION: Final = 3000
WHOLE: Final = 12_000
_CUT_NOTE: Final = "\n… (shortened)"
_LONGEST_ENTITY: Final = len("&amp;")


def escape(value: str) -> str:
    """Make a value harmless: no <!channel>, no mention, no link can come out of it."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaping(template: CompiledTemplate) -> CompiledTemplate:
    """The template as this connector fills it."""
    return template.escaping(escape)


def render(template: CompiledTemplate, event: Event) -> bytes | None:
    """Return the request's body, None when the template has nothing to say; may raise Unrenderable."""
    text = template.render(event_view(event)).strip()
    return msgspec.json.encode(message(text)) if text else None


def message(text: str) -> JsonObject:
    """Build the payload. `verbatim` keeps Slack from making links and mentions out of what looks like one."""
    return {
        "text": _shortened(text, SECTION),
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": piece, "verbatim": True}}
            for piece in _pieces(_shortened(text, WHOLE))
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: _cut(text, limit - len(_CUT_NOTE))].rstrip() + _CUT_NOTE


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    while len(text) > SECTION:
        at = _cut(text, SECTION)
        pieces.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [piece for piece in (*pieces, text) if piece]


def _cut(text: str, limit: int) -> int:
    """Where to cut at the latest: after a line, else after a word, and never inside a link or an entity."""
    at = text.rfind("\n", 1, limit) + 1 or text.rfind(" ", 1, limit) + 1 or limit
    link = text.rfind("<", 0, at)
    if link > 0 and ">" not in text[link:at]:
        at = link
    entity = text.rfind("&", max(0, at - _LONGEST_ENTITY), at)
    return entity if entity > 0 and ";" not in text[entity:at] else at
