"""What every connector owes the daemon, as tests that a connector's author inherits.

    class TestMine(ConnectorContract):
        connector = MyConnector

        @asynccontextmanager
        async def scene(self):
            async with my_fake_target() as target:
                yield Scene({"type": "mine", "url": target.url}, target)

Needs a test runner that collects classes named Test…, and nothing of it: each test runs its own event loop.
"""

import io
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Protocol, TypeAlias, TypeVar
from unittest import SkipTest

import anyio
import structlog
from anyio.lowlevel import checkpoint
from pydantic import ValidationError
from structlog.testing import LogCapture

from lucca_sync.connector import CheckFailed, Connector, ConnectorConfig, Surroundings
from lucca_sync.kit.clock import SystemClock
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.event import FieldChange
from lucca_sync.model.outcome import Done, Outcome, Park, Reject, Retry
from lucca_sync.testing.events import a_delivery, an_event

Mood: TypeAlias = Literal["healthy", "refusing", "slow", "gone"]
"""How a target behaves: it takes things, it says no, it holds each request back, it is not there."""

CANARY: Final = "Canary-Zébulon-4711"
"""A value that the records of this suite hold, and that may appear nowhere but at the target."""

_PATIENCE: Final = 60.0
_TURNS: Final = 12


class Target(Protocol):
    """The far end, under the suite's control."""

    async def become(self, mood: Mood) -> None:
        """Behave so from now on; requests held back are let go."""
        ...

    async def received(self) -> Sequence[str]:
        """Return the ids of the events that got there, in order, repeats included."""
        ...

    async def holding(self) -> None:
        """Return once a request is being held back, in the mood `slow`."""
        ...


@dataclass(frozen=True, slots=True)
class Scene:
    """A target and the YAML section of a connector that leads to it; nobody may see the `secrets`."""

    section: Mapping[str, object]
    target: Target
    secrets: tuple[str, ...] = ()


SuiteT = TypeVar("SuiteT", bound="ConnectorContract")


def _scenario(check: Callable[[SuiteT], Awaitable[None]]) -> Callable[[SuiteT], None]:
    """Make a plain test of an asynchronous one."""

    def test(self: SuiteT) -> None:
        async def patiently() -> None:
            with anyio.fail_after(_PATIENCE):
                await check(self)

        anyio.run(patiently)

    test.__name__, test.__doc__ = getattr(check, "__name__", "test"), check.__doc__
    return test


