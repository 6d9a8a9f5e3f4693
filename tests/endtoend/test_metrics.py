"""What a running daemon exports, whatever happens to it."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from lucca_sync.obs.metrics import LOOK_ERRORS
from tests.endtoend.scene import scene
from tests.running import fetched, running


async def test_what_fails_beside_the_watched_resources_has_a_series_for_each_reason_as_well(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, client_secret="another") as at:
        text = at.settings.read_text().replace(
            "    resources:\n", "    hints: {secret: made-up}\n    legacy_api_key: made-up\n    resources:\n"
        )
        at.settings.write_text(text)
        async with running("run", "-c", at.settings) as daemon:
            base = await daemon.started()
            failed, samples = set[str](), list[Sample]()
            while not failed >= {"events", "webhook-endpoints"}:
                _, page = await fetched(f"{base}/metrics")
                samples = list(look_errors(page))
                failed = {sample.labels["resource"] for sample in samples if sample.value}
    reasons: defaultdict[str, set[str]] = defaultdict(set)
    for sample in samples:
        reasons[sample.labels["resource"]].add(sample.labels["reason"])
    assert reasons.keys() >= {"employees", "events", "webhook-endpoints", "users"}
    assert all(found == set(LOOK_ERRORS) for found in reasons.values()), reasons


def look_errors(page: str) -> Iterator[Sample]:
    """Give the samples of one counter."""
    for family in text_string_to_metric_families(page):
        yield from (one for one in family.samples if one.name == "lucca_sync_look_errors_total")
