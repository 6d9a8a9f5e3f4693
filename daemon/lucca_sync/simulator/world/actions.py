"""Every action there is, as one union that JSON can be read into."""

from lucca_sync.simulator.world.careers import ChangeManager, EndContract, ExtendProbation, Hire, Move, Rehire
from lucca_sync.simulator.world.corrections import Delete, Set, Touch
from lucca_sync.simulator.world.particulars import (
    AddAttribute,
    AssignNumber,
    ChangePhone,
    DeleteAttribute,
    EditAttribute,
    Rename,
    RenameDepartment,
)

AnyAction = (
    Hire
    | Rehire
    | Move
    | ChangeManager
    | EndContract
    | ExtendProbation
    | Rename
    | ChangePhone
    | AssignNumber
    | AddAttribute
    | EditAttribute
    | DeleteAttribute
    | RenameDepartment
    | Set
    | Delete
    | Touch
)

__all__ = [
    "AddAttribute",
    "AnyAction",
    "AssignNumber",
    "ChangeManager",
    "ChangePhone",
    "Delete",
    "DeleteAttribute",
    "EditAttribute",
    "EndContract",
    "ExtendProbation",
    "Hire",
    "Move",
    "Rehire",
    "Rename",
    "RenameDepartment",
    "Set",
    "Touch",
]
