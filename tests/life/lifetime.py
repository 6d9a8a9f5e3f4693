"""One life in a process of its own, and what was wrong with it, in sentences.

A process of its own because sets of text have another order in each, unless it is started otherwise: the same
seed has to give the same life again.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import anyio
import msgspec
import pytest

from lucca_sync.ingest.held import Held
from lucca_sync.journal.sqlite import thread
from tests.leaping import AtOnce, LeapingLoop
from tests.life.company import company, register
from tests.life.life import Life, begun
from tests.life.oracle import Verdict
from tests.life.weather import LIES, PASSING

_ROOT = Path(__file__).parents[2]
_WRONG = "wrong.json"
_AFTER = 20
"""Hours that the two restorations at the end take, with what settles after each."""
_NOISE = 5
"""How many records may be told of that were seen alone, before any page showed what all have in common: a
field that the API has added, or lost."""
_HELD = {"restore", "nulled", "sections-lost", "establishment-lost"}
"""Some reasons that the brake must have met."""


class Lifetime(msgspec.Struct, frozen=True):
    """Where, how long and from when on to live, and what chance follows."""

    folder: str
    days: int
    start: datetime
    seed: int


def lived(folder: Path, days: int, start: datetime, seed: int) -> Sequence[str]:
    """Live, and return what was wrong; what happened is printed."""
    asked = msgspec.json.encode(Lifetime(str(folder), days, start, seed)).decode()
    code = "from tests.life.lifetime import main; main()"
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code, asked],
        check=True,
        cwd=_ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    return msgspec.json.decode((folder / _WRONG).read_bytes(), type=list[str])


def main() -> None:
    """Be that process."""
    asked = msgspec.json.decode(sys.argv[1], type=Lifetime)
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=LeapingLoop) as runner:
        patch.setattr(thread, "ThreadPoolExecutor", AtOnce)  # a thread's work would go on while time leaps
        wrong = runner.run(_live(asked))
    (Path(asked.folder) / _WRONG).write_bytes(msgspec.json.encode(wrong))


async def _live(asked: Lifetime) -> Sequence[str]:
    async with company(Path(asked.folder), asked.seed, asked.start) as made:
        await begun(made)
        await register(made)
        await anyio.sleep(60)
        life = Life(made, Random(asked.seed))
        await life.live(asked.days * 24 - _AFTER)
        print("\n".join(await life.figures()))  # noqa: T201 - shown when it fails, and by `make torture`
        return [*_told_wrongly(life), *_held_wrongly(life, await made.held()), *_unmet(life)]


def _told_wrongly(life: Life) -> Iterator[str]:
    for age, verdict in life.verdicts.items():
        yield from _found(age, verdict)
        if (without := verdict.unseen + verdict.folded) > verdict.changes * 0.1:
            yield f"{age}: most of {verdict.changes} changes have their own event, {without} have none"
    if (learnt := sum(verdict.learnt for verdict in life.verdicts.values())) > _NOISE:
        yield f"told of a new field alone: {learnt}"
    if len(life.believed) > _NOISE:
        yield f"told while the tenant hid a field: {sorted(life.believed)}"
    if life.loud:
        yield f"a restoration that is taken as the new baseline is told to nobody: {dict(life.loud)}"


def _found(age: str, verdict: Verdict) -> Iterator[str]:
    """Say the first findings in words: everybody in a simulated tenant is invented."""
    if verdict.findings:
        yield f"{age}: {dict(verdict.faults)}"
    for one in verdict.findings[:6]:
        yield f"{one.fault}: {one.subject}: {one.detail}"


def _held_wrongly(life: Life, held: Mapping[str, Held]) -> Iterator[str]:
    if life.late:
        yield f"a restoration is held, and decided about, before people go back to work: {dict(life.late)}"
    for resource, one in held.items():
        yield f"held has come back or was decided: {resource} ({one.reason}) {one.counts} since {one.since}"


def _unmet(life: Life) -> Iterator[str]:
    if life.unmet:
        yield f"went wrong, and nobody met it: {sorted(life.unmet)}"
    if missing := {spell.name for spell in (*PASSING, *LIES)} - life.met.keys():
        yield f"never went wrong: {sorted(missing)}"
    if missing := _HELD - {reason for _, reason in life.held}:
        yield f"never held: {sorted(missing)}"
