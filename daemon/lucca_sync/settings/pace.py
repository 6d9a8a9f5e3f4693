"""How often Lucca is asked, by the settings alone: nobody knows here how many records there are."""

from collections.abc import Iterator
from datetime import timedelta

from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.settings.model import ResourceSettings, Tenant


def newcomers_every(tenant: Tenant, wanted: ResourceSettings) -> timedelta | None:
    """Return the time between two looks at a resource's newest records, None for none.

    Pages of a fixed address don't show newcomers: who asks for the others every ten seconds means these too.
    """
    return None if tenant.eyes.head is None else min(tenant.eyes.head, wanted.every)


def least_requests(tenant: Tenant) -> float:
    """Return the requests a minute that the tenant's looks take if each resource fits on one page."""
    return sum(timedelta(minutes=1) / each for each in _intervals(tenant))


def _intervals(tenant: Tenant) -> Iterator[timedelta]:
    for name, wanted in tenant.resources.items():
        yield wanted.every
        newcomers = newcomers_every(tenant, wanted)
        if newcomers is not None and name in CATALOGUE and CATALOGUE[name].newest is not None:
            yield newcomers
