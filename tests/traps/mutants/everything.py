"""All mutants: of traps in the order of their numbers, then of promises."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from tests.traps.mutants.announcing import ANNOUNCING
from tests.traps.mutants.asking import ASKING
from tests.traps.mutants.believing import BELIEVING
from tests.traps.mutants.commanding import COMMANDING
from tests.traps.mutants.delivering import DELIVERING
from tests.traps.mutants.hearing import HEARING
from tests.traps.mutants.judging import JUDGING
from tests.traps.mutants.keeping import KEEPING
from tests.traps.mutants.knowing import KNOWING
from tests.traps.mutants.legacy import LEGACY
from tests.traps.mutants.meaning import MEANING
from tests.traps.mutants.mutant import Mutant
from tests.traps.mutants.reaching import REACHING
from tests.traps.mutants.resting import RESTING
from tests.traps.mutants.storing import STORING
from tests.traps.mutants.telling import TELLING
from tests.traps.mutants.travelling import TRAVELLING

_OF_TRAPS: Final = (ASKING, BELIEVING, HEARING, LEGACY, TELLING)
_OF_PROMISES: Final = (
    ANNOUNCING,
    COMMANDING,
    DELIVERING,
    JUDGING,
    KEEPING,
    KNOWING,
    MEANING,
    REACHING,
    RESTING,
    STORING,
    TRAVELLING,
)

MUTANTS: Final[Sequence[Mutant]] = [
    *sorted((mutant for some in _OF_TRAPS for mutant in some), key=attrgetter("trap")),
    *sorted((mutant for some in _OF_PROMISES for mutant in some), key=attrgetter("trap")),
]
