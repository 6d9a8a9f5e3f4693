"""The JSON Lines connector's section of the YAML."""

from pathlib import Path
from typing import Final, Literal, TypeAlias

from lucca_sync import ConnectorConfig

Output: TypeAlias = Literal["-"]
STANDARD_OUTPUT: Final[Output] = "-"


class JsonlConfig(ConnectorConfig):
    """Where the lines go."""

    path: Output | Path = STANDARD_OUTPUT
    """A file that lines are added to (made if missing; its folder must exist), or `-` for standard output."""
