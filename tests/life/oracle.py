"""Judges what was told against what happened: nothing missing, nothing invented, in order, once.

Pure. `judge` gets every subject's true states in order of time and all that was told in order of arrival.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tests.life.states import State

Fault = Literal[
    "missing", "invented", "doubled", "out of order", "wrong previous", "wrong kind", "id reused", "foretold"
]


class Moment(NamedTuple):
    """A state that a subject has been in since an instant (RFC 3339 in UTC, so that text sorts)."""

    since: str
    state: State


@dataclass(frozen=True)
class Told:
    """One event as it arrived, with its states in the oracle's own form."""

    id: str
    subject: str
    kind: str
    sequence: int
    recorded: str
    previous: State
    record: State
    eye: str = ""


class Finding(NamedTuple):
    """Something that is wrong with what was told about a subject."""

    fault: Fault
    subject: str
    detail: str
    at: str = ""
    """When it was told; empty for what never was."""


@dataclass
class Verdict:
    """What is wrong; and how the true changes were told: each by an event, folded into one with others, or
    taken back before anybody looked. `learnt` events told only of a field that the API had added."""

    findings: list[Finding] = field(default_factory=list[Finding])
    changes: int = 0
    events: int = 0
    folded: int = 0
    unseen: int = 0
    learnt: int = 0

    @property
    def faults(self) -> Counter[Fault]:
        """How often each fault was found."""
        return Counter(finding.fault for finding in self.findings)


@dataclass
class Oracle:
    """Remembers, from one age of a tenant to the next, which ids and sequences were used.

    Who is not told of every change, `gapless` or not, can't miss a number.
    """

    gapless: bool = True
    ids: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    last: dict[str, int] = field(default_factory=dict[str, int])

    def pass_over(self, told: Told) -> None:
        """Remember an event that is not to be judged."""
        self.ids[told.id] = (told.subject, told.sequence)
        self.last[told.subject] = told.sequence

    def judge(self, history: Mapping[str, Sequence[Moment]], told: Sequence[Told]) -> Verdict:
        """Walk every subject along its true states, by what was told of it."""
        verdict = Verdict()
        by_subject: dict[str, list[Told]] = {subject: [] for subject in history}
        for one in told:
            by_subject.setdefault(one.subject, []).append(one)
        for subject, events in by_subject.items():
            _Walk(self, verdict, subject, history.get(subject, ())).along(events)
        return verdict


@dataclass
class _Walk:
    """Stands at the last true state of one subject that was told."""

    oracle: Oracle
    verdict: Verdict
    subject: str
    moments: Sequence[Moment]
    place: int = 0

    def along(self, events: Sequence[Told]) -> None:
        self.verdict.changes += max(0, len(self.moments) - 1)
        for told in events:
            self.verdict.events += 1
            if self._is_new(told):
                self._step(told)
        if self._at(self.place) != self._at(len(self.moments) - 1):
            self._find("missing", f"after event {self.oracle.last.get(self.subject, 0)}")
        else:
            self.verdict.unseen += max(0, len(self.moments) - 1 - self.place)

    def _is_new(self, told: Told) -> bool:
        """Check the id and the number of an event; tell whether it tells anything."""
        used = self.oracle.ids.get(told.id)
        if used is not None:
            self._find("doubled" if used == (told.subject, told.sequence) else "id reused", told.id)
            return False
        self.oracle.ids[told.id] = (told.subject, told.sequence)
        last = self.oracle.last.get(told.subject, 0)
        if told.sequence <= last:
            self._find("out of order", f"number {told.sequence} after {last}")
        elif told.sequence > last + 1 and self.oracle.gapless:
            self._find("missing", f"number {told.sequence} after {last}")
        self.oracle.last[told.subject] = max(told.sequence, last)
        return True

    def _step(self, told: Told) -> None:
        kind = "created" if told.previous is None else "deleted" if told.record is None else "updated"
        if kind != told.kind:
            self._find("wrong kind", f"{told.kind}, and is {kind}")
        if told.previous == told.record:
            self.verdict.learnt += 1
            return
        if told.previous != self._at(self.place):
            self._find(
                "wrong previous",
                f"number {told.sequence}, {_difference(self._at(self.place), told.previous)}",
            )
        after = range(self.place + 1, len(self.moments))
        found = next((one for one in after if self._at(one) == told.record), None)
        if found is None:
            self._find_untrue(told)
            return
        if self.moments[found].since > told.recorded:
            self._find("foretold", f"number {told.sequence} at {told.recorded}")
        self.verdict.folded += found - self.place - 1
        self.place = found

    def _find_untrue(self, told: Told) -> None:
        """Say whether what was told was never true, or had been true before."""
        before = [one for one in range(self.place + 1) if self._at(one) == told.record]
        if self.moments and before:
            self._find("out of order", f"number {told.sequence} tells a former state, {told.kind}")
            self.place = before[-1]
        else:
            self._find("invented", f"{told.kind}, {_difference(self._at(self.place), told.record)}", told)

    def _at(self, place: int) -> State:
        return self.moments[place].state if 0 <= place < len(self.moments) else None

    def _find(self, fault: Fault, detail: str, told: Told | None = None) -> None:
        self.verdict.findings.append(Finding(fault, self.subject, detail, told.recorded if told else ""))


def _difference(one: State, other: State) -> str:
    return f"{_text(one)} against {_text(other)}"


def _text(state: State) -> str:
    return "nothing" if state is None else state.decode()
