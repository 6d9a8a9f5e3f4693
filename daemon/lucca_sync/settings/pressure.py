"""The section that says when looking steps back."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from lucca_sync.kit.durations import SwitchableDuration
from lucca_sync.kit.sizes import Amount, Size
from lucca_sync.settings.section import Model


class Backpressure(Model):
    """When looking at Lucca steps back, so that what is kept can't fill the disk. Nothing is dropped."""

    slow_at: Size = Amount(2 * 2**30)
    """Bytes in use inside the store past which looks come four times as seldom."""

    pause_at: Annotated[Size, Field(validate_default=True)] = Amount(3 * 2**30)
    """Bytes in use inside the store past which nothing is looked at; more than `slow_at`, and less than the
    disk holds. Webhooks of Lucca's are still taken in, and looked into later."""

    oldest: SwitchableDuration = None
    """How long a delivery may wait before looks come four times as seldom; twice as long, and nothing is
    looked at. `false`: however long. With it, one target that is down stops the others' news as well."""

    @field_validator("pause_at")
    @classmethod
    def _after_slowing(cls, size: int, info: ValidationInfo) -> int:
        if size <= info.data.get("slow_at", 0):
            raise ValueError("must be more than slow_at")
        return size
