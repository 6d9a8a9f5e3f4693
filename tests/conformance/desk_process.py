"""A process beside the daemon that keeps acting by hand on its store until it is told to end."""

import sys
from datetime import timedelta
from pathlib import Path

import anyio

from lucca_sync.app.stores import opened_desk
from lucca_sync.journal.protocol import DeliveryFilter, Desk, EventFilter, StoreError, Told
from lucca_sync.model.delivery import Lane
from lucca_sync.testing.events import NOON, an_event
from lucca_sync.testing.journal.scene import NAME, record

LANE = Lane("by-hand", "a-connector")
ENDED = DeliveryFilter(states=("done", "discarded"))
FLYING = DeliveryFilter(states=("in_flight",))


async def act(desk: Desk, turn: int) -> None:
    """Send again, along another lane, discard, also what is in flight, and tell how a record stands."""
    at = NOON + timedelta(seconds=turn)
    ended = [entry.key for entry in await desk.deliveries(after=0, limit=3, wanted=ENDED)]
    await desk.queue_again(ended[:2], at=at, reason="again")
    await desk.discard(ended[1:2], at=at, reason="off")
    flying = [entry.key for entry in await desk.deliveries(after=0, limit=3, wanted=FLYING)]
    await (desk.discard if turn % 2 else desk.queue_again)(flying, at=at, reason="noted")
    newest = await desk.newest(limit=2, wanted=EventFilter())
    await desk.send([entry.position for entry in newest], LANE, at=at, reason="send")
    known = (await desk.known(NAME, ["1"])).get("1")
    if known is not None:
        shown = an_event(kind="snapshot", sequence=known.sequence, record=record("1", "a"), previous=None)
        try:
            await desk.tell(NAME, [Told(shown, (LANE,))], at=at)
        except StoreError as error:  # the daemon has journaled a change meanwhile
            if "read it again" not in str(error):
                raise


async def main(path: Path) -> None:
    """Act once, say so, and go on until the file `stop` stands beside the store."""
    turn = 0
    while not await anyio.Path(path.with_name("stop")).exists():
        turn += 1
        async with opened_desk(path) as desk:
            for _ in range(5):
                await act(desk, turn)
        sys.stdout.write(f"{turn}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]))
