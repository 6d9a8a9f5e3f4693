"""Asks a simulated tenant's legacy API as any client with the key would."""

from datetime import UTC, datetime

from tests.simulator.visitor import Document, Reply, Visitor

KEY = {"Authorization": "lucca application=simulator-key"}
ALL_DAYS = "date=since,2000-01-01"
EVERYBODY = "leavePeriod.ownerId=greaterthan,0"
EVERYTHING = f"leaves?{ALL_DAYS}&{EVERYBODY}&paging=0,10000"
LEAVE = "fields=id,date,isAm,isActive,leaveAccountId,leavePeriodId,status,cancellationDate,creationDate"
PERIOD = "leavePeriod[id,ownerId,isConfirmed,confirmationDate]"


async def ask(visitor: Visitor, path: str) -> Reply:
    """Ask for a path under /api/v3/, or for a whole path."""
    return await visitor.ask("GET", path if path.startswith("/") else f"/api/v3/{path}", headers=KEY)


async def items(visitor: Visitor, path: str) -> list[Document]:
    """Ask for a list that must be answered."""
    reply = await ask(visitor, path)
    assert reply.status == 200, reply.body
    return list(reply.json["data"]["items"])


async def ids(visitor: Visitor, path: str) -> list[str]:
    return [str(item["id"]) for item in await items(visitor, path)]


async def leaves(visitor: Visitor, query: str = "") -> list[Document]:
    """Ask for half-days with everything that tests look at."""
    return await items(visitor, f"{EVERYTHING}&{LEAVE},{PERIOD},comment,value,duration&{query}".rstrip("&"))


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
