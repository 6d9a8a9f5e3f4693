"""What is held back of one resource: kept in the journal, shown, let go of; and the round that it is seen in.

Knows nothing of when to hold.
"""

from datetime import timedelta
from typing import Final

import msgspec

from lucca_sync.ingest.gathered import Gathered
from lucca_sync.ingest.guard import Reason, graver, returned
from lucca_sync.ingest.held import Decision, Held, Verdict, decode_held, encoded, held_key
from lucca_sync.ingest.notice import Notice
from lucca_sync.ingest.round import Round
from lucca_sync.ingest.source import Lookout, Watched

_LONGEST_ROUND: Final = timedelta(days=1)
"""Where no look is ever complete, counting begins anew after this."""


class Holding:
    """One per resource.

    `held` is the set as it is noted, None while nothing is held; `known` are its changes, gathered.
    `missing` are the records that were gone when they were judged last.
    """

    def __init__(self, lookout: Lookout, watched: Watched) -> None:
        self.held: Held | None = None
        self.known = Gathered()
        self.round = Round(lookout.clock.now())
        self.missing: frozenset[str] = frozenset()
        self._noted: Held | None = None
        self._loaded = False
        self._clock, self._journal = lookout.clock, lookout.journal
        self._name = watched.name
        self._notice = Notice(lookout, watched)

    @property
    def verdict(self) -> Verdict | None:
        """What was decided, if it is to be carried out."""
        verdict = self.held.verdict if self.held else None
        return None if verdict == "reject" else verdict

    @property
    def restoring(self) -> bool:
        """Whether a restore is what is held, or looks like what is being seen."""
        return "restore" in (self.round.tripped, self.held and self.held.reason)

    async def records(self) -> int:
        """Count the records of the resource."""
        return (await self._journal.state(self._name)).records

    async def load(self) -> None:
        """Take up what was held when the daemon last ran; only the first call does anything."""
        if self._loaded:
            return
        note = await self._journal.note(held_key(self._name))
        self.held = self._noted = decode_held(note) if note else None
        self.known = Gathered.of(self.held) if self.held else Gathered()
        self.missing = frozenset(self.held.subjects.get("deleted", ()) if self.held else ())
        self.round.whole = (await self._journal.state(self._name)).cursor is None
        self._loaded = True
        if self.round.whole:
            self.round.verdict = self.verdict
        self._notice.show(self.held)

    # --- rounds ---------------------------------------------------------------------------------------------

    def begin(self, *, everything: bool) -> None:
        """Begin a round: what was decided until now holds."""
        former, now = self.round, self._clock.now()
        self.round = Round(now, everything=everything, verdict=self.verdict)
        if now - former.began < _LONGEST_ROUND:
            # Nor does a look that is cut off again and again tell a little more each time.
            self.round.began, self.round.told, self.round.gone = former.began, former.told, former.gone
            self.round.doubted = former.doubted

    def settle(self) -> None:
        """See what is left of what was held: some of it may have come back, or been decided."""
        held, this = self.held, self.round
        if held is None:
            return
        if this.whole:
            if not this.everything:
                this.held.take_new(self.known)
            self.known = Gathered() if self._came_back(held) else this.held
            this.held = self.known
        self.held = this.with_members(held, self.known, this.missing, len(this.missing))

    def _came_back(self, held: Held) -> bool:
        this = self.round
        if this.verdict is not None:
            return False
        # New records are held beside deletions that they might replace; not when those come back.
        back = bool(held.deletions) and not this.missing and held.reason != "restore"
        return returned(len(this.held), held.most) or (back and this.tripped is None)

    def rename(self, reason: Reason) -> None:
        """Give what is held another reason; what was decided meanwhile stays decided."""
        if self.held is not None:
            self.held = msgspec.structs.replace(self.held, reason=reason)

    async def end(self) -> None:
        """End the round, with what is left noted or let go of; the next one begins."""
        if self.held is not None:
            self._alarm_again(self.held)
            await self.note_or_release()
        self.round = Round(self._clock.now(), verdict=self.verdict)

    def _alarm_again(self, held: Held) -> None:
        """Forget that a person kept it out, where it is no longer what that person saw."""
        if held.verdict == "reject" and held.outgrown:
            self.held = msgspec.structs.replace(held, verdict=None)
            self._notice.warn("brake_held_again", self.held)

    # --- holding and letting go -----------------------------------------------------------------------------

    async def hold(self, reason: Reason | None, records: int) -> None:
        """Hold what this round has gathered so far, with what was held before; note it."""
        former, this = self.held, self.round
        if former is None or (this.verdict and former.verdict):
            self.known = this.held
            self.held = this.begun(reason or "many", records, self._clock.now())
        else:
            self.held = self._grown(former, reason)
        await self._note()
        if former is None:
            self._notice.warn("brake_held", self.held)

    def _grown(self, former: Held, reason: Reason | None) -> Held:
        missing = self.round.missing or former.subjects.get("deleted", ())
        count = len(self.round.missing) or former.deletions
        grown = self.round.with_members(former, self.known, missing, count)
        return msgspec.structs.replace(grown, reason=graver(former.reason, reason)) if reason else grown

    async def drop_new(self, but: set[str]) -> None:
        """Let go of all new records but these."""
        if self.held is not None and self.known.counts["created"]:
            self.known.drop_new(but)
            missing = self.held.subjects.get("deleted", ())
            self.held = self.round.with_members(self.held, self.known, missing, self.held.deletions)
            await self.note_or_release()

    async def decide(self, decision: Decision) -> bool:
        """Take a person's decision; False when it was about something that is no longer held."""
        held = self.held
        if held is None or held.since != decision.since:
            self._notice.say("brake_decision_outdated", verdict=decision.verdict)
            return False
        self.held = msgspec.structs.replace(
            held,
            verdict=decision.verdict,
            decided=decision.at,
            agreed=held.counts,
            agreed_fields=tuple(sorted(held.common)),
        )
        await self._note()
        self._notice.say("brake_decided", verdict=decision.verdict)
        return True

    async def note_or_release(self) -> None:
        """Note what is held, or that nothing is any more."""
        if self.held is not None and self.held.total:
            await self._note()
        else:
            await self._release()

    async def _note(self) -> None:
        held = self.held
        if held is not None and held != self._noted:
            await self._journal.write_note(held_key(self._name), encoded(held))
            self._noted = held
        self._notice.show(self.held)

    async def _release(self) -> None:
        self.held, self._noted, self.known = None, None, Gathered()
        await self._journal.drop_note(held_key(self._name))
        self._notice.show(self.held)
        self._notice.say("brake_released")
