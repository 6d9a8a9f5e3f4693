"""Connectors as strangers write them, good and bad, for the registry to find."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from lucca_sync import Connector, ConnectorConfig, Delivery, Done, Outcome


class Bird(Connector[Any]):
    """Takes everything."""

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        return [Done() for _ in deliveries]


class PigeonConfig(ConnectorConfig):
    """A pigeon's way."""

    loft: Path
    """Where it lives."""

    ring: str = Field("", description="What it wears.")
    flights: dict[str, Path] = Field(default_factory=dict[str, Path])
    spare: Literal["none"] | Path = "none"
    feathers: int | None = None
    loud: bool | int = False


class Pigeon(Bird):
    """Delivers by pigeon."""

    Config = PigeonConfig


class ParrotConfig(ConnectorConfig):
    """Says what it hears."""

    word: str

    @field_validator("word")
    @classmethod
    def _repeat(cls, word: str) -> str:
        raise ValueError(f"I can't say {word!r}, really not {word}")


class Parrot(Bird):
    """Its settings model quotes what it was given."""

    Config = ParrotConfig


class MuleConfig(ConnectorConfig):
    """Refuses to think."""

    word: str

    @model_validator(mode="after")
    def _stumble(self) -> "MuleConfig":
        raise KeyError(self.word)


class Mule(Bird):
    """Its settings model breaks in a way that pydantic doesn't catch."""

    Config = MuleConfig


class Stone:
    """No connector at all."""


class Bare(Bird):
    """A connector without a settings model."""
