"""What a check of the connections found, for people and for programs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found: about what, whether it is well, the finding, and what to do about it."""

    subject: str
    ok: bool
    detail: str
    hint: str = ""
