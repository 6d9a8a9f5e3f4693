"""JSON Lines: every event a line, to a file or to standard output."""

from lucca_connectors.jsonl.config import JsonlConfig
from lucca_connectors.jsonl.connector import JsonlConnector

__all__ = ["JsonlConfig", "JsonlConnector"]
