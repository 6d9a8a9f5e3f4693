"""The guard: whether what a sweep found is believable enough to become events by itself.

Pure. A lost scope or a revoked HR section looks exactly like mass deletion (HTTP 200, nothing there), so
many deletions at once, or a resource that turns empty, are held until the rows return or a person decides.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Threshold:
    """Trips when more than `count` records and more than `share` of the resource (0 to 1) are concerned."""

    count: int
    share: float

    def trips(self, concerned: int, of: int) -> bool:
        """Tell whether `concerned` records out of `of` are too many to believe."""
        return concerned > self.count and concerned > self.share * of


DELETIONS: Final = Threshold(count=10, share=0.05)
CHANGES: Final = Threshold(count=100, share=0.5)


def deletions_held(missing: int, records: int, threshold: Threshold) -> bool:
    """Tell whether `missing` of `records` living records are held instead of confirmed one by one."""
    return missing > 0 and (missing >= records or threshold.trips(missing, records))
