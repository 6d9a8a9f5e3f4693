"""What to read again because of a hint: the subject itself, and what is kept beside it. Pure.

An event is only about its own resource: who hires, moves or renames touches records that no event tells of.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from lucca_sync.model.catalogue import Resource
from lucca_sync.model.hint import DELETED, Hint, HintEye

GONE: Final = "gone"
"""Stands for a filter where a record is said to be deleted: then it is asked for by its own address."""

_EMPLOYEE: Final = "employee"
_PERSONAL: Final = frozenset(
    {_EMPLOYEE, "employee-personal-record", "employee-extension", "employment", "job-position"}
)
_OF_EMPLOYEE: Final = "employee.id"
_OF_EMPLOYMENT: Final = "employment.id"
_OF_OWNER: Final = "leavePeriod.ownerId"
_ABSENCES: Final = frozenset({"leave", "leave-request"})


class Question(NamedTuple):
    """What is asked of one resource: by which filter, and which eye wants to know."""

    resource: str
    by: str
    eye: HintEye


def questions(hint: Hint, resource: Resource) -> Iterator[tuple[Question, str]]:
    """Give what a hint makes us ask of one resource, and of whom: nothing, or one thing."""
    found = _found(hint, resource)
    if found is not None:
        by, subject = found
        yield Question(resource.name, by, hint.eye), subject


def _found(hint: Hint, resource: Resource) -> tuple[str, str] | None:
    own = resource.topic == hint.what and hint.record != ""
    if own and hint.verb == DELETED:
        return GONE, hint.record
    return _of_those_concerned(hint, resource) or (("id", hint.record) if own else None)


def _of_those_concerned(hint: Hint, resource: Resource) -> tuple[str, str] | None:
    lists = resource.lists
    if hint.what in _ABSENCES:
        return (_OF_OWNER, hint.employee) if hint.employee and _OF_OWNER in lists else None
    if hint.what not in _PERSONAL:
        return None
    if hint.employment and _OF_EMPLOYMENT in lists:
        return _OF_EMPLOYMENT, hint.employment
    if hint.employee and _OF_EMPLOYEE in lists:
        return _OF_EMPLOYEE, hint.employee
    if hint.employee and resource.employee == ("id",):
        return "id", hint.employee
    return None
