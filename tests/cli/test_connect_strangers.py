"""`check --connect` goes on to the next target, whatever a connector of strangers does."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from lucca_sync import Connector, ConnectorConfig, Delivery, Done, Outcome, Surroundings
from lucca_sync.app.checks import connection_checks
from lucca_sync.app.finding import CheckResult
from lucca_sync.registry import ConnectorPlan, Plan, load_all

SETTINGS = """\
version: 1
tenants:
  acme: {url: "http://127.0.0.1:9", token_url: "http://127.0.0.1:9/token", client_id: a, client_secret: b,
         resources: {employees: }}
"""


class Calm(Connector[Any]):
    """Does nothing wrong."""

    Config = ConnectorConfig

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return [Done() for _ in deliveries]


class Stillborn(Calm):
    """Can't even be made."""

    def __init__(self, config: ConnectorConfig, surroundings: Surroundings) -> None:
        super().__init__(config, surroundings)
        raise ValueError("planted-secret")


class Clinging(Calm):
    """Can't be closed."""

    async def close(self) -> None:
        raise ValueError("planted-secret")


class Silent(Calm):
    """Never answers, and never lets go."""

    async def check(self) -> None:
        await anyio.sleep_forever()

    async def close(self) -> None:
        await anyio.sleep_forever()


async def results_of(folder: Path, *classes: type[Calm]) -> list[CheckResult]:
    path = folder / "lucca-sync.yaml"
    path.write_text(SETTINGS, "utf-8")
    loaded = load_all(path, {}).loaded
    bare = loaded.settings.model_copy(update={"tenants": {}})
    plans = [ConnectorPlan(cls.__name__, cls, ConnectorConfig(type="odd")) for cls in classes]
    plan = Plan(type(loaded)(bare, loaded.locator, (), loaded.hash, loaded.folder), tuple(plans))
    return [result async for result in connection_checks(plan)]


@pytest.mark.parametrize("odd", [Stillborn, Clinging])
async def test_one_that_raises_anywhere_fails_alone_and_quotes_nothing(
    odd: type[Calm], tmp_path: Path
) -> None:
    first, second = await results_of(tmp_path, odd, Calm)
    assert (first.ok, first.detail) == (False, "failed with ValueError")
    assert second.ok


@pytest.mark.looptime
async def test_one_that_never_answers_is_left_behind(tmp_path: Path) -> None:
    first, second = await results_of(tmp_path, Silent, Calm)
    assert (first.ok, first.detail) == (False, "no answer within 60 s")
    assert second.ok
