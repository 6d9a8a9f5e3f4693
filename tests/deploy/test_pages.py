"""The pages for operators speak of commands, metrics, addresses and snippets that exist and work."""

import re
from pathlib import Path
from typing import Final

import pytest

from lucca_sync.cli.entry import COMMANDS
from lucca_sync.kit.clock import SystemClock
from lucca_sync.obs.metrics import Metrics
from lucca_sync.server.app import admin_app
from lucca_sync.server.health import Health
from tests.deploy.documents import (
    BASE,
    EXAMPLE,
    ROOT,
    Build,
    Document,
    Promtool,
    dump,
    here,
    only,
    parse_all,
    pod,
)
from tests.deploy.exported import exported

RUNBOOKS: Final = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
GUIDE: Final = ROOT / "docs" / "guides" / "kubernetes.md"
EXISTING: Final = {*COMMANDS, "events tail", "events show"} - {"events"}

by_page = pytest.mark.parametrize("page", [*RUNBOOKS, GUIDE], ids=lambda path: path.stem)


@by_page
def test_each_command_exists(page: Path) -> None:
    named = re.findall(r"(?<!-n )lucca-sync ((?:events )?[a-z]+)\b(?!\.)", "\n".join(code(page)))
    assert set(named) <= EXISTING


def code(page: Path) -> list[str]:
    """What stands between backticks, in line or in blocks."""
    text = page.read_text("utf-8")
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)


@by_page
def test_each_metric_exists(page: Path) -> None:
    assert set(re.findall(r"lucca_sync_\w+", page.read_text("utf-8"))) <= set(exported())


@by_page
def test_each_address_is_served(page: Path) -> None:
    served = {resource.canonical for resource in admin_app(*surroundings()).router.resources()}
    named = set(re.findall(r"(?:`|9464)(/(?:[a-z]+z|metrics))\b", page.read_text("utf-8")))
    assert named <= served


def surroundings() -> tuple[Health, Metrics]:
    """What the admin server shows."""
    return Health(SystemClock()), Metrics()


@by_page
def test_each_link_leads_somewhere(page: Path) -> None:
    for target, _, anchor in re.findall(r"\]\(([^)#:]+)(#([^)]*))?\)", page.read_text("utf-8")):
        file = (page.parent / target).resolve()
        assert file.is_file(), target
        assert not anchor or anchor in anchors(file)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"(?m)^#+ (.*)$", page.read_text("utf-8"))
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda path: path.stem)
def test_each_runbook_answers_the_same_three_questions(page: Path) -> None:
    headings = re.findall(r"(?m)^#+ (.*)$", page.read_text("utf-8"))
    assert headings == [page.stem, "What it means", "What to look at", "What to do"]


# --- the guide's own names and snippets ---


def test_the_guide_makes_the_secret_that_the_example_mounts(kustomize: Build) -> None:
    (volume,) = (each["secret"] for each in pod(kustomize(EXAMPLE))["volumes"] if "secret" in each)
    text = GUIDE.read_text("utf-8")
    assert f"create secret generic {volume['secretName']}" in text
    named = re.findall(r"/run/secrets/lucca-sync/(\S+)", (EXAMPLE / "lucca-sync.yaml").read_text("utf-8"))
    assert set(re.findall(r"--from-file=(\S+)=", text)) == set(named)


def test_the_guides_commands_name_the_namespace_of_the_example(kustomize: Build) -> None:
    namespace = only(kustomize(EXAMPLE), "Namespace")["metadata"]["name"]
    assert set(re.findall(r"kubectl -n (\S+)", GUIDE.read_text("utf-8"))) == {namespace}


def snippet(key: str) -> Document:
    """The guide's YAML block with a top-level key."""
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (found,) = (document for block in blocks for document in parse_all(block) if key in document)
    return found


def test_the_guides_scrape_configuration_is_valid(promtool: Promtool, tmp_path: Path) -> None:
    scrape = snippet("scrape_configs")
    (job,) = scrape["scrape_configs"]
    assert job["job_name"] == "lucca-sync"
    assert job.pop("kubernetes_sd_configs")  # Debian builds Prometheus without this one
    dump(scrape, tmp_path / "prometheus.yaml")
    promtool("check", "config", tmp_path / "prometheus.yaml")


def test_the_guides_payroll_volume_is_mounted(kustomize: Build, tmp_path: Path) -> None:
    dump({"resources": [here(BASE, tmp_path)], **snippet("patches")}, tmp_path / "kustomization.yaml")
    volumes = [each["name"] for each in pod(kustomize(tmp_path))["volumes"]]
    assert volumes[-1] == "payroll"
