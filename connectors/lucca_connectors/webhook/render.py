"""An event as a signed request: Standard Webhooks 1.0.0 around a CloudEvent in structured JSON.

Knows no network. https://www.standardwebhooks.com and https://cloudevents.io say what the bytes mean.
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from lucca_sync import Event

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
_PREFIX: Final = "whsec_"
_SHORTEST: Final = 24
_LONGEST: Final = 64


def signing_key(secret: str) -> bytes:
    """Return the bytes behind `whsec_…`; raise ValueError, without the secret, when it is something else."""
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError("a signing secret is whsec_ followed by 24 to 64 random bytes in base64")
    return key


def render(event: Event, keys: Sequence[bytes], at: datetime) -> tuple[bytes, dict[str, str]]:
    """Return the body of the attempt made at `at`, and the headers that prove where it comes from."""
    body = msgspec.json.encode(event.cloudevent())
    timestamp = int(at.timestamp())
    headers = {
        "content-type": CONTENT_TYPE,
        "webhook-id": event.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(key, event.id, timestamp, body) for key in keys),
    }
    return body, headers


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign exactly these bytes: HMAC-SHA256 of `id.timestamp.body`, version 1."""
    signed = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, sha256)
    return f"v1,{b64encode(signed).decode()}"
