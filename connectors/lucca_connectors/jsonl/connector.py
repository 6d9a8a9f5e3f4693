"""Adds each batch to a file or to standard output; blocking writes happen in a worker thread."""

from collections.abc import Sequence
from pathlib import Path

from anyio import to_thread

from lucca_connectors.jsonl.config import STANDARD_OUTPUT, JsonlConfig
from lucca_connectors.jsonl.lines import LineFile, StandardOutput
from lucca_connectors.jsonl.render import render
from lucca_sync import Abilities, CheckFailed, Connector, Delivery, Done, Outcome, Retry, Surroundings


class JsonlConnector(Connector[JsonlConfig]):
    """One writer, whole batches."""

    Config = JsonlConfig

    def __init__(self, config: JsonlConfig, surroundings: Surroundings) -> None:
        super().__init__(config, surroundings)
        self._to_output = config.path == STANDARD_OUTPUT
        self._lines = LineFile(config.path) if isinstance(config.path, Path) else StandardOutput()

    @property
    def abilities(self) -> Abilities:
        """One batch at a time, so that lines stand in the order of delivery."""
        return Abilities(max_batch=100, concurrency=1)

    async def check(self) -> None:
        """See that lines could be added."""
        try:
            await to_thread.run_sync(self._lines.writable)
        except OSError as error:
            raise CheckFailed(self._words(error)) from None

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Write all of them, or none."""
        if not deliveries:
            return []
        try:
            # Output that nobody reads must not keep the daemon from stopping; a file write ends by itself.
            await to_thread.run_sync(self._lines.add, render(deliveries), abandon_on_cancel=self._to_output)
        except (OSError, ValueError) as error:
            return [Retry(self._words(error), possibly_sent=self._to_output) for _ in deliveries]
        return [Done() for _ in deliveries]

    def _words(self, error: OSError | ValueError) -> str:
        place = "standard output" if self._to_output else str(self.config.path)
        reason = error.strerror if isinstance(error, OSError) else "it is closed"
        return f"cannot write to {place}: {reason}"
