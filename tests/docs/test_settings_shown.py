"""The settings that the pages show are accepted, and what they say about settings is so."""

import re
from pathlib import Path

import pytest

from lucca_sync.app.translate import resource_of
from lucca_sync.kit.durations import format_duration
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.registry import load_all
from lucca_sync.settings.problems import SettingsError
from tests.deploy.documents import Document, dump, parse_all
from tests.docs.pages import PAGES, ROOT, marked, name_of, table

README = ROOT / "README.md"
RESOURCES = ROOT / "docs" / "guides" / "resources.md"
SIMULATED = "complete settings: simulated"
COMPLETE = [
    pytest.param(block, id=f"{name_of(page)}-{number}")
    for page in PAGES
    for mark in ("complete settings", SIMULATED)
    for number, block in enumerate(marked(page, mark), start=1)
]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def environment(text: str) -> dict[str, str]:
    """A value for each variable that the settings ask for."""
    return dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "given")


@pytest.mark.parametrize("block", COMPLETE)
def test_complete_settings_are_accepted_without_a_warning(block: str, tmp_path: Path) -> None:
    plan = load_all(written(tmp_path / "lucca-sync.yaml", block), environment(block))
    assert plan.loaded.warnings == ()


def test_what_is_to_be_added_fits_what_was_there(tmp_path: Path) -> None:
    settings, added = only(SIMULATED), only("settings to add: simulated")
    for section, entries in added.items():
        settings[section] |= entries
    dump(settings, tmp_path / "lucca-sync.yaml")
    plan = load_all(tmp_path / "lucca-sync.yaml", {})
    assert plan.loaded.warnings == ()
    assert {connector.config.type for connector in plan.connectors} == {"jsonl", "webhook"}


def test_what_is_to_be_added_to_the_tenant_fits_too(tmp_path: Path) -> None:
    settings, added = only(SIMULATED), only("settings to add: simulated tenant")
    tenant, more = settings["tenants"]["simulated"], added["tenants"]["simulated"]
    tenant["resources"] |= more.pop("resources")
    tenant |= more
    for section in ("connectors", "routes"):
        settings[section] |= added[section]
    dump(settings, tmp_path / "lucca-sync.yaml")
    plan = load_all(tmp_path / "lucca-sync.yaml", {})
    assert [problem.path for problem in plan.loaded.warnings] == []


def test_a_collection_of_one_s_own_is_watched_as_the_guide_shows(tmp_path: Path) -> None:
    settings, strangers = only(SIMULATED), only("a tenant's resources", RESOURCES)
    settings["tenants"]["simulated"]["resources"] |= strangers
    dump(settings, tmp_path / "lucca-sync.yaml")
    (tenant,) = load_all(tmp_path / "lucca-sync.yaml", {}).loaded.settings.tenants.values()
    (name,) = strangers
    resource = resource_of(name, tenant.resources[name])
    assert (resource.path, resource.scope, resource.singular) == (
        "/lucca-api/skills",
        "skills.readonly",
        "skills",
    )


def only(mark: str, page: Path = README) -> Document:
    """A page's block with this mark, read."""
    ((settings,),) = (parse_all(block) for block in marked(page, mark))
    return settings


def test_the_scopes_to_grant_are_those_of_the_catalogue() -> None:
    told = table(RESOURCES.read_text("utf-8"), "resource")
    assert told == [
        [resource.name, resource.scope or "API key", f"every {format_duration(resource.every)}"]
        for resource in CATALOGUE.values()
    ]


def test_every_key_that_the_readme_shows_is_explained() -> None:
    """Keys of connectors are explained on their own page."""
    explained = " ".join(" ".join(row) for row in table(README.read_text("utf-8"), "key"))
    settings = only("complete settings")
    tenant, route = settings["tenants"]["acme"], settings["routes"]["people-to-crm"]
    shown = {*settings, *tenant, *route, *tenant["resources"]["employees"], *settings["server"]} - {"version"}
    names = {key.removesuffix("_file") for key in shown}
    assert {name for name in names if not re.search(rf"\b{name}\b", explained)} == set()


def test_what_the_readme_calls_not_there_yet_is_refused(tmp_path: Path) -> None:
    (block,) = marked(README, SIMULATED)
    for text in (f"{block}store: postgresql://localhost/lucca\n",):
        with pytest.raises(SettingsError):
            load_all(written(tmp_path / "lucca-sync.yaml", text), {})
