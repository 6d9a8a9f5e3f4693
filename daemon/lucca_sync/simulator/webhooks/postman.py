"""Carries webhooks to their endpoints: signed, within three seconds, five times at most."""

import base64
import hashlib
import hmac
import ipaddress
from datetime import datetime, timedelta
from random import Random
from typing import Literal

import aiohttp
import anyio
import anyio.abc
from yarl import URL

from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.server.faults import Mischief
from lucca_sync.simulator.server.stats import Stats
from lucca_sync.simulator.webhooks.mail import Attempt, Delivery, Endpoint, Event
from lucca_sync.simulator.webhooks.office import Office

PATIENCE = 3.0
"""Seconds that an endpoint has for its answer."""
_AT_ONCE = 8
_QUARTER_HOUR = timedelta(minutes=15)
_MAX_ERROR = 1000
_FAILURES = (aiohttp.ClientError, TimeoutError, OSError)


class Postman:
    """Sends what the office has queued, when it is due."""

    def __init__(self, office: Office, mischief: Mischief, stats: Stats, options: SimulatorOptions) -> None:
        self._office = office
        self._mischief = mischief
        self._stats = stats
        self._options = options
        self._random = Random(options.seed + 5)
        self._woken: anyio.Event | None = None
        self._session: aiohttp.ClientSession | None = None
        self._base = ""
        office.on_mail = self.wake

    def wake(self) -> None:
        """Look at the queue again."""
        if self._woken is not None:
            self._woken.set()

    async def work(
        self, base: str, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Send until cancelled; the tenant's address is what events name as their source."""
        self._base = base
        room = anyio.CapacityLimiter(_AT_ONCE)
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session, anyio.create_task_group() as tasks:
            self._session = session
            task_status.started()
            while True:
                self._woken = woken = anyio.Event()
                for delivery in self._office.due():
                    tasks.start_soon(self._send, delivery, room)
                wait = self._office.wait()
                with anyio.move_on_after(None if wait is None else max(wait, 0) / self._options.speed):
                    await woken.wait()

    async def activates(self, address: str) -> bool:
        """Ask an address to repeat a word, and say whether it did."""
        word = f"ç{self._random.getrandbits(64):016x}-é"
        url = URL(address).update_query({self._options.activation_parameter: word})
        if self._session is None:
            return False
        try:
            async with self._session.get(url, allow_redirects=False) as answer:
                return answer.status == 200 and await answer.read() == word.encode()  # noqa: PLR2004
        except _FAILURES:
            return False

    def allows(self, address: str) -> bool:
        """Say whether webhooks may go there: to this machine itself, or to a host that the options name."""
        try:
            url = URL(address)
        except ValueError:
            return False
        host = url.host
        if url.scheme not in ("http", "https") or not host:
            return False
        return host in self._options.webhook_hosts or host == "localhost" or _is_loopback(host)

    async def _send(self, delivery: Delivery, room: anyio.CapacityLimiter) -> None:
        async with room:
            event = self._office.events.get(delivery.event)
            endpoint = self._office.endpoints.get(delivery.endpoint)
            if event is None or endpoint is None or not (endpoint.status == "active" or delivery.by_hand):
                delivery.status, delivery.due = "failed", None
                return
            status = await self._attempt(delivery, event, endpoint)
            if endpoint.id in self._office.endpoints:
                self._office.settle(delivery, endpoint, status)
            if delivery.status == "delivered" and self._strikes("repeated"):
                await self._attempt(delivery, event, endpoint)

    async def _attempt(self, delivery: Delivery, event: Event, endpoint: Endpoint) -> int | None:
        body = event.body(self._base)
        stamp = self._stamp()
        secret = f"not-{endpoint.secret}" if self._strikes("wrong_signature") else endpoint.secret
        signature = signature_of(secret, stamp, body)
        headers = {
            "Content-Type": self._content_type,
            "Lucca-Signature": signature,
            "Lucca-Timestamp": stamp,
        }
        status, error = await self._posted(endpoint.address, body, headers)
        attempt = Attempt(
            id=self._office.number("attempt"),
            delivery=delivery.id,
            signature=signature,
            at=self._office.now(),
            succeeded=status is not None and status // 100 == 2,  # noqa: PLR2004 - any success
            status=status,
            error=error,
        )
        self._office.attempts[attempt.id] = attempt
        return status

    async def _posted(self, address: str, body: bytes, headers: dict[str, str]) -> tuple[int | None, str]:
        """Return what the endpoint answered: a status, None for nothing in time, and what it said."""
        if self._session is None:
            return None, "nobody is here to send it"
        try:
            sent = self._session.post(address, data=body, headers=headers, allow_redirects=False)
            async with sent as answer:
                text = await answer.text(errors="replace")
                return answer.status, "" if answer.ok else text[:_MAX_ERROR]
        except _FAILURES as error:
            return None, type(error).__name__

    def _stamp(self) -> str:
        now = self._office.now()
        return stamp_of(now - _QUARTER_HOUR if self._strikes("old_timestamp") else now)

    @property
    def _content_type(self) -> str:
        return "application/json; charset=utf-8" if self._options.webhook_charset else "application/json"

    def _strikes(self, trouble: Literal["repeated", "wrong_signature", "old_timestamp"]) -> bool:
        rate: float = getattr(self._mischief.standing.webhooks, trouble)
        strikes = self._mischief.strikes(rate)
        if strikes:
            self._stats.meet(f"webhook-{trouble.replace('_', '-')}")
        return strikes


def stamp_of(moment: datetime) -> str:
    """Write an instant as `2026-01-01T08:34:23Z`."""
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def signature_of(secret: str, stamp: str, body: bytes) -> str:
    """Sign a body with a timestamp: HMAC-SHA256 over both, joined by a dot, in standard base64."""
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
