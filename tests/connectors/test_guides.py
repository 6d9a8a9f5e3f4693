"""The guides are true: their YAML is accepted, their connector passes the contract."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lucca_sync.registry import load_all

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
AROUND = """
version: 1
tenants:
  acme: {url: "https://acme.ilucca.net", client_id: x, client_secret: y, resources: {employees: {every: 2m}}}
"""


def blocks(guide: str, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", (GUIDES / guide).read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("block", blocks("connectors.md", "yaml"))
def test_every_section_shown_is_accepted(block: str, tmp_path: Path) -> None:
    path = tmp_path / "lucca-sync.yaml"
    path.write_text(AROUND + block, encoding="utf-8")
    assert load_all(path, {}).connectors


def test_every_built_in_connector_is_shown() -> None:
    shown = {kind for block in blocks("connectors.md", "yaml") for kind in re.findall(r"type: (\w+)", block)}
    assert shown == {"webhook", "slack", "payroll_file", "jsonl"}


def test_the_connector_of_the_guide_passes_its_own_test(tmp_path: Path) -> None:
    for block in blocks("write-a-connector.md", "python"):
        name = block.splitlines()[0].removeprefix("# ")
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(block, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
    assert "skipped" not in run.stdout


def test_the_pages_that_the_guides_point_to_are_there() -> None:
    for guide in ("connectors.md", "write-a-connector.md"):
        for target in re.findall(r"\]\(([^)h][^)]*\.md)\)", (GUIDES / guide).read_text("utf-8")):
            assert (GUIDES / target).resolve().is_file(), target
