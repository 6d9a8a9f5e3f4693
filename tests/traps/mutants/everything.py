"""All mutants: of traps in the order of their numbers, then of promises."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from tests.traps.mutants.asking import ASKING
from tests.traps.mutants.believing import BELIEVING
from tests.traps.mutants.delivering import DELIVERING
from tests.traps.mutants.hearing import HEARING
from tests.traps.mutants.keeping import KEEPING
from tests.traps.mutants.legacy import LEGACY
from tests.traps.mutants.meaning import MEANING
from tests.traps.mutants.mutant import Mutant
from tests.traps.mutants.telling import TELLING

MUTANTS: Final[Sequence[Mutant]] = [
    *sorted((*ASKING, *BELIEVING, *HEARING, *LEGACY, *TELLING), key=attrgetter("trap")),
    *sorted((*DELIVERING, *KEEPING, *MEANING), key=attrgetter("trap")),
]
