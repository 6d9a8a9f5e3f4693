"""Without Kubernetes: the compose file and the systemd unit keep the daemon as small as the pod does."""

from pathlib import PurePosixPath

import pytest

from lucca_sync.app.daemon import GRACE
from tests.deploy.dockerfile import only_one, stages
from tests.deploy.documents import DEPLOY, Document, parse, secret_files

FINAL = stages(DEPLOY / "Dockerfile")[-1]
COMPOSE = DEPLOY / "compose"
UNIT = DEPLOY / "systemd" / "lucca-sync.service"


@pytest.fixture
def compose() -> Document:
    return parse(COMPOSE / "compose.yaml")


@pytest.fixture
def service(compose: Document) -> Document:
    return dict(compose["services"]["lucca-sync"])


@pytest.mark.parametrize("name", ["lucca-sync", "prometheus"])
def test_each_container_is_read_only_and_without_privileges(name: str, compose: Document) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "cap_add" not in service


def test_the_daemons_container_is_the_images(service: Document) -> None:
    assert service["user"] == only_one(FINAL, "USER").rest
    assert service["command"] == only_one(FINAL, "CMD").arguments
    assert (COMPOSE / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]  # noqa: S108 - the container's own


def test_it_is_reached_from_this_machine_only(compose: Document) -> None:
    ports = [port for service in compose["services"].values() for port in service["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_prometheus_comes_only_when_asked_for_and_brings_the_rules(compose: Document) -> None:
    prometheus = compose["services"]["prometheus"]
    assert prometheus["profiles"] == ["monitoring"]
    sources = [COMPOSE / mount.split(":")[0] for mount in prometheus["volumes"] if mount.startswith(".")]
    assert {source.name for source in sources} == {"prometheus.example.yaml", "rules.yaml"}
    assert all(source.is_file() for source in sources)


def test_prometheus_scrapes_the_service_by_its_name() -> None:
    (job,) = parse(DEPLOY / "prometheus" / "prometheus.example.yaml")["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["lucca-sync:9464"]}]


def test_every_secret_that_the_settings_name_is_a_file(compose: Document, service: Document) -> None:
    files = secret_files(parse(COMPOSE / "lucca-sync.yaml"))
    assert {file.parent for file in files} == {PurePosixPath("/run/secrets")}
    assert {file.name for file in files} == set(service["secrets"]) == set(compose["secrets"])
    kept = {PurePosixPath(secret["file"]).parent for secret in compose["secrets"].values()}
    assert kept == {PurePosixPath("secrets")}
    assert "/secrets/" in (COMPOSE / ".gitignore").read_text("utf-8").splitlines()


def test_the_volume_is_where_the_store_is(service: Document) -> None:
    assert "data:/var/lib/lucca-sync" in service["volumes"]
    assert parse(COMPOSE / "lucca-sync.yaml")["store"].startswith("sqlite:/var/lib/lucca-sync/")


def test_stopping_waits_for_attempts_in_flight(service: Document) -> None:
    assert int(service["stop_grace_period"].removesuffix("s")) >= GRACE.total_seconds() + 15
    assert int(settings_of_unit()["TimeoutStopSec"][0].removesuffix("s")) >= GRACE.total_seconds() + 15


# --- systemd ---


def settings_of_unit() -> dict[str, list[str]]:
    """The unit's settings; a key may come more than once."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize(
    "key",
    [
        "DynamicUser",
        "LockPersonality",
        "NoNewPrivileges",
        "PrivateDevices",
        "PrivateTmp",
        "PrivateUsers",
        "ProtectHome",
        "ProtectKernelModules",
        "RestrictNamespaces",
        "RestrictSUIDSGID",
    ],
)
def test_the_unit_confines_the_daemon(key: str) -> None:
    assert settings_of_unit()[key] == ["yes"]


def test_the_unit_grants_no_capability_and_one_writable_folder() -> None:
    settings = settings_of_unit()
    assert settings["CapabilityBoundingSet"] == [""]
    assert settings["ProtectSystem"] == ["strict"]
    assert settings["StateDirectory"] == ["lucca-sync"]
    assert "ReadWritePaths" not in settings


def test_the_unit_does_not_restart_what_only_a_person_can_repair() -> None:
    settings = settings_of_unit()
    assert settings["Restart"] == ["on-failure"]
    assert settings["RestartPreventExitStatus"] == ["2 78"]
    assert settings["ExecStart"][0].endswith("/lucca-sync run --config /etc/lucca-sync/lucca-sync.yaml")
