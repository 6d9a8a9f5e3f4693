"""An event loop for tests with sockets: as soon as nothing is left to do, time leaps to the next timer.

Connections to servers in the same loop pass their bytes through memory, so that nothing is ever under way
unseen. The HTTP of both ends is the real one; only kernel and threads are left out.
"""

import asyncio
import selectors
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

T = TypeVar("T")
_Factory = Callable[[], asyncio.BaseProtocol]


class _Leaping(selectors.DefaultSelector):
    """Never sleeps: a wait is over at once, and time has moved by it."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if timeout is None and not ready:
            raise RuntimeError("everybody waits, and nobody will ever do anything again")
        if not ready and timeout is not None and timeout > 0:
            self.time += timeout
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """Knows who listens where, and connects to nobody else."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        self._doors: dict[int, _Factory] = {}
        self._called: dict[socket.socket, int] = {}
        super().__init__(self._leaping)

    def time(self) -> float:
        """Return the time that has been leapt."""
        return self._leaping.time

    async def create_server(  # type: ignore[override]
        self, factory: _Factory, host: str, port: int, **_: object
    ) -> "_Listening":
        """Open a door at a port that is really free."""
        place = socket.socket()
        place.bind((host, port))
        number: int = place.getsockname()[1]
        self._doors[number] = factory
        return _Listening(place, lambda: self._doors.pop(number, None))

    async def sock_connect(self, sock: socket.socket, address: tuple[str, int]) -> None:  # type: ignore[override]
        """Note whom a socket calls."""
        if address[1] not in self._doors:
            raise ConnectionRefusedError(111, "nobody listens there")
        self._called[sock] = address[1]

    async def create_connection(  # type: ignore[override]
        self,
        factory: _Factory,
        host: str | None = None,
        port: int = 0,
        *_: object,
        sock: socket.socket | None = None,
        **__: object,
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Join a socket's owner with whom it called, past the kernel."""
        if sock is not None:
            port = self._called.pop(sock)
            sock.close()
        door = self._doors.get(port)
        if door is None:
            raise ConnectionRefusedError(111, "nobody listens there any more")
        here, there = factory(), door()
        near, far = Pipe(self, here), Pipe(self, there)
        near.other, far.other = far, near
        there.connection_made(far)
        here.connection_made(near)
        return near, here

    def run_in_executor(self, executor: object, func: Callable[..., T], *given: object) -> asyncio.Future[T]:
        """Do it now, as `AtOnce` does: a host is looked up this way."""
        return asyncio.wrap_future(AtOnce().submit(partial(func, *given)), loop=self)


class _Listening:
    """A server as aiohttp sees it."""

    def __init__(self, place: socket.socket, shut: Callable[[], object]) -> None:
        self.sockets = (place,)
        self._shut = shut

    def close(self) -> None:
        self._shut()
        self.sockets[0].close()

    def is_serving(self) -> bool:
        return True

    async def wait_closed(self) -> None:
        """It is closed at once."""


class Pipe(asyncio.Transport):
    """One end of a connection: what is written arrives at the other end in the loop's next turn."""

    def __init__(self, loop: LeapingLoop, protocol: asyncio.BaseProtocol) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.other: Pipe | None = None
        self._loop = loop
        self._protocol = protocol
        self._closing = False
        self._ended = False
        self._held: list[bytes] | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing and self.other is not None:
            self._loop.call_soon(self.other.arrive, bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def arrive(self, data: bytes) -> None:
        """Take in what the other end wrote."""
        if self._held is not None:
            self._held.append(data)
        elif not self._ended and isinstance(self._protocol, asyncio.Protocol):
            self._protocol.data_received(data)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self.end, None)
            if self.other is not None:
                self._loop.call_soon(self.other.hang_up)

    def abort(self) -> None:
        self.close()

    def hang_up(self) -> None:
        """Hear that the other end is gone."""
        if not self._ended and isinstance(self._protocol, asyncio.Protocol):
            self.resume_reading()
            self._protocol.eof_received()
            self.close()

    def end(self, error: Exception | None) -> None:
        """Tell the protocol that it is over, once."""
        if not self._ended:
            self._ended = True
            self._protocol.connection_lost(error)

    def pause_reading(self) -> None:
        if self._held is None:
            self._held = []

    def resume_reading(self) -> None:
        held, self._held = self._held, None
        for data in held or ():
            self.arrive(data)

    def is_reading(self) -> bool:
        return self._held is None

    def is_closing(self) -> bool:
        return self._closing

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever buffered."""


class AtOnce:
    """An executor that does each job where it is handed in: a thread's work would go on while time leaps."""

    def __init__(self, max_workers: int = 1, thread_name_prefix: str = "") -> None:
        """Take what a pool of threads takes."""

    def submit(self, job: Callable[[], T]) -> "Future[T]":
        """Do it now."""
        done: Future[T] = Future()
        try:
            done.set_result(job())
        except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
            done.set_exception(error)
        return done

    def shutdown(self, *, wait: bool = True) -> None:
        """There is nothing to end."""
