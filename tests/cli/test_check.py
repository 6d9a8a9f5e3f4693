"""`check` says what the settings ask for, and with --connect who would not play along."""

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lucca_sync.app.finding import CheckResult
from lucca_sync.cli.check import count_failed, show_result
from lucca_sync.cli.entry import exit_code
from lucca_sync.cli.output import PlainScreen

SETTINGS = """\
version: 1
tenants:
  acme:
    url: https://acme.ilucca.net
    client_id: app
    client_secret: planted-secret
    resources:
      employees: {every: 90s, baseline: snapshot}
      departments:
connectors:
  log: {type: jsonl}
  idle: {type: jsonl}
routes:
  people:
    {resources: [employees], types: [created, employee.renamed], tenants: [acme], when: record.id, to: [log]}
  rest: {to: [log], when: previous.id}
  news: {types: [employee.hired, employee.left], to: [log]}
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "lucca-sync.yaml"
    path.write_text(SETTINGS, "utf-8")
    return str(path)


def test_offline_it_tells_what_the_settings_ask_for(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["check", "-c", config]) == 0
    folder = Path(config).parent
    assert (
        capsys.readouterr().out
        == f"""\
✓ {config} is valid

Tenant acme  https://acme.ilucca.net
  employees    every 1m30s  all records as events at first
  departments  every 15m
  1.4 of 30 requests a minute as long as no resource has more than 100 records

Routes
  people  employees (created) and employee.renamed of acme when it fits  → log
  rest    all resources when it fits                                     → log
  news    employee.hired, employee.left                                  → log

Connectors
  log   jsonl
  idle  jsonl

Store  sqlite:{folder}/lucca-sync.db, delivered events kept 30d, their ids and attempts 365d
Server  127.0.0.1:9464

Probably not meant
  {config}:12:3: connectors.idle: no route leads here
"""
    )


def test_programs_get_the_same_as_json(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["check", "-c", config, "-o", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] is True
    assert told["tenants"]["acme"]["resources"] == {"employees": "1m30s", "departments": "15m"}
    assert told["routes"]["people"]["when"] == "record.id"
    assert told["connectors"] == {"log": "jsonl", "idle": "jsonl"}
    assert [warning["line"] for warning in told["warnings"]] == [12]
    assert "planted-secret" not in json.dumps(told)


def test_programs_get_problems_as_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(SETTINGS.replace("every: 90s", "every: 90x"), "utf-8")
    assert exit_code(["check", "-c", str(path), "-o", "json"]) == 78
    assert json.loads(capsys.readouterr().out) == {
        "valid": False,
        "problems": [
            {
                "file": str(path),
                "line": 8,
                "column": 26,
                "path": "tenants.acme.resources.employees.every",
                "message": "must be a duration such as 30s, 2m, 1h30m or 3d",
            }
        ],
    }


def test_settings_without_connectors_and_routes_are_told_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(SETTINGS[: SETTINGS.index("connectors:")], "utf-8")
    assert exit_code(["check", "-c", str(path)]) == 0
    told = capsys.readouterr().out
    assert "\nRoutes  none\n\nConnectors  none\n" in told


async def results(*given: CheckResult) -> AsyncIterator[CheckResult]:
    for one in given:
        yield one


async def test_each_result_is_told_as_it_comes_and_the_bad_ones_are_counted() -> None:
    out = io.StringIO()
    screen = PlainScreen(out)
    failed = await count_failed(
        results(
            CheckResult("tenant acme: employees", ok=True, detail="412 records visible"),
            CheckResult("connector crm", ok=False, detail="refused", hint="open the firewall"),
        ),
        lambda result: show_result(screen, result),
    )
    assert failed == 1
    assert out.getvalue() == (
        "  ✓ tenant acme: employees: 412 records visible\n"
        "  ✗ connector crm: refused\n"
        "      → open the firewall\n"
    )
