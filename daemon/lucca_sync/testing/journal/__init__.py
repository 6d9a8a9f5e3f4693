"""What every journal backend owes the daemon, as tests that a backend's author inherits.

    class TestMine(JournalContract):
        @asynccontextmanager
        async def opened(self):
            journal = await open_mine()
            try:
                yield journal
            finally:
                await journal.close()

Needs a test runner that collects classes named Test…, and nothing of it: each test runs its own event loop.
"""

from lucca_sync.testing.journal.by_hand import ByHandContract
from lucca_sync.testing.journal.claiming import ClaimingContract
from lucca_sync.testing.journal.finding import FindingContract
from lucca_sync.testing.journal.hinting import HintContract
from lucca_sync.testing.journal.holding import HoldingContract
from lucca_sync.testing.journal.keeping import KeepingContract
from lucca_sync.testing.journal.looking_back import LookingBackContract
from lucca_sync.testing.journal.noting import NotingContract
from lucca_sync.testing.journal.settling import SettlingContract
from lucca_sync.testing.journal.snapshot import SnapshotContract
from lucca_sync.testing.journal.telling import TellingContract
from lucca_sync.testing.journal.trust import TrustContract


class DeskContract(ByHandContract, HoldingContract, NotingContract, FindingContract, TellingContract):
    """Inherit, and say also how a desk beside the open journal is opened."""


class JournalContract(
    SnapshotContract,
    TrustContract,
    ClaimingContract,
    SettlingContract,
    LookingBackContract,
    KeepingContract,
    HintContract,
    DeskContract,
):
    """Inherit, and say how an empty journal is opened."""


__all__ = ["DeskContract", "JournalContract"]
