"""The JSON Lines connector's section of the YAML."""

from pathlib import Path
from typing import Final

from lucca_sync import ConnectorConfig

STANDARD_OUTPUT: Final = Path("-")


class JsonlConfig(ConnectorConfig):
    """Where the lines go."""

    path: Path = STANDARD_OUTPUT
    """A file that lines are added to (made if missing; its folder must exist), or `-` for standard output."""
