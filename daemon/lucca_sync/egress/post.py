"""Where a connector works: the lanes that lead to its target, and what all targets share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lucca_sync.egress.admission import Admission
from lucca_sync.egress.means import Means, Paused, Stop
from lucca_sync.egress.route import Route
from lucca_sync.egress.settle import Settler
from lucca_sync.egress.target import Target
from lucca_sync.kit.bell import Bell
from lucca_sync.model.delivery import Lane


@dataclass(frozen=True, slots=True)
class Common:
    """What all targets share. `commits` rings when deliveries may have come; `changed` is theirs to ring."""

    means: Means
    settler: Settler
    paused: Paused
    commits: Bell
    changed: Bell


@dataclass(slots=True)
class Post:
    """One target's own. `routes` is replaced as a whole when the settings are.

    `recalled` are deliveries that a person has acted on: to be given back where they are not under way yet.
    """

    target: Target
    routes: Mapping[Lane, Route]
    common: Common
    admission: Admission
    stop: Stop
    bell: Bell
    recalled: set[int] = field(default_factory=set[int])

    @property
    def name(self) -> str:
        """The name of the post's task."""
        return f"egress:{self.target.name}"

    @property
    def means(self) -> Means:
        """What every part of egress works with."""
        return self.common.means

    def open_to(self, lane: Lane) -> bool:
        """Tell whether a lane is still to be served."""
        return lane in self.routes and lane.route not in self.common.paused.routes
