"""What every section of the settings shares."""

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict


def either(*names: str) -> JsonDict:
    """Return what tells an editor that one of these settings must be there."""
    return {"anyOf": [{"required": [name]} for name in names]}


class Model(BaseModel):
    """What all sections share: unknown keys are refused, values never change, errors show no value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
