"""Discretion: records' values and secrets reach the target, and nobody else."""

import io
import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import structlog
from structlog.testing import LogCapture, capture_logs

from lucca_sync.connector import Connector
from lucca_sync.testing.connectors.calls import held
from lucca_sync.testing.connectors.scenario import expect, scenario
from lucca_sync.testing.connectors.scene import CANARY
from lucca_sync.testing.connectors.suite import Suite, opened

_SPELT_OUT: Final = structlog.processors.format_exc_info
"""Errors in log lines as what people would read."""


class Discretion(Suite):
    """In no mood does anything show in a log, an outcome, an error or a repr."""

    @scenario
    async def test_shows_no_value_of_a_record(self) -> None:
        """Neither a reason nor a receipt, a log line or an error holds what a record holds."""
        shown, _ = await self._shown()
        for where, text in shown.items():
            expect(CANARY not in text, f"a record's value stands in {where}")

    @scenario
    async def test_shows_no_secret(self) -> None:
        """Neither a repr nor an outcome, a log line or an error holds a secret of the section."""
        shown, secrets = await self._shown()
        for where, text in shown.items():
            for secret in secrets:
                expect(secret not in text, f"a secret stands in {where}")

    async def _shown(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """Everything that can be seen of a connector through all moods, and the secrets it was given."""
        with _watched() as (log, logged):
            async with self.scene() as scene, opened(self._made(scene, log)) as connector:
                said = [f"{connector!r} {connector}"]
                for mood in sorted(self.moods - {"slow"}):
                    await scene.target.become(mood)
                    said += [await self._said(connector)]
                if "slow" in self.moods:
                    async with held(connector, [[self.delivery(1)]], scene.target) as calls:
                        pass
                    said += [repr(calls.outcomes)]
                await scene.target.become("healthy")
                said += [f"{connector!r} {connector}"]
                secrets = scene.secrets
        return {"a repr, an outcome or an error": "\n".join(said), "a log line": "\n".join(logged)}, secrets

    async def _said(self, connector: Connector[Any]) -> str:
        """Everything that a delivery and a check give back, errors included."""
        said: list[str] = []
        try:
            said.append(repr(await connector.deliver([self.delivery(1)])))
            await connector.check()
        except Exception as error:  # noqa: BLE001 - whatever is raised is looked at, like everything else
            said.append(f"{error!r} {error}")
        return " ".join(said)


@contextmanager
def _watched() -> Generator[tuple[structlog.typing.FilteringBoundLogger, list[str]]]:
    """Collect what is logged, through the logger lent to the connector, structlog at large, and `logging`."""
    seen: list[str] = []
    own, stream = LogCapture(), io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET)
    try:
        with capture_logs() as entries:
            structlog.get_config()["processors"].insert(0, _SPELT_OUT)
            yield structlog.wrap_logger(None, processors=[_SPELT_OUT, own]), seen
        seen += [repr(entries), repr(own.entries), stream.getvalue()]
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