class ConnectorContract(ABC):
    """Inherit, name your connector, and say how a target is set up."""

    connector: ClassVar[type[Connector[Any]]]
    moods: ClassVar[frozenset[Mood]] = frozenset({"healthy", "refusing", "slow", "gone"})
    """Which moods your target can have."""

    secret_keys: ClassVar[tuple[str, ...]] = ()
    """Keys of the section whose values are secrets."""

    @abstractmethod
    def scene(self) -> AbstractAsyncContextManager[Scene]:
        """Set up a healthy target and say how it is reached."""

    def delivery(self, number: int) -> Delivery:
        """Make the delivery of the given number, about a subject of its own, with canaries in its values."""
        name = f"{CANARY} {number}"
        record_id = str(1000 + number)
        return a_delivery(
            an_event(
                record_id=record_id,
                record={"id": record_id, "givenName": name},
                previous={"id": record_id, "givenName": f"formerly {name}"},
                changes=(FieldChange("/givenName", f"formerly {name}", name),),
            )
        )

    # --- what is declared ---------------------------------------------------------------------------------

    @_scenario
    async def test_declares_sane_abilities(self) -> None:
        """Batch and concurrency are at least one, linger is not negative, the time limit is positive."""
        async with self._opened() as (connector, _):
            abilities = connector.abilities
            expect(abilities.max_batch >= 1, "max_batch must be at least 1")
            expect(abilities.concurrency >= 1, "concurrency must be at least 1")
            expect(abilities.linger.total_seconds() >= 0, "linger must not be negative")
            expect(abilities.time_limit.total_seconds() > 0, "time_limit must be positive")

    @_scenario
    async def test_refuses_unknown_keys(self) -> None:
        """A misspelt key is an error, not ignored; the model is a ConnectorConfig and has a JSON Schema."""
        bases: tuple[type, ...] = self.connector.Config.__mro__
        expect(ConnectorConfig in bases, "Config must be a ConnectorConfig")
        self.connector.Config.model_json_schema()
        async with self.scene() as scene:
            complaint = self._complaint({**scene.section, "surely_no_such_key": 1})
            expect(complaint is not None, "the unknown key surely_no_such_key was accepted")

    @_scenario
    async def test_complaints_about_its_section_show_no_secret(self) -> None:
        """Neither an error about the section nor the config's repr shows a secret."""
        async with self.scene() as scene:
            for key in self.secret_keys:
                text = self._complaint({**scene.section, key: f"{CANARY}\x00"}) or ""
                text += (
                    self._complaint({**scene.section, key: f"{CANARY}\x00", "surely_no_such_key": 1}) or ""
                )
                expect(CANARY not in text, f"a complaint about {key} shows its value")
            config = self.connector.Config.model_validate(scene.section)
            for secret in scene.secrets:
                expect(secret not in f"{config!r} {config}", "the config's repr shows a secret")

    # --- delivering ---------------------------------------------------------------------------------------

    @_scenario
    async def test_answers_one_outcome_for_each_delivery(self) -> None:
        """A healthy target gets every event of every allowed batch, in order."""
        async with self._opened() as (connector, scene):
            sent: list[Delivery] = []
            for size in range(1, min(connector.abilities.max_batch, 3) + 1):
                batch = [self.delivery(len(sent) + place) for place in range(size)]
                await _all_done(connector, batch)
                sent += batch
            expect(list(await scene.target.received()) == _ids(sent), "the target got something else")

    @_scenario
    async def test_answers_nothing_to_nothing(self) -> None:
        """An empty batch has no outcomes and disturbs nobody."""
        async with self._opened() as (connector, scene):
            expect(list(await connector.deliver([])) == [], "an empty batch must have no outcomes")
            expect(not await scene.target.received(), "an empty batch reached the target")

    @_scenario
    async def test_a_repeat_is_done_under_the_same_id(self) -> None:
        """What is delivered again is answered again, and the target can tell that it is the same."""
        async with self._opened() as (connector, scene):
            delivery = self.delivery(1)
            await _all_done(connector, [delivery])
            await _all_done(connector, [delivery])
            expect(set(await scene.target.received()) == {delivery.event.id}, "a repeat changed its id")

    @_scenario
    async def test_takes_as_many_calls_at_once_as_it_declares(self) -> None:
        """Calls side by side don't disturb each other."""
        async with self._opened() as (connector, scene):
            deliveries = [self.delivery(number) for number in range(min(connector.abilities.concurrency, 8))]
            async with anyio.create_task_group() as calls:
                for delivery in deliveries:
                    calls.start_soon(_all_done, connector, [delivery])
            received = await scene.target.received()
            expect(sorted(received) == sorted(_ids(deliveries)), "not every call got through")

    # --- trouble ------------------------------------------------------------------------------------------

    @_scenario
    async def test_a_target_that_refuses_is_an_outcome_and_passes(self) -> None:
        """A refusal is answered with reasons, not raised; afterwards things get through again."""
        await self._gets_over("refusing")

    @_scenario
    async def test_a_target_that_is_gone_is_an_outcome_and_passes(self) -> None:
        """So is a target that is not there."""
        await self._gets_over("gone")

    @_scenario
    async def test_opens_and_closes_while_the_target_is_gone(self) -> None:
        """Opening must not need the target."""
        self._needs("gone")
        async with self.scene() as scene:
            await scene.target.become("gone")
            connector = self._connector(scene)
            await connector.open()
            await connector.close()

    @_scenario
    async def test_a_call_may_be_cancelled_at_any_await(self) -> None:
        """A cancelled call leaves the connector usable, wherever it was cut."""
        async with self._opened() as (connector, scene):
            deliveries = [self.delivery(number) for number in range(_TURNS)]
            for turns, delivery in enumerate(deliveries):
                async with anyio.create_task_group() as call:
                    call.start_soon(connector.deliver, [delivery])
                    for _ in range(turns):
                        await checkpoint()
                    call.cancel_scope.cancel()
            for delivery in deliveries:
                await _all_done(connector, [delivery])
            expect(set(await scene.target.received()) == set(_ids(deliveries)), "something never arrived")

    @_scenario
    async def test_a_call_may_be_cancelled_while_the_target_is_slow(self) -> None:
        """A call that waits for its target ends when it is cancelled, and the next one gets through."""
        self._needs("slow")
        async with self._opened() as (connector, scene):
            await scene.target.become("slow")
            async with anyio.create_task_group() as call:
                call.start_soon(connector.deliver, [self.delivery(1)])
                await scene.target.holding()
                call.cancel_scope.cancel()
            await scene.target.become("healthy")
            await _all_done(connector, [self.delivery(1)])

    @_scenario
    async def test_closes_without_having_been_opened_and_twice(self) -> None:
        """`close` is called also when `open` failed, and a second time does no harm."""
        async with self.scene() as scene:
            connector = self._connector(scene)
            await connector.close()
            await connector.close()

    # --- checking -----------------------------------------------------------------------------------------

    @_scenario
    async def test_its_check_passes_and_delivers_nothing(self) -> None:
        """`check` finds nothing wrong with a healthy target and leaves no event there."""
        async with self._opened() as (connector, scene):
            await connector.check()
            expect(not await scene.target.received(), "check left something at the target")

    @_scenario
    async def test_its_check_fails_in_words(self) -> None:
        """If `check` notices that the target is gone it says so as CheckFailed."""
        self._needs("gone")
        async with self._opened() as (connector, scene):
            await scene.target.become("gone")
            try:
                await connector.check()
            except CheckFailed as failure:
                expect(bool(str(failure)), "CheckFailed must say what is wrong")

    # --- discretion ---------------------------------------------------------------------------------------

    @_scenario
    async def test_shows_no_value_and_no_secret(self) -> None:
        """In no mood does a record's value or a secret reach a log, an outcome, an error or a repr."""
        with _watched() as (log, seen):
            async with self.scene() as scene:
                connector = self._connector(scene, log)
                seen.append(repr(connector))
                await connector.open()
                for mood in sorted(self.moods - {"slow"}):
                    await scene.target.become(mood)
                    seen.append(await self._said(connector))
                await connector.close()
        text = "\n".join(seen)
        expect(CANARY not in text, "a record's value was shown")
        for secret in scene.secrets:
            expect(secret not in text, "a secret was shown")

    # --- how ----------------------------------------------------------------------------------------------

    async def _gets_over(self, mood: Mood) -> None:
        self._needs(mood)
        async with self._opened() as (connector, scene):
            await scene.target.become(mood)
            batch = [self.delivery(number) for number in range(min(connector.abilities.max_batch, 2))]
            outcomes = await connector.deliver(batch)
            expect(len(outcomes) == len(batch), "one outcome for each delivery, whatever happens")
            for outcome in outcomes:
                expect(isinstance(outcome, Retry | Reject | Park), f"{outcome!r} by a target that is {mood}")
                expect(bool(getattr(outcome, "reason", "")), "an outcome must say why")
            await scene.target.become("healthy")
            await _all_done(connector, [self.delivery(9)])

    async def _said(self, connector: Connector[Any]) -> str:
        """Everything that a delivery and a check give back, errors included."""
        said: list[str] = []
        try:
            said.append(repr(await connector.deliver([self.delivery(1)])))
            await connector.check()
        except Exception as error:  # noqa: BLE001 - whatever is raised is looked at, like everything else
            said.append(f"{error!r} {error}")
        return " ".join(said)

    def _needs(self, mood: Mood) -> None:
        if mood not in self.moods:
            raise SkipTest(f"this target is never {mood}")

    def _complaint(self, section: Mapping[str, object]) -> str | None:
        try:
            return repr(self.connector.Config.model_validate(section)) and None
        except ValidationError as error:
            return f"{error} {error.errors(include_input=False, include_context=False)}"

    def _connector(
        self, scene: Scene, log: structlog.typing.FilteringBoundLogger | None = None
    ) -> Connector[Any]:
        config = self.connector.Config.model_validate(scene.section)
        return self.connector(
            config, Surroundings("conformance", SystemClock(), log or structlog.get_logger())
        )

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator[tuple[Connector[Any], Scene]]:
        async with self.scene() as scene:
            connector = self._connector(scene)
            try:
                await connector.open()
                yield connector, scene
            finally:
                await connector.close()


def expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like assert
    """Raise AssertionError with these words unless something holds."""
    if not holds:
        raise AssertionError(otherwise)


async def _all_done(connector: Connector[Any], batch: Sequence[Delivery]) -> None:
    outcomes: Sequence[Outcome] = await connector.deliver(batch)
    expect(len(outcomes) == len(batch), "one outcome for each delivery")
    for outcome in outcomes:
        expect(isinstance(outcome, Done), f"{outcome!r} by a healthy target")


def _ids(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.event.id for delivery in deliveries]


@contextmanager
def _watched() -> Generator[tuple[structlog.typing.FilteringBoundLogger, list[str]]]:
    """Collect what is logged, through the logger lent to the connector, structlog at large, and `logging`."""
    seen: list[str] = []
    capture, stream = LogCapture(), io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET)
    try:
        with structlog.testing.capture_logs() as entries:
            yield structlog.wrap_logger(None, processors=[capture]), seen
        seen += [repr(entries), repr(capture.entries), stream.getvalue()]
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
