"""Misbehaviours by name, for those who rehearse: what each is, and what it sets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from lucca_sync.simulator.answers.catalogue import CATALOGUE
from lucca_sync.simulator.world.definitions import SECTIONS

Changes = Mapping[str, object]


@dataclass(frozen=True)
class Preset:
    """A misbehaviour as people speak of it."""

    what: str
    changes: Changes


def _fault(what: str, **fault: object) -> Preset:
    return Preset(what, {"faults": [fault]})


def _webhooks(what: str, **troubles: float) -> Preset:
    return Preset(what, {"webhooks": troubles})


PRESETS: Mapping[str, Preset] = {
    "429-storm": Preset("every ten minutes nothing but 429 for half a minute", {"storm": {}}),
    "others": Preset(
        "another integration takes 25 requests a minute, evenly",
        {"others_per_minute": 25, "others": "steady"},
    ),
    "others-bursty": Preset(
        "another integration takes 25 requests as each minute begins",
        {"others_per_minute": 25, "others": "bursty"},
    ),
    "heavy": Preset("408 for lists with totalCount, embedded or more than 50 records a page", {"heavy": {}}),
    "408": _fault("one request in twenty takes too long", kind="status", status=408, rate=0.05),
    "500": _fault("one request in twenty meets a bug", kind="status", status=500, rate=0.05),
    "503": _fault("one request in twenty meets an outage", kind="status", status=503, rate=0.05),
    "resets": _fault("one answer in twenty breaks off with its connection", kind="reset", rate=0.05),
    "truncated": _fault("one answer in twenty is half a document", kind="truncate", rate=0.05),
    "not-json": _fault("one answer in twenty is a page of HTML", kind="invalid-json", rate=0.05),
    "slow": _fault("one answer in ten takes three seconds", kind="delay", seconds=3.0, rate=0.1),
    "malformed": _fault("one list in twenty holds a record without id", kind="malformed-record", rate=0.05),
    "token-trouble": Preset(
        "tokens die after five minutes, and one in three is refused with 503",
        {
            "token_lifetime": 300,
            "faults": [{"kind": "status", "status": 503, "resource": "token", "rate": 0.3}],
        },
    ),
    "clock-skew": Preset("the tenant's clock is two minutes ahead", {"clock_skew": 120}),
    "shrinking": Preset("one further page in five: a record is deleted before it", {"shrinking": 0.2}),
    "dead-cursors": Preset("one page token in ten is not known any more", {"dead_cursors": 0.1}),
    "strict": Preset("unknown parameters are refused with 400", {"unknown_parameters": "refused"}),
    "small-pages": Preset("no page of more than 50 records: 400", {"max_limit": 50}),
    "no-page-numbers": Preset("page=7 is refused with 400", {"page_numbers": "refused"}),
    "page-numbers-ignored": Preset("page=7 gives page one", {"page_numbers": "ignored"}),
    "ids-ignored": Preset(
        "the filters id= and employee.id= are ignored", {"ignored_filters": ["id", "employee.id"]}
    ),
    "no-304": Preset("lists answer in full even when nothing has changed", {"ignore_if_none_match": True}),
    "sunset": Preset("everything announces its sunset", {"deprecated": {"*": "2027-06-30"}}),
    "stale": Preset(
        "lists show records as they were for ten seconds after a change",
        {"stale": {name: ["*"] for name in CATALOGUE}, "stale_for": 10},
    ),
    "reordered": Preset("arrays come in another order at each call", {"reordered": ["*"]}),
    "reformatted": Preset("whole numbers are written 1 and 1.0 by turns", {"reformatted": ["*"]}),
    "new-field": Preset(
        "every employee has one more field", {"overrides": {"employees": {"*": {"favouriteColour": "blue"}}}}
    ),
    "new-value": Preset(
        "every employment template is for an audience that nobody knows",
        {"overrides": {"employment-templates": {"*": {"audience": "gigWorker"}}}},
    ),
    "impossible-dates": Preset(
        "every probation is extended until the 31st of April",
        {"overrides": {"probationary-periods": {"*": {"extendedEndsOn": "2026-04-31"}}}},
    ),
    "misfits": Preset(
        "an attribute's value fits no definition",
        {"overrides": {"employee-attributes": {"1": {"value": ["no", "such", {"schema": True}]}}}},
    ),
    "vanishing": Preset(
        "no job position shows its department", {"vanishing": {"job-positions": ["department"]}}
    ),
    "nulled": Preset("every employee's e-mail address is null", {"nulled": {"employees": ["email"]}}),
    "restless-order": Preset("departments change places at each call", {"restless_order": True}),
    "embedded-partial": Preset("embedded records lack fields, some are missing", {"embedded_partial": True}),
    "embedded-stale": Preset(
        "embedded records are as they were for ten seconds after a change",
        {"embedded_stale": True, "stale_for": 10},
    ),
    "establishments-lost": Preset("only the first establishment is granted", {"establishments": ["1"]}),
    "all-sections": Preset(
        "every HR-file section is granted, and so no attribute is shown", {"sections": sorted(SECTIONS)}
    ),
    "webhooks-lost": _webhooks("one webhook in five is never sent", lost=0.2),
    "webhooks-repeated": _webhooks("one webhook in five is sent twice", repeated=0.2),
    "webhooks-shuffled": _webhooks("every other webhook is overtaken", shuffled=0.5),
    "webhooks-delayed": _webhooks("webhooks come half a minute late", delayed=30),
    "webhooks-forged": _webhooks(
        "one webhook in ten is signed wrongly, one in ten is old", wrong_signature=0.1, old_timestamp=0.1
    ),
    "events-missing": _webhooks("of one change in ten no event is made", unrecorded=0.1),
}
"""Name to what it is and sets; several can be on at once."""


def combined(present: Changes, names: list[str]) -> dict[str, object]:
    """Return what is set when named misbehaviours come on top of those of the present."""
    result = dict(present)
    for name in names:
        for key, value in PRESETS[name].changes.items():
            result[key] = _merged(result.get(key), value)
    return result


def _merged(present: object, value: object) -> object:
    match present, value:
        case list() | tuple(), list():
            return [*cast(Iterable[object], present), *cast(list[object], value)]
        case dict(), dict():
            return {**cast(Changes, present), **cast(Changes, value)}
        case _:
            return value


def described() -> str:
    """Return a line for each name."""
    return "\n".join(f"    {name:20} {preset.what}" for name, preset in PRESETS.items())
