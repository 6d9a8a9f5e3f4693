"""Logs: structlog, JSON lines for machines, coloured lines on a terminal. Event names are stable identifiers.

Never a record's values: callers log keys, counts, field names and reasons only.
"""

import logging
import sys
from contextlib import suppress
from typing import Protocol, TextIO, cast

import structlog


class Stream(Protocol):
    """Where logs are written to."""

    def write(self, text: str, /) -> int:
        """Write a line."""
        ...

    def flush(self) -> None:
        """Hand on what was written."""
        ...

    def isatty(self) -> bool:
        """Tell whether a person looks on."""
        ...


class _Unfailing:
    """A stream that swallows its troubles: a full disk or a reader that left must not stop the work."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure_logging(
    *, terminal: bool | None = None, stream: Stream | None = None, level: int = logging.INFO
) -> None:
    """Send logs to `stream` (standard error by default), rendered for a person when it is a terminal."""
    target = stream or sys.stderr
    file = cast("TextIO", _Unfailing(target))
    processors = _processors(for_person=target.isatty() if terminal is None else terminal)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_for_libraries(file, processors)], level=logging.WARNING)


def _processors(*, for_person: bool) -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
        if for_person
        else structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_values,
        structlog.dev.ConsoleRenderer() if for_person else structlog.processors.JSONRenderer(),
    ]


def _for_libraries(file: TextIO, processors: list[structlog.typing.Processor]) -> logging.Handler:
    """Let what libraries log look like our own lines.

    Of their words only those that stand in their source: what is filled in, or follows on further lines,
    could quote a record.
    """
    handler = logging.StreamHandler(file)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _first_line,
                *processors,
            ],
            use_get_message=False,
        )
    )
    return handler


def _first_line(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _exception_without_values(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Keep of an exception its type and where it was raised: its text could quote a record."""
    trouble = event.pop("exc_info", None)
    if trouble is True:
        trouble = sys.exc_info()
    if isinstance(trouble, tuple):
        trouble = cast("tuple[object, object, object]", trouble)[1]
    if isinstance(trouble, BaseException):
        event["exception"] = type(trouble).__name__
        if trouble.__traceback__ is not None:
            frame = trouble.__traceback__
            while frame.tb_next is not None:
                frame = frame.tb_next
            event["raised_at"] = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
    return event
