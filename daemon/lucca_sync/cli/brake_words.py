"""A held set in words: for people, and as an object for programs. Ids, fields and numbers; never values."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from lucca_sync.app.holdings import HeldNow
from lucca_sync.cli.output import Cell, Row, Screen
from lucca_sync.ingest.guard import Reason
from lucca_sync.ingest.held import VERDICTS, Held, Verdict
from lucca_sync.model.event import Kind, rfc3339

_SHOWN: Final = 20
"""Subjects and fields that a screen shows; `--output json` has all that are remembered."""

_WHY: Final[Mapping[Reason, str]] = {
    "many": "One look found more of it than the thresholds of this resource allow.",
    "emptied": "The resource had records and shows none, and neither do the tenant's others.",
    "restore": "Nearly all ids are others, or most records went back in time: as after a restore.",
    "scope-lost": "Records are gone while others still show, or Lucca refused a scope: a right was lost?",
    "establishment-lost": "All that one business establishment had went from view together.",
    "sections-lost": "All attributes of several definitions went from view together.",
    "nulled": "One field lost its value on nearly all records.",
}
_LOOK_AT: Final[Mapping[Reason, str]] = {
    "many": "Did somebody import, move or clean up that many? Then approve.",
    "emptied": "Look at the application's scopes and establishments in Lucca.",
    "restore": "Was the tenant restored or replaced? Then approve --as-baseline.",
    "scope-lost": "Look at the application's scopes in Lucca. Given back, the records return by themselves.",
    "establishment-lost": "Look at the application's establishments in Lucca. Was one closed? Then approve.",
    "sections-lost": "Look at the application's HR sections in Lucca: granting all of them shows none.",
    "nulled": "Look at the application's HR sections and rights. Was the field given up? Then approve.",
}
_DOES: Final[Mapping[Verdict, str]] = {
    "approve": "approve",
    "baseline": "approve --as-baseline",
    "reject": "reject",
}
_DECIDED: Final[Mapping[Verdict, str]] = {
    "approve": "approved, to be told at the next look",
    "baseline": "approved as baseline, to be taken in at the next look",
    "reject": "rejected, kept out",
}


def held_as_dict(one: HeldNow) -> dict[str, object]:
    """Return a held set for programs."""
    held, waiting = one.held, one.waiting
    return {
        "tenant": one.name.tenant,
        "resource": one.name.resource,
        "reason": held.reason,
        "since": rfc3339(held.since),
        "counts": held.counts,
        "total": held.total,
        "records": held.records,
        "share": round(held.share, 4),
        "told_before": {"changes": held.passed, "deletions": held.gone},
        "fields": _by_number(held),
        "subjects": {kind: list(ids) for kind, ids in held.subjects.items()},
        "verdict": held.verdict,
        "decided": rfc3339(held.decided) if held.decided else None,
        "waiting": waiting.verdict if waiting else None,
    }


def held_row(one: HeldNow) -> Row:
    """Return the line of `brake list`."""
    held = one.held
    return (
        Cell("/".join(one.name), "bold"),
        Cell(held.reason, "yellow"),
        _counts(held.counts),
        f"{held.records} ({held.share:.0%})",
        _instant(held.since),
        _decision(one),
    )


def held_state(one: HeldNow) -> str:
    """Return how much is held and why, in half a sentence."""
    return f"{_counts(one.held.counts)} held ({one.held.reason}) since {_instant(one.held.since)}"


def show_held(one: HeldNow, out: Screen) -> None:
    """Write everything about a held set."""
    held = one.held
    out.line(Cell("/".join(one.name), "bold"), f": {held_state(one)}")
    out.line()
    out.line(_WHY[held.reason])
    out.line(_LOOK_AT[held.reason])
    out.line()
    out.table(_about(one), indent=2)
    if held.fields:
        out.line()
        rows = [(name, f"{count} records") for name, count in list(_by_number(held).items())[:_SHOWN]]
        out.table(rows, head=("field", "differs on"), indent=2)
    for kind, ids in held.subjects.items():
        more = held.counts.get(kind, 0) - min(len(ids), _SHOWN)
        out.line()
        out.line(Cell(f"  {kind}: ", "bold"), ", ".join(ids[:_SHOWN]), f" and {more} more" if more else "")
    out.line()
    out.table(
        ((f"brake {_DOES[one]}", outlook(held, one)) for one in VERDICTS), head=("decision", "what it does")
    )


def outlook(held: Held, verdict: Verdict) -> str:
    """Say what a decision would do with this set."""
    match verdict:
        case "approve":
            confirmed = "; each deletion is confirmed by id first" if held.deletions else ""
            return f"The next look tells {_events(held.total)}{confirmed}."
        case "baseline":
            return "The next look takes all of it into the snapshot and tells nobody, ever."
        case "reject":
            return "Nobody is told and the alarm ends, until the rows return or the set grows by half."


def _about(one: HeldNow) -> Iterator[Row]:
    held = one.held
    yield "held", f"{_counts(held.counts)}: {held.share:.0%} of {held.records} records"
    yield "since", _instant(held.since)
    if held.passed or held.gone:
        yield "told before", f"{held.passed} changes and {held.gone} deletions of the same look"
    yield "decision", _decision(one)


def _decision(one: HeldNow) -> str:
    if one.waiting is not None:
        return f"{one.waiting.verdict}, waits for a daemon"
    return _DECIDED[one.held.verdict] if one.held.verdict else "none yet"


def _by_number(held: Held) -> dict[str, int]:
    return dict(sorted(held.fields.items(), key=lambda pair: (-pair[1], pair[0])))


def _counts(counts: Mapping[Kind, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()) if count)


def _events(count: int) -> str:
    return f"{count} event{'' if count == 1 else 's'}"


def _instant(instant: datetime) -> str:
    return f"{rfc3339(instant)[:16].replace('T', ' ')}Z"
