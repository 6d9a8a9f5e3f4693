"""Trap 23, before a single event flows: `check --connect` says what empty attributes may mean."""

from pathlib import Path

import pytest

from lucca_sync.simulator import Simulator, SimulatorOptions
from lucca_sync.simulator.world.definitions import SECTIONS
from tests.cli.test_connect import SETTINGS, checked

ATTRIBUTES = "resources: {{employees: , employee-attributes: }}"
ADVICE = "HR-file sections"


@pytest.mark.parametrize("sections", [sorted(SECTIONS), ["contact"]], ids=["all", "one"])
async def test_no_attribute_at_all_makes_check_ask_for_the_sections(
    sections: list[str], tmp_path: Path
) -> None:
    """With all sections granted Lucca shows nothing, and says that all is well."""
    options = SimulatorOptions(employees=10)
    simulator = Simulator(options)
    simulator.misbehave(sections=sections)
    text = SETTINGS.replace("resources: {{employees: , departments: }}", ATTRIBUTES)
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("  lost:"))
    async with simulator.serving() as url:
        filled = text.format(url=url, options=options, secret=options.client_secret, to="log")
        ended = await checked(tmp_path, filled)
    assert ended.code == 0, ended.out
    assert ("employee-attributes: 0 records visible" in ended.out) is (len(sections) > 1)
    assert (ADVICE in ended.out) is (len(sections) > 1)
