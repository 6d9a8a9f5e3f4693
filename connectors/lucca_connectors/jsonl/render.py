"""An event as a line: the CloudEvent in JSON, UTF-8, ended by a line feed."""

from collections.abc import Sequence
from typing import Final

import msgspec

from lucca_sync import Delivery

BEGINNING: Final = b'{"specversion":'
"""How every line begins; a torn one is recognised by it."""


def render(deliveries: Sequence[Delivery]) -> bytes:
    """Return the lines of a batch."""
    return b"".join(msgspec.json.encode(delivery.event.cloudevent()) + b"\n" for delivery in deliveries)
