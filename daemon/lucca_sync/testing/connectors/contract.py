"""The whole contract, part by part."""

from lucca_sync.testing.connectors.declaring import Declaring
from lucca_sync.testing.connectors.delivering import Delivering
from lucca_sync.testing.connectors.discretion import Discretion
from lucca_sync.testing.connectors.living import Living
from lucca_sync.testing.connectors.pressure import Pressure
from lucca_sync.testing.connectors.trouble import Trouble


class ConnectorContract(Declaring, Living, Delivering, Trouble, Pressure, Discretion):
    """Inherit, name your connector, and say how a target is set up."""
