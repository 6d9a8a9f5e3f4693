"""The guide to connectors is true: its YAML is accepted, and every built-in connector stands in it."""

import re
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
