"""The settings files that deploy/ ships are accepted by the daemon and fit what surrounds them."""

from pathlib import Path, PurePosixPath

import pytest

from lucca_sync.registry import load_all
from tests.deploy.documents import (
    BASE,
    DEPLOY,
    EXAMPLE,
    Build,
    all_items,
    container,
    only,
    parse,
    pod,
    secret_files,
)

FILES = [BASE / "lucca-sync.yaml", EXAMPLE / "lucca-sync.yaml", DEPLOY / "compose" / "lucca-sync.yaml"]
VOLUME = PurePosixPath("/var/lib/lucca-sync")
SECRETS = PurePosixPath("/run/secrets/lucca-sync")

by_file = pytest.mark.parametrize("file", FILES, ids=lambda path: path.parent.name)


@by_file
def test_the_daemon_and_its_connectors_accept_it_without_a_warning(file: Path) -> None:
    plan = load_all(file, {})
    assert plan.loaded.warnings == ()
    assert [connector.name for connector in plan.connectors] == list(parse(file)["connectors"])


@by_file
def test_it_needs_no_variable_and_no_secret_stands_in_it(file: Path) -> None:
    text = file.read_text("utf-8")
    assert "${" not in text
    assert not any(key in {"client_secret", "secret", "webhook_url"} for key, _ in all_items(parse(file)))


@by_file
def test_it_keeps_its_store_on_the_volume_and_listens_beyond_the_container(file: Path) -> None:
    settings = parse(file)
    scheme, path = settings["store"].split(":", 1)
    assert scheme == "sqlite"
    assert PurePosixPath(path).parent == VOLUME
    assert settings["server"]["listen"] == "0.0.0.0:9464"


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda path: path.name)
def test_the_pod_mounts_what_its_settings_name(folder: Path, kustomize: Build) -> None:
    built = kustomize(folder)
    mounts = {each["name"]: PurePosixPath(each["mountPath"]) for each in container(built)["volumeMounts"]}
    assert mounts == {
        "data": VOLUME,
        "secrets": SECRETS,
        "tmp": PurePosixPath("/tmp"),  # noqa: S108 - the pod's own
        "config": PurePosixPath("/etc/lucca-sync"),
    }
    (file,) = only(built, "ConfigMap")["data"]
    assert container(built)["args"] == ["run", "--config", str(mounts["config"] / file)]
    assert {"data", *(each["name"] for each in pod(built)["volumes"])} == set(mounts)


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda path: path.name)
def test_secrets_are_files_of_the_mounted_secret(folder: Path) -> None:
    files = secret_files(parse(folder / "lucca-sync.yaml"))
    assert {file.parent for file in files} == {SECRETS}


def test_the_example_secret_holds_every_file_that_the_base_names() -> None:
    files = secret_files(parse(BASE / "lucca-sync.yaml"))
    assert {file.name for file in files} == set(parse(BASE / "secret.example.yaml")["stringData"])
