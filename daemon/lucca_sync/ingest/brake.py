"""The brake of one resource: what it holds back, since when, why, and what a person decided about it.

Consulted with every page, every record read alone and every sweep's missing records, by all eyes alike.
A round is the time from one complete look at a resource to the next. Holding means not writing: the snapshot
stays, and the next look finds the difference again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal, TypeAlias

import msgspec

from lucca_sync.ingest.evidence import Evidence
from lucca_sync.ingest.gathered import Gathered, fields_of, nulled_of
from lucca_sync.ingest.guard import (
    Reason,
    Showing,
    Threshold,
    deletions_held,
    graver,
    looks_replaced,
    looks_restored,
    nearly_all,
    nulled_fields,
    outgrown,
    replaced,
    returned,
)
from lucca_sync.ingest.held import (
    SUBJECTS,
    Decision,
    Held,
    Verdict,
    changes_in,
    decode_held,
    encoded,
    held_key,
)
from lucca_sync.ingest.notice import Notice
from lucca_sync.ingest.round import Round
from lucca_sync.ingest.source import Lookout, Watched
from lucca_sync.ingest.witnesses import Witnesses
from lucca_sync.journal.protocol import Known, Write
from lucca_sync.model.event import Event

Ruling: TypeAlias = Literal["believe", "hold", "hush"]
"""Tell it, hold it, or take it into the snapshot without telling."""

_LONGEST_ROUND: Final = timedelta(days=1)
"""Where no look is ever complete, counting begins anew after this."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What may be written, and the ids of the records of which nothing may be."""

    writes: tuple[Write, ...]
    held: frozenset[str] = frozenset()


