"""Asking for a page in a form that costs Lucca less where it is too heavy: never for the same again."""

from lucca_sync.ingest.source import Answered, Source
from lucca_sync.lucca.budget import Purpose
from lucca_sync.lucca.errors import TooHeavy
from lucca_sync.lucca.paging import simpler
from lucca_sync.model.catalogue import Resource


async def ask(
    source: Source, url: str, *, resource: Resource, etag: str | None, purpose: Purpose
) -> tuple[str, Answered]:
    """Ask for a page; return the address that was answered in the end, and the answer.

    Raises TooHeavy when nothing can be left out any more, else what asking raises.
    """
    while True:
        try:
            return url, await source.page(url, resource=resource, etag=etag, purpose=purpose)
        except TooHeavy:
            lighter = simpler(url)
            if lighter is None:
                raise
            url, etag = lighter, None
