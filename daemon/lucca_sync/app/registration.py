"""Setting up Lucca's webhooks for a tenant, looking at how they stand, and taking them away again.

The secret goes from Lucca's answer into its file and nowhere else: it is shown once, to nobody.
"""

import os
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

import anyio

from lucca_sync.app.hints import telling_access
from lucca_sync.app.passing import passing_client
from lucca_sync.app.translate import resource_of
from lucca_sync.ingest.questions import questions
from lucca_sync.kit.loopback import is_loopback
from lucca_sync.lucca.endpoints import ACTIVE, DELIVERIES, ENDPOINTS, Endpoint, Endpoints
from lucca_sync.lucca.errors import ScopeMissing, SourceError
from lucca_sync.model.hint import Hint
from lucca_sync.settings.model import Tenant

_LASTING: Final = ("created", "updated")
_ALL: Final = (*_LASTING, "deleted")
TOPICS: Final = {
    **dict.fromkeys(("employee", "employee-personal-record"), _LASTING),
    **dict.fromkeys(("employment", "job-position", "department", "business-establishment"), _ALL),
    **dict.fromkeys(("legal-entity", "job-qualification", "occupation-category"), _ALL),
    **dict.fromkeys(("leave", "leave-request"), _ALL),
}
"""What Lucca tells of, as far as all sources agree: an unknown topic could be refused."""
_PINGS: Final = 15
_BETWEEN: Final = 2.0
_SCOPES: Final = (ENDPOINTS.scope, DELIVERIES.scope)
_MODE: Final = 0o600


class NotRegistered(Exception):
    """It can't be done as things stand; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One endpoint of ours at Lucca, with how many deliveries failed or wait."""

    endpoint: Endpoint
    failed: int | None
    waiting: int | None


@dataclass(frozen=True, slots=True)
class Registrar:
    """Looks after the endpoint of one tenant at Lucca. `tell` is given each step in words."""

    name: str
    tenant: Tenant
    endpoints: Endpoints
    tell: Callable[[str], object]

    async def register(self, url: str, *, replace: bool) -> bool:
        """Make the endpoint, keep its secret, switch it on and try it out; tell whether a ping arrived.

        What is done already is left as it is, so that it may be run again. Raises NotRegistered.
        """
        check_address(url, self.name)
        file = self._secret_file()
        kept = _content(file)
        former = await self.endpoints.ours(self.name)
        here = sorted((one for one in former if one.webhookUrl == url), key=_last_if_inactive)
        if here and kept and not replace:
            self.tell(f"endpoint {here[0].id} leads here already")
            return await self._switch_on(here[0].id, url)
        if kept and not replace:
            raise NotRegistered(
                f"{file} holds a secret already: --replace makes a new endpoint and writes its secret there"
            )
        made = await self._make(url, file)
        try:
            arrived = await self._switch_on(made, url)
        except SourceError:
            await self._take_back(made, file, kept if former else b"")
            raise
        for endpoint in former:
            await self._take_over(endpoint, url, replace=replace)
        return arrived

    async def standing(self) -> Sequence[Standing]:
        """Return how our endpoints stand."""
        failed, waiting = await self._count("failed"), await self._count("undelivered")
        return [Standing(endpoint, failed, waiting) for endpoint in await self.endpoints.ours(self.name)]

    async def unregister(self) -> int:
        """Take our endpoints away; return how many there were."""
        ours = await self.endpoints.ours(self.name)
        for endpoint in ours:
            await self.endpoints.delete(endpoint.id)
            self.tell(f"endpoint {endpoint.id} taken away")
        return len(ours)

    async def _take_back(self, made: str, file: Path, kept: bytes) -> None:
        """Leave all as it was where a former endpoint goes on; else the new one waits to be switched on."""
        if kept:
            with _to_be_filled(file) as fill:
                fill(kept)
            await self.endpoints.delete(made)
            self.tell(f"endpoint {made} taken away again: the former one and its secret stay")

    async def _take_over(self, former: Endpoint, url: str, *, replace: bool) -> None:
        """Take a former endpoint away; one that leads elsewhere, perhaps to another daemon, only if asked."""
        if former.webhookUrl == url or replace:
            await self.endpoints.delete(former.id)
            self.tell(f"endpoint {former.id} taken away: the new one takes its place")
        else:
            self.tell(f"endpoint {former.id} leads to {former.webhookUrl} and stays: --replace takes it away")

    async def _count(self, status: str) -> int | None:
        with suppress(ScopeMissing):
            return len(await self.endpoints.deliveries(status))
        return None

    async def _make(self, url: str, file: Path) -> str:
        with _to_be_filled(file) as fill:
            made = await self.endpoints.create(url, topics_of(self.tenant))
            try:
                fill(made.secret.encode() + b"\n")
            except NotRegistered:
                await self.endpoints.delete(made.id)
                raise
        self.tell(f"endpoint {made.id} made at Lucca; its secret is in {file}, for its owner only")
        return made.id

    async def _switch_on(self, endpoint: str, url: str) -> bool:
        """Have the endpoint activated, which makes Lucca ask this address, and pinged."""
        self.tell(f"asking Lucca to challenge {url}")
        await self.endpoints.activate(endpoint)
        self.tell("the endpoint is active")
        try:
            ping = await self.endpoints.ping(endpoint)
        except ScopeMissing as missing:
            self.tell(f"no ping: {missing}")
            return True
        return await self._arrived(ping)

    async def _arrived(self, ping: str) -> bool:
        for _ in range(_PINGS):
            status = (await self.endpoints.delivery(ping)).status
            if status == "delivered":
                self.tell("a ping arrived and was accepted")
                return True
            if status == "failed":
                break
            await anyio.sleep(_BETWEEN)
        self.tell(
            "a ping was sent and not accepted: see the log of the daemon, or run `hints status` in a while"
        )
        return False

    def _secret_file(self) -> Path:
        hints = self.tenant.hints
        if hints is None or hints.secret_file is None:
            raise NotRegistered(
                f"tenant {self.name} says nowhere to keep the secret, which Lucca shows only once: "
                f"set tenants.{self.name}.hints.secret_file, start the daemon, and come back"
            )
        return hints.secret_file


