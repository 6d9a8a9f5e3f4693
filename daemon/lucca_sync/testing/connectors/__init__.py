"""What every connector owes the daemon, as tests that a connector's author inherits.

    class TestMine(ConnectorContract):
        connector = MyConnector

        @asynccontextmanager
        async def scene(self):
            async with http_target() as target:
                yield Scene({"type": "mine", "url": target.url, "allow": ["127.0.0.1"]}, target)

Needs a test runner that collects classes named Test…, and nothing of it: each test runs its own event loop.
"""

from lucca_sync.testing.connectors.contract import ConnectorContract
from lucca_sync.testing.connectors.scene import CANARY, Arrival, Mood, Poisonable, Scene, Target

__all__ = ["CANARY", "Arrival", "ConnectorContract", "Mood", "Poisonable", "Scene", "Target"]
