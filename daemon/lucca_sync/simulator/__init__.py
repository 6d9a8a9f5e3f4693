"""A Lucca tenant that behaves, and misbehaves when told to, as the documentation says.

It shares no code with the client; it is shipped so that people can rehearse.
"""

from lucca_sync.simulator.options import SimulatorOptions
from lucca_sync.simulator.server.faults import Fault, Misbehaviours
from lucca_sync.simulator.server.presets import PRESETS
from lucca_sync.simulator.simulator import Simulator
from lucca_sync.simulator.world.edit import NotThere, Refused
from lucca_sync.simulator.world.ledger import LedgerEntry

__all__ = [
    "PRESETS",
    "Fault",
    "LedgerEntry",
    "Misbehaviours",
    "NotThere",
    "Refused",
    "Simulator",
    "SimulatorOptions",
]
