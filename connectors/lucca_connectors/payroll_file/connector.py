"""Turns each batch into one file; everything that blocks happens in one worker thread call."""

from collections.abc import Sequence

from anyio import to_thread

from lucca_connectors.payroll_file.config import PayrollFileConfig
from lucca_connectors.payroll_file.folder import Folder
from lucca_connectors.payroll_file.ledger import LedgerUnreadable
from lucca_connectors.payroll_file.naming import file_name
from lucca_connectors.payroll_file.render import UnfitCell, line, render
from lucca_sync import (
    Abilities,
    CheckFailed,
    Connector,
    Delivery,
    Done,
    Outcome,
    Reject,
    Retry,
    Surroundings,
)


class PayrollFileConnector(Connector[PayrollFileConfig]):
    """One file a batch. An event that stands in a file already is done, whoever asks again."""

    Config = PayrollFileConfig

    def __init__(self, config: PayrollFileConfig, surroundings: Surroundings) -> None:
        super().__init__(config, surroundings)
        self._folder = Folder(config.directory, surroundings.name, self._file_name)

    @property
    def abilities(self) -> Abilities:
        """A batch waits for `max_rows` lines or for `every`; one file is written at a time."""
        return Abilities(
            max_batch=self.config.max_rows,
            concurrency=1,
            linger=self.config.every,
            time_limit=self.config.time_limit,
        )

    async def check(self) -> None:
        """Write to the folder without leaving anything there."""
        try:
            await to_thread.run_sync(self._folder.probe)
        except OSError as error:
            raise CheckFailed(self._words(error)) from None

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Write one file for all lines that are new. Not to be cut short: the thread ends its file."""
        return await to_thread.run_sync(self._deliver, tuple(deliveries)) if deliveries else []

    def _deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        try:
            self._folder.settle()
            return self._published(deliveries)
        except OSError as error:
            reason = self._words(error)
        except LedgerUnreadable as error:
            reason = str(error)
        return [Retry(reason) for _ in deliveries]

    def _published(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        settled: dict[str, Outcome] = {}
        lines: dict[str, Sequence[str]] = {}
        for event in (delivery.event for delivery in deliveries):
            if known := self._folder.file_of(event.id):
                settled[event.id] = Done(known)
                continue
            try:
                lines[event.id] = line(event, self.config)
            except UnfitCell as error:
                settled[event.id] = Reject(str(error))
        if lines:
            file = self._folder.publish(render(list(lines.values()), self.config), list(lines))
            settled.update(dict.fromkeys(lines, Done(file)))
        return [settled[delivery.event.id] for delivery in deliveries]

    def _file_name(self, number: int) -> str:
        today = self.surroundings.clock.now().date().isoformat()
        return file_name(self.config.file, number, today)

    def _words(self, error: OSError) -> str:
        return f"cannot write into {self.config.directory}: {error.strerror or type(error).__name__}"
