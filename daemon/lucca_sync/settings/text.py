"""Short texts that must have a shape: names, addresses, resources. Pure; the words never hold the value."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Final, TypeAlias, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, WithJsonSchema

from lucca_sync.kit.loopback import is_loopback
from lucca_sync.model.business import RULES, choices, why_not_a_name
from lucca_sync.model.event import KINDS
from lucca_sync.settings.problems import did_you_mean

Item = TypeVar("Item", bound=Hashable)

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_COLLECTION: Final = re.compile(r"/lucca-api/[A-Za-z0-9][A-Za-z0-9/_-]*[A-Za-z0-9]")
_NAME_RULE: Final = "a name is made of a-z, 0-9 and -, begins with no -, and has at most 63 characters"
_STORE_RULE: Final = "must be sqlite: and a path, such as sqlite:./lucca-sync.db"
_LISTEN_RULE: Final = "must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464"
_LAST_PORT: Final = 65535
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")  # RFC 6749
_DEFINITION: Final = re.compile(r"[^\s,]+")
_LONGEST_LIST: Final = 100
_EVENT_NAME: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(_NAME_RULE)
    return text


def _collection(text: str) -> str:
    if not _COLLECTION.fullmatch(text):
        raise ValueError("must be the path of a v5 collection, such as /lucca-api/skills")
    return text


def _url(text: str) -> str:
    parts = _split(text)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("must begin with https:// (http is for loopback only)")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not carry a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("must not carry a query or a fragment")
    return text


def _split(text: str) -> SplitResult:
    """Split a URL; what the standard library says about a bad one quotes it."""
    try:
        parts = urlsplit(text)
        (parts.hostname or "").encode("idna")  # what can't be looked up
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound, parts = False, urlsplit("")
    if not sound or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be a URL, such as https://acme.ilucca.net")
    return parts


def _tenant_url(text: str) -> str:
    parts = _split(_url(text))
    if parts.path not in {"", "/"}:
        raise ValueError("must end after the host: no path such as /lucca-api")
    return text.removesuffix("/")


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        close = did_you_mean(text, available_timezones())
        raise ValueError(f"unknown time zone, such as Europe/Paris{close}") from None
    return text


def _store(text: str) -> str:
    scheme, _, path = text.partition(":")
    if scheme in {"postgres", "postgresql"}:
        raise ValueError("PostgreSQL is not available in this version: use sqlite: and a path")
    if scheme != "sqlite" or not path.strip():
        raise ValueError(_STORE_RULE)
    if Path(path).name == ":memory:":
        raise ValueError("must be a file: what is only in memory is lost with the process")
    if path.startswith("//"):
        raise ValueError(f"{_STORE_RULE}, without //")
    return text


def split_listen(text: str) -> tuple[str, int]:
    """Split `host:port` or `[v6]:port`. Raises ValueError."""
    host, _, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    bracketed = host != bare
    if not bare or (":" in bare) != bracketed or not port.isascii() or not port.isdigit():
        raise ValueError(_LISTEN_RULE)
    if int(port) > _LAST_PORT:
        raise ValueError(f"the port must be at most {_LAST_PORT}")
    return bare, int(port)


def _listen(text: str) -> str:
    split_listen(text)
    return text


def _volatile(text: str) -> str:
    if not text.strip() or ("/" in text and not text.startswith("/")):
        raise ValueError("must be a field's name, or a JSON Pointer that begins with /")
    return text


def _file(path: Path) -> Path:
    if not path.name:
        raise ValueError("must name a file")
    return path


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError("must be one scope, such as skills.readonly")
    return text


def _definition(text: str) -> str:
    if not _DEFINITION.fullmatch(text):
        raise ValueError("must be the id of a definition, such as e_tShirtSize")
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def each_once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Refuse a list that is empty or names something twice."""
    if not items:
        raise ValueError("must not be empty")
    if len(set(items)) < len(items):
        raise ValueError("names something twice")
    return items


def listed(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Refuse what a filter of Lucca's does not take: more than a hundred values."""
    if len(items) > _LONGEST_LIST:
        raise ValueError(f"must be at most {_LONGEST_LIST}")
    return each_once(items)


def _event_name(text: str) -> str:
    if not _EVENT_NAME.fullmatch(text):
        raise ValueError("must be words of a-z, 0-9 and - with dots between, such as employee.promoted")
    why_not = why_not_a_name(text)
    if why_not is not None:
        raise ValueError(why_not)
    return text


EventName: TypeAlias = Annotated[
    str,
    AfterValidator(_event_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_EVENT_NAME.pattern}$"}),
]
EventType: TypeAlias = Annotated[
    str,
    AfterValidator(_filled),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": list(KINDS)},
                {
                    "type": "string",
                    "pattern": rf"^{_EVENT_NAME.pattern}(\.\*)?$",
                    "examples": list(choices(RULES)),
                },
            ]
        }
    ),
]
Name: TypeAlias = Annotated[
    str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})
]
CollectionPath: TypeAlias = Annotated[
    str,
    AfterValidator(_collection),
    WithJsonSchema({"type": "string", "pattern": f"^{_COLLECTION.pattern}$"}),
]
Url: TypeAlias = Annotated[
    str, AfterValidator(_url), WithJsonSchema({"type": "string", "pattern": "^https?://"})
]
TenantUrl: TypeAlias = Annotated[
    str, AfterValidator(_tenant_url), WithJsonSchema({"type": "string", "pattern": "^https?://[^/]+/?$"})
]
TimeZone: TypeAlias = Annotated[str, AfterValidator(_timezone)]
Store: TypeAlias = Annotated[
    str, AfterValidator(_store), WithJsonSchema({"type": "string", "pattern": "^sqlite:(?!//).+"})
]
Listen: TypeAlias = Annotated[
    str, AfterValidator(_listen), WithJsonSchema({"type": "string", "pattern": r"^.+:\d{1,5}$"})
]
VolatilePath: TypeAlias = Annotated[str, AfterValidator(_volatile)]
File: TypeAlias = Annotated[Path, AfterValidator(_file)]
Scope: TypeAlias = Annotated[
    str, AfterValidator(_scope), WithJsonSchema({"type": "string", "pattern": f"^{_SCOPE.pattern}$"})
]
DefinitionId: TypeAlias = Annotated[
    str,
    AfterValidator(_definition),
    WithJsonSchema({"type": "string", "pattern": f"^{_DEFINITION.pattern}$"}),
]
Filled: TypeAlias = Annotated[str, AfterValidator(_filled)]
