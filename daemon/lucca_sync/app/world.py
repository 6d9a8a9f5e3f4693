"""What the daemon is given of its surroundings."""

from dataclasses import dataclass, field
from random import Random

from lucca_sync.ingest.source import Onlooker
from lucca_sync.kit.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class World:
    """What the daemon is given of its surroundings: time, chance, and who looks on."""

    onlooker: Onlooker
    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=Random)