@asynccontextmanager
async def registrar(name: str, tenant: Tenant, tell: Callable[[str], object]) -> AsyncGenerator[Registrar]:
    """Open what it takes to look after one tenant's endpoint."""
    async with passing_client(telling_access(tenant, _SCOPES), tenant.requests_per_minute) as client:
        yield Registrar(name, tenant, Endpoints(client), tell)


def topics_of(tenant: Tenant) -> Sequence[str]:
    """Return the topics from which something follows for a resource that is watched."""
    watched = [resource_of(name, wanted) for name, wanted in tenant.resources.items()]

    def leads_somewhere(topic: str) -> bool:
        hint = Hint("", topic, "1", datetime.min.replace(tzinfo=UTC), employee="1", employment="1")
        return any(True for resource in watched for _ in questions(hint, resource))

    topics = [f"{what}.{verb}" for what, verbs in TOPICS.items() for verb in verbs]
    found = [topic for topic in topics if leads_somewhere(topic)]
    if not found:
        raise NotRegistered("Lucca's webhooks tell of none of the resources that are watched")
    return found


def check_address(url: str, tenant: str) -> None:
    """Raise NotRegistered when an address can't lead to the daemon's door for a tenant."""
    parts = _split(url)
    schemes = {"https", "http"} if is_loopback(parts.hostname or "") else {"https"}
    if not parts.hostname or parts.scheme not in schemes or "@" in parts.netloc:
        raise NotRegistered("the address must be https, as Lucca sees it from outside, without a password")
    if not parts.path.endswith(f"/hints/{tenant}") or parts.query or parts.fragment:
        raise NotRegistered(
            f"the address must end with /hints/{tenant}: that is where the daemon takes hints in"
        )


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url if url.isprintable() else "")
    except ValueError:
        return urlsplit("")


def _last_if_inactive(endpoint: Endpoint) -> bool:
    return endpoint.status != ACTIVE


def _content(file: Path) -> bytes:
    """Return the secret that a file holds, nothing where there is none."""
    try:
        return file.read_bytes().strip()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise NotRegistered(f"{file} cannot be read: {error.strerror}") from None


@contextmanager
def _to_be_filled(file: Path) -> Generator[Callable[[bytes], None]]:
    """Prove that a file can be written before anything depends on it; write it whole or not at all.

    Raises NotRegistered. A link stays one: what it leads to is written.
    """
    try:
        with _fresh_beside(file.resolve()) as fill:
            yield fill
    except OSError as error:
        raise NotRegistered(f"{file} cannot be written: {error.strerror}") from None


@contextmanager
def _fresh_beside(file: Path) -> Generator[Callable[[bytes], None]]:
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)

    def fill(content: bytes) -> None:
        os.write(handle, content)
        os.fsync(handle)
        fresh.replace(file)
        _make_durable(file.parent)

    try:
        yield fill
    finally:
        os.close(handle)
        fresh.unlink(missing_ok=True)


def _make_durable(folder: Path) -> None:
    """Have the disk hold the file's name too: what it holds is shown only once."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
