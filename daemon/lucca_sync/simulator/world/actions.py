"""Every action there is, as one union that JSON can be read into."""

from lucca_sync.simulator.world.absent import (
    ApproveLeave,
    AskCancellation,
    CancelLeave,
    DenyLeave,
    EditLeave,
    EnterLeave,
    EraseLeave,
    NoteLeave,
    RequestLeave,
)
from lucca_sync.simulator.world.careers import ChangeManager, EndContract, ExtendProbation, Hire, Move, Rehire
from lucca_sync.simulator.world.confidences import EditPersonalRecord
from lucca_sync.simulator.world.corrections import Delete, Restore, Set, Touch
from lucca_sync.simulator.world.housekeeping import (
    Amend,
    Archive,
    Create,
    ReorderDepartments,
    Retitle,
    Unarchive,
)
from lucca_sync.simulator.world.particulars import (
    AddAttribute,
    AssignNumber,
    ChangePhone,
    DeleteAttribute,
    EditAttribute,
    Rename,
    RenameDepartment,
    ReplaceAttribute,
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
    | ReplaceAttribute
    | DeleteAttribute
    | RenameDepartment
    | RequestLeave
    | EnterLeave
    | ApproveLeave
    | DenyLeave
    | AskCancellation
    | CancelLeave
    | EditLeave
    | NoteLeave
    | EraseLeave
    | EditPersonalRecord
    | Create
    | Retitle
    | Amend
    | Archive
    | Unarchive
    | ReorderDepartments
    | Set
    | Delete
    | Touch
    | Restore
)

__all__ = [
    "AddAttribute",
    "Amend",
    "AnyAction",
    "ApproveLeave",
    "Archive",
    "AskCancellation",
    "AssignNumber",
    "CancelLeave",
    "ChangeManager",
    "ChangePhone",
    "Create",
    "Delete",
    "DeleteAttribute",
    "DenyLeave",
    "EditAttribute",
    "EditLeave",
    "EditPersonalRecord",
    "EndContract",
    "EnterLeave",
    "EraseLeave",
    "ExtendProbation",
    "Hire",
    "Move",
    "NoteLeave",
    "Rehire",
    "Rename",
    "RenameDepartment",
    "ReorderDepartments",
    "ReplaceAttribute",
    "RequestLeave",
    "Restore",
    "Retitle",
    "Set",
    "Touch",
    "Unarchive",
]
