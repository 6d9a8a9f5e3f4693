"""Whether a webhook really comes from Lucca: its signature over the raw body, and its age. Pure.

Facts are from /documentation/webhooks/catching/validate: base64 of HMAC-SHA256 over timestamp, a dot and the
body as it came, keyed with the endpoint's secret as text. Its prose says "SHA256 hash", its samples use HMAC.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

SIGNATURE_HEADER: Final = "Lucca-Signature"
TIMESTAMP_HEADER: Final = "Lucca-Timestamp"
TOLERANCE: Final = timedelta(minutes=5)


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature that belongs to a body sent at `timestamp`, which counts as spelled."""
    signed = b"%s.%s" % (_bytes(timestamp), body)
    return b64encode(hmac.digest(_bytes(secret), signed, "sha256")).decode()


def is_genuine(
    secrets: Iterable[str], timestamp: str | None, signature: str | None, body: bytes, now: datetime
) -> bool:
    """Tell whether one of the secrets made this signature, within five minutes of `now` either way.

    Whatever stands in the headers, it never raises, and takes no longer for a near miss.
    """
    if timestamp is None or signature is None or not _is_near(timestamp, now):
        return False
    given = _bytes(signature)
    found = [hmac.compare_digest(_bytes(signature_of(secret, timestamp, body)), given) for secret in secrets]
    return any(found)


def _is_near(timestamp: str, now: datetime) -> bool:
    try:
        sent = datetime.fromisoformat(timestamp)
    except ValueError:
        return False
    sent = sent if sent.tzinfo else sent.replace(tzinfo=UTC)  # documented as UTC
    return abs(now - sent) <= TOLERANCE


def _bytes(text: str) -> bytes:
    # Bytes of a header that are no UTF-8 arrive as lone surrogates.
    return text.encode("utf-8", "surrogatepass")