class Brake:
    """One per resource, shared by its eyes through their post."""

    def __init__(self, lookout: Lookout, watched: Watched) -> None:
        self._lookout = lookout
        self._watched = watched
        self._held: Held | None = None
        self._noted: Held | None = None
        self._known = Gathered()
        self._loaded = False
        self._round = Round(lookout.clock.now())
        self._evidence = Evidence(lookout.journal, watched)
        self._witnesses = Witnesses(lookout, watched, self._evidence)
        self._notice = Notice(lookout, watched)
        self._surveyed: set[str] | None = None
        self._missing: frozenset[str] = frozenset()
        self._counted: int | None = None

    @property
    def held(self) -> Held | None:
        """What is held now."""
        return self._held

    async def load(self) -> None:
        """Take up what was held when the daemon last ran; only the first call does anything."""
        if self._loaded:
            return
        journal, name = self._lookout.journal, self._watched.name
        note = await journal.note(held_key(name))
        self._held = self._noted = decode_held(note) if note else None
        self._known = Gathered.of(self._held) if self._held else Gathered()
        self._missing = frozenset(self._held.subjects.get("deleted", ()) if self._held else ())
        self._round.whole = (await journal.state(name)).cursor is None
        self._loaded = True
        if self._round.whole:
            self._round.verdict = self._verdict()
        self._notice.show(self._held)

    async def decided(self) -> bool:
        """Tell whether a decision waits to be carried out by the next look."""
        await self.load()
        return self._verdict() is not None

    async def begin(self, *, everything: bool = False) -> None:
        """Note that a look at all pages begins, from the first one on: what was decided until now holds.

        `everything`: it will show new records too, which pages of a fixed address do not.
        """
        await self.load()
        former, now = self._round, self._lookout.clock.now()
        self._round, self._counted = Round(now, everything=everything, verdict=self._verdict()), None
        if now - former.began < _LONGEST_ROUND:
            # Nor does a look that is cut off again and again tell a little more each time.
            self._round.began, self._round.told, self._round.gone = former.began, former.told, former.gone

    async def end(self) -> None:
        """Note that a look at all pages is complete, and what was missing dealt with."""
        await self.load()
        if self._held is not None:
            await self._settle(self._held)
        self._round = Round(self._lookout.clock.now(), verdict=self._verdict())

    async def begin_survey(self) -> None:
        """Note that a survey begins: where pages have fixed addresses, only that shows new records."""
        await self.load()
        self._surveyed = set()

    async def end_survey(self) -> None:
        """Note that a survey has shown all new records that there are: the other held ones are gone."""
        seen, self._surveyed = self._surveyed, None
        if self._held is not None and seen is not None and self._known.counts["created"]:
            self._known.drop_new(seen)
            self._held = self._round.with_members(
                self._held, self._known, self._held.subjects.get("deleted", ()), self._held.deletions
            )
            await self._note_or_release()

    # --- changes --------------------------------------------------------------------------------------------

    async def as_listed(self, page: Showing) -> bool:
        """Tell whether rows older than their snapshots are to be taken as they are, not read one by one.

        That is so in a restore, suspected or decided about. Whatever a page shows of it is sifted later.
        """
        await self.load()
        if self._held is not None and self._held.reason == "restore":
            return True
        if page.back or nearly_all(page.vanished, page.former):
            page = replace(page, whole=max(page.former, page.known) >= await self._records())
        if self._round.tripped != "restore" and (
            looks_restored(page) or (looks_replaced(page) and await self._witnesses.all_replaced())
        ):
            self._round.tripped = "restore"
        return self._round.tripped == "restore"

    async def sift(self, writes: Sequence[Write], page: Showing) -> Sifted:
        """Part what may be written from what is to be held; notes what is held, durably."""
        if not any(write.event for write in writes):
            return Sifted(tuple(writes))
        await self.load()
        records = await self._weighed(len(writes))
        nulled = nulled_fields([nulled_of(write.event) for write in writes if write.event], page)
        kept: list[Write] = []
        held: set[str] = set()
        for write in writes:
            ruling = self._rule(write.event, nulled, records) if write.event else "believe"
            if ruling == "hold":
                held.add(write.id)
            else:
                kept.append(_hushed(write) if ruling == "hush" else write)
        if held:
            await self._hold(self._round.tripped, await self._records())
        return Sifted(tuple(kept), frozenset(held))

    def _rule(self, event: Event, nulled: frozenset[str], records: int) -> Ruling:
        this, empty = self._round, nulled_of(event)
        this.changed += 1
        this.nulled.update(empty)
        fields = fields_of(event, self._unspoken)
        covered = self._covers(event, fields)
        if event.kind == "created" and self._surveyed is not None:
            self._surveyed.add(event.record_id)
        if covered and this.verdict and self._agreed():
            if event.kind == "created":
                self._known.drop(event.record_id)
            return "hush" if this.verdict == "baseline" else "believe"
        if not covered and this.tripped is None and nulled & empty:
            this.tripped = "nulled"
        if not covered and this.tripped is None and self._watched.changes.trips(this.told + 1, records):
            this.tripped = "many"
        if covered or this.tripped is not None:
            self._known.add(event, fields)
            this.held.add(event, fields)
            return "hold"
        this.told += 1
        return "believe"

    @property
    def _unspoken(self) -> tuple[str | None, ...]:
        return (self._watched.resource.clock, *self._watched.resource.quiet)

    def _covers(self, event: Event, fields: Collection[str]) -> bool:
        """Tell whether a change belongs to what is held: the same record, or one that changed alike."""
        held = self._held
        if held is None:
            return False
        instead = event.kind == "created" and replaced(held.deletions, held.records)
        if instead or held.reason == "restore":
            return True
        if not len(self._known):
            return False
        if not self._known.complete or event.record_id in self._known.kinds:
            return True
        if event.kind == "created":
            return bool(self._known.counts["created"])
        return not held.common.isdisjoint(fields)

    def _agreed(self) -> bool:
        """Count one more of what a person let through; not of what has come upon it since."""
        agreed = changes_in(self._held.agreed) if self._held else 0
        if outgrown(self._round.agreed + 1, agreed):
            self._round.tripped = self._round.tripped or "many"
            return False
        self._round.agreed += 1
        return True

    # --- deletions ------------------------------------------------------------------------------------------

    async def may_look_into(self, ids: Collection[str]) -> bool:
        """Tell whether records that should have been shown may be confirmed as gone before the round ends.

        Else they are left to its end, when all that is missing is judged together.
        """
        await self.load()
        records, gone = await self._records(), self._round.gone
        held = self._held
        if "restore" in (self._round.tripped, held and held.reason) or (held is not None and held.deletions):
            return False
        if deletions_held(len(ids) + gone, records + gone, self._deletions):
            return False
        known = await self._lookout.journal.known(self._watched.name, ids)
        return await self._together([one for one in known.values() if one.content]) is None

    async def _together(self, missing: Sequence[Known]) -> Reason | None:
        """Say what made these go from view together, None when people did."""
        found = await self._evidence.together(missing)
        return found or ("establishment-lost" if await self._witnesses.place_lost(missing) else None)

    def gone(self) -> None:
        """Count a deletion that was told."""
        self._round.gone += 1
        self._counted = None

    def was_missing(self, record_id: str) -> bool:
        """Tell whether a record was missing when a person decided about those that are, as far as we know."""
        return record_id in self._missing

    async def judge(self, missing: Sequence[Known]) -> Ruling:
        """Say what becomes of all that a complete look did not show."""
        await self.load()
        self._round.missing = ()
        if not missing:
            return "believe"
        verdict, held = self._round.verdict, self._held
        if verdict and held and held.deletions and not outgrown(len(missing), held.agreed.get("deleted", 0)):
            return "hush" if verdict == "baseline" else "believe"
        records = await self._records()
        reason = await self._doubt(missing, records)
        if reason is None:
            return "believe"
        self._round.missing = tuple(known.id for known in missing)
        self._missing = frozenset(self._round.missing)
        await self._hold(reason, records)
        return "hold"

    async def _doubt(self, missing: Sequence[Known], records: int) -> Reason | None:
        """Say why these are not to be believed gone, None when they are."""
        this, held = self._round, self._held
        others = self._known.counts["created"] > 0 and replaced(len(missing), records)
        if others or "restore" in (this.tripped, held and held.reason):
            return "restore"
        refused = self._evidence.scope(self._lookout.refused, self._lookout.clock.now())
        if len(missing) >= records:
            return await self._evidence.emptied(refused=refused)
        together = await self._together(missing)
        before = this.gone + (held.gone if held and held.deletions else 0)
        if together is None and deletions_held(len(missing) + before, records + before, self._deletions):
            return "scope-lost" if refused else "many"
        return together

    @property
    def _deletions(self) -> Threshold:
        return self._watched.deletions

    # --- holding and letting go -----------------------------------------------------------------------------

    async def _records(self) -> int:
        return (await self._lookout.journal.state(self._watched.name)).records

    async def _weighed(self, more: int) -> int:
        """Count the records, yet not for each page: only where `more` changes may be too many."""
        told = self._round.told + more
        if self._counted is None or self._watched.changes.trips(told, self._counted):
            self._counted = await self._records()
        return self._counted

    def _verdict(self) -> Verdict | None:
        """Return what was decided, if it is to be carried out."""
        verdict = self._held.verdict if self._held else None
        return None if verdict == "reject" else verdict

    async def _hold(self, reason: Reason | None, records: int) -> None:
        """Note what is held so far."""
        former, this = self._held, self._round
        if former is None or (this.verdict and former.verdict):
            self._known = this.held
            self._held = this.begun(reason or "many", records, self._lookout.clock.now())
        else:
            missing = this.missing or former.subjects.get("deleted", ())
            count = len(this.missing) or former.deletions
            self._held = self._round.with_members(former, self._known, missing, count)
            if reason is not None:
                self._held = msgspec.structs.replace(self._held, reason=graver(former.reason, reason))
        await self._note()
        if former is None:
            self._notice.warn("brake_held", self._held)

    async def _settle(self, held: Held) -> None:
        """See what is left at the end of a round: some of it may have come back, or been decided."""
        this = self._round
        if this.whole:
            carried_out = this.verdict is not None
            if not this.everything:
                this.held.take_new(self._known)
            # New records are held beside deletions that they might replace; not when those come back.
            back = bool(held.deletions) and not this.missing and held.reason != "restore"
            if not carried_out and (returned(len(this.held), held.most) or (back and this.tripped is None)):
                this.held = Gathered()
            self._known = this.held
        self._held = await self._named(
            self._round.with_members(held, self._known, this.missing, len(this.missing))
        )
        if self._held.verdict == "reject" and self._held.outgrown:
            self._held = msgspec.structs.replace(self._held, verdict=None)
            self._notice.warn("brake_held_again", self._held)
        await self._note_or_release()

    async def _named(self, held: Held) -> Held:
        """Look at changes held for their mere number once more: whom do they concern?"""
        if held.reason != "many" or not held.changes:
            return held
        if self._evidence.scope(self._lookout.refused, self._lookout.clock.now()):
            return msgspec.structs.replace(held, reason="scope-lost")
        ids = list(self._known.kinds)[:SUBJECTS]
        known = await self._lookout.journal.known(self._watched.name, ids)
        if await self._evidence.of_a_lost_establishment(list(known.values())):
            return msgspec.structs.replace(held, reason="establishment-lost")
        return held

    async def _note_or_release(self) -> None:
        if self._held is not None and self._held.total:
            await self._note()
        else:
            await self._release()

    async def _release(self) -> None:
        self._held, self._noted, self._known = None, None, Gathered()
        await self._lookout.journal.drop_note(held_key(self._watched.name))
        self._notice.show(self._held)
        self._notice.say("brake_released")

    async def _note(self) -> None:
        if self._held is not None and self._held != self._noted:
            self._noted = self._held
            await self._lookout.journal.write_note(held_key(self._watched.name), encoded(self._held))
        self._notice.show(self._held)

    # --- people ---------------------------------------------------------------------------------------------

    async def decide(self, decision: Decision) -> bool:
        """Take a person's decision; False when it was about something that is no longer held."""
        await self.load()
        held = self._held
        if held is None or held.since != decision.since:
            self._notice.say("brake_decision_outdated", verdict=decision.verdict)
            return False
        self._held = msgspec.structs.replace(
            held,
            verdict=decision.verdict,
            decided=decision.at,
            agreed=held.counts,
            agreed_fields=tuple(sorted(held.common)),
        )
        await self._note()
        self._notice.say("brake_decided", verdict=decision.verdict)
        return True


def _hushed(write: Write) -> Write:
    """Return a write without its event."""
    return replace(write, event=None, lanes=(), sequence=write.sequence - 1)
