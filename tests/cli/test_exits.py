"""Exit codes say what to do, and errors that people can act on come without a traceback."""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import anyio
import pytest

from lucca_sync.cli import exits
from lucca_sync.cli.entry import exit_code
from lucca_sync.journal.sqlite import open_sqlite
from tests.cli.command import COMMAND
from tests.settings.files import VALID


def test_the_codes_are_a_contract() -> None:
    codes = (exits.OK, exits.FAILED, exits.USAGE, exits.TRY_LATER, exits.CONFIG, exits.INTERRUPTED)
    assert codes == (0, 1, 2, 75, 78, 130)


@pytest.mark.parametrize(
    "arguments", [["nothing-like-it"], ["check", "--nothing"], ["events", "tail", "-n", "x"], []]
)
def test_a_wrong_command_line_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(arguments) == 2
    captured = capsys.readouterr()
    assert "Usage: lucca-sync" in captured.err + captured.out


def test_settings_that_are_not_there_are_78_and_say_how_to_name_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["check", "--config", str(tmp_path / "absent.yaml")]) == 78
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}/absent.yaml:1:1: cannot be read: No such file or directory",
        "lucca-sync: name the settings file with --config or in LUCCA_SYNC_CONFIG",
        "lucca-sync: 1 problem in the settings",
    ]


@pytest.mark.parametrize("command", ["check", "run"])
def test_wrong_settings_are_78_wherever_they_are_read(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("version: 2\nplanted-secret: planted-secret", "utf-8")
    assert exit_code([command, "-c", str(path)]) == 78
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[-1] == "lucca-sync: 3 problems in the settings"
    assert f"{path}:1:10: version: must be 1" in told.err


def test_the_file_may_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(VALID, "utf-8")
    monkeypatch.setenv("LUCCA_SYNC_CONFIG", str(path))
    assert exit_code(["check"]) == 0
    assert capsys.readouterr().out.startswith(f"✓ {path} is valid")


def test_version_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["version"]) == 0
    assert exit_code(["version", "-o", "json"]) == 0
    people, programs = capsys.readouterr().out.splitlines()
    assert people == f"lucca-sync {version('lucca-sync')}"
    assert json.loads(programs) == {"version": version("lucca-sync"), "python": platform.python_version()}


def test_schema_prints_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "lucca-sync settings"
    assert exit_code(["schema", "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("### The file\n")


async def test_a_store_that_another_daemon_holds_is_75(tmp_path: Path) -> None:
    path = tmp_path / "lucca-sync.yaml"
    path.write_text(VALID + "server: {listen: '127.0.0.1:0'}", "utf-8")
    first = await open_sqlite(tmp_path / "lucca-sync.db")
    try:
        second = await anyio.run_process([*COMMAND, "run", "-c", str(path)], check=False)
    finally:
        await first.close()
    told = second.stderr.decode().splitlines()[-1]
    assert second.returncode == 75
    assert told.startswith("lucca-sync: ")


def test_the_installed_command_ends_with_the_code(tmp_path: Path) -> None:
    """Through the entry point, as a shell would."""
    absent = str(tmp_path / "absent.yaml")
    ended = subprocess.run([*COMMAND, "check", "-c", absent], check=False, capture_output=True, text=True)
    assert ended.returncode == 78
    assert "Traceback" not in ended.stderr


def test_output_that_nobody_reads_to_its_end_is_no_accident() -> None:
    """As in `lucca-sync schema | head -1`."""
    with subprocess.Popen([*COMMAND, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_locale_without_check_marks_stops_nothing(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "lucca-sync.yaml").write_text(VALID)
    done = subprocess.run(
        [*COMMAND, "check"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


FAULTY = """
import sys, types, click
from lucca_sync.cli import entry
@click.command()
def faulty():
    raise ExceptionGroup("several", [KeyError("planted-value"), ValueError("planted-value")])
sys.modules["lucca_sync.cli.faulty"] = types.SimpleNamespace(faulty=faulty)
entry.COMMANDS["faulty"] = ""
entry.main(["faulty"])
"""


async def test_a_fault_of_ours_is_1_and_tells_places_but_not_its_own_words() -> None:
    ended = await anyio.run_process([sys.executable, "-c", FAULTY], check=False)
    told = ended.stderr.decode()
    assert ended.returncode == 1
    assert told.count("stopped by a fault of its own") == 2
    assert "KeyError" in told
    assert "ValueError" in told
    assert "planted-value" not in told
