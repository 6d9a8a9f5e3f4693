"""Checking values of employee attributes against their definitions, beside the flow of events.

A value that its definition would refuse is counted, and said once per definition; it is never fatal and never
quoted: the event has long been told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog

from lucca_sync.ingest.canonical import decode_content
from lucca_sync.ingest.source import Lookout
from lucca_sync.journal.protocol import EventFilter, Known, ResourceName
from lucca_sync.model.attributes import Fits, definition_of, fits
from lucca_sync.model.values import JsonObject

VALUES: Final = "employee-attributes"
DEFINITIONS: Final = "employee-attribute-definitions"
_AT_ONCE: Final = 500
_LOG: Final = structlog.get_logger("lucca_sync.ingest")


@dataclass(slots=True)
class AttributeCheck:
    """Checks one tenant's values: all of them when it begins, then those that events bring."""

    tenant: str
    lookout: Lookout
    _position: int | None = None
    _tests: dict[str, tuple[bytes, Fits | None]] = field(default_factory=dict[str, tuple[bytes, Fits | None]])
    _told: set[str] = field(default_factory=set[str])

    async def look(self) -> bool:
        """Check what is new; always whole."""
        await self._learn()
        if self._tests:
            if self._position is None:
                await self._check_all()
            await self._check_news(self._position or 0)
        return True

    async def _learn(self) -> None:
        """Take up definitions that are new or were changed."""
        after: str | None = None
        while records := await self._scanned(DEFINITIONS, after):
            after = records[-1].id
            for known in records:
                former = self._tests.get(known.id)
                if former is None or former[0] != known.digest:
                    self._tests[known.id] = known.digest, fits(_content(known))

    async def _check_all(self) -> None:
        newest = await self.lookout.journal.newest(limit=1, wanted=EventFilter())
        self._position = newest[-1].position if newest else 0
        after: str | None = None
        while records := await self._scanned(VALUES, after):
            after = records[-1].id
            self._check(map(_content, records))

    async def _check_news(self, position: int) -> None:
        wanted = EventFilter(tenant=self.tenant, resource=VALUES)
        while entries := await self.lookout.journal.events(after=position, limit=_AT_ONCE, wanted=wanted):
            self._position = position = entries[-1].position
            self._check(entry.event.record for entry in entries if entry.event.record is not None)

    async def _scanned(self, resource: str, after: str | None) -> list[Known]:
        name = ResourceName(self.tenant, resource)
        return list(await self.lookout.journal.scan(name, after, _AT_ONCE))

    def _check(self, attributes: Iterable[JsonObject]) -> None:
        for attribute in attributes:
            definition = definition_of(attribute)
            _, test = self._tests.get(definition or "", (b"", None))
            if definition is not None and test is not None and not test(attribute.get("value")):
                self._violated(definition)

    def _violated(self, definition: str) -> None:
        self.lookout.metrics.attribute_violations.labels(self.tenant).inc()
        if definition not in self._told:
            self._told.add(definition)
            _LOG.warning(
                "attribute_violates_its_definition",
                tenant=self.tenant,
                definition=definition,
                advice="a value is not as its definition's schema says; it was told as it is",
            )


def _content(known: Known) -> JsonObject:
    return decode_content(known.content or b"{}")
