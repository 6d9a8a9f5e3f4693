"""The series that a running daemon exports, as the pages and the rules may name them."""

from lucca_sync.obs.metrics import Metrics


def exported() -> dict[str, set[str]]:
    """Every series name with its labels; a histogram's own name too."""
    metrics = Metrics()
    metrics.initialise_tenant("t", ["r"])
    metrics.initialise_lane("r", "c")
    metrics.initialise_business("t", ["n"])
    families = list(metrics.registry.collect())
    series = {sample.name: set(sample.labels) for family in families for sample in family.samples}
    return {**{family.name: set[str]() for family in families}, **series}
