"""`check --connect` says which resource of which tenant, and which target, would not play along."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from lucca_sync.simulator import Simulator, SimulatorOptions
from tests.cli.command import COMMAND

SETTINGS = """\
version: 1
tenants:
  acme:
    url: {url}
    token_url: {url}/connect/token
    client_id: {options.client_id}
    client_secret: {secret}
    requests_per_minute: 6000
    resources: {{employees: , departments: }}
connectors:
  log: {{type: jsonl, path: ./out.jsonl}}
  lost: {{type: jsonl, path: ./nowhere/out.jsonl}}
routes:
  all: {{to: [{to}]}}
"""


@dataclass(frozen=True)
class Checked:
    """How a run of the command ended."""

    code: int
    out: str
    err: str


@asynccontextmanager
async def tenant() -> AsyncGenerator[tuple[str, SimulatorOptions]]:
    options = SimulatorOptions(employees=10)
    async with Simulator(options).serving() as url:
        yield url, options


async def checked(folder: Path, text: str, *options: str) -> Checked:
    path = folder / "lucca-sync.yaml"
    path.write_text(text, "utf-8")
    command = [*COMMAND, "check", "-c", str(path), "--connect", *options]
    ended = await anyio.run_process(command, check=False)
    return Checked(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def settings(url: str, options: SimulatorOptions, secret: str = "", connector: str = "log") -> str:
    text = SETTINGS.format(url=url, options=options, secret=secret or options.client_secret, to=connector)
    unused = "lost" if connector == "log" else "log"
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(f"  {unused}:"))


async def test_all_is_well(tmp_path: Path) -> None:
    async with tenant() as (url, options):
        ended = await checked(tmp_path, settings(url, options))
    assert (ended.code, ended.err) == (0, "")
    assert "  ✓ tenant acme: employees: 10 records visible" in ended.out
    assert "  ✓ connector log (jsonl): ready" in ended.out
    assert ended.out.endswith("\n✓ all checks passed\n")


async def test_wrong_credentials_fail_each_resource_and_are_not_shown(tmp_path: Path) -> None:
    async with tenant() as (url, options):
        ended = await checked(tmp_path, settings(url, options, secret="planted-and-wrong"))
    assert ended.code == 1
    assert ended.out.count("  ✗ tenant acme: ") == 2
    assert "compare client_id and client_secret" in ended.out
    assert "planted-and-wrong" not in ended.out + ended.err


async def test_a_target_that_is_not_ready_fails(tmp_path: Path) -> None:
    async with tenant() as (url, options):
        ended = await checked(tmp_path, settings(url, options, connector="lost"))
    assert ended.code == 1
    assert "  ✗ connector lost (jsonl): " in ended.out
    assert ended.out.endswith("\n✗ 1 of the checks failed\n")


@pytest.mark.parametrize(("secret", "code"), [("", 0), ("wrong", 1)])
async def test_programs_get_the_results_as_json(secret: str, code: int, tmp_path: Path) -> None:
    async with tenant() as (url, options):
        ended = await checked(tmp_path, settings(url, options, secret), "-o", "json")
    told = json.loads(ended.out)
    assert (ended.code, told["valid"]) == (code, True)
    habits = [("tenant acme: Lucca's habits (employees)", True)] if code == 0 else []
    assert [(one["subject"], one["ok"]) for one in told["checks"]] == [
        ("tenant acme: employees", code == 0),
        ("tenant acme: departments", code == 0),
        *habits,
        ("tenant acme: events", True),
        ("connector log (jsonl)", True),
    ]
