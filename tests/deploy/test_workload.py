"""The pod: one writer on one volume, probed, drained, hardened, labelled, and alone on the network."""

import tomllib
from pathlib import Path

import pytest

from lucca_sync.app.daemon import GRACE
from tests.deploy.documents import BASE, EXAMPLE, ROOT, Build, Document, container, of_kind, only, parse, pod
from tests.deploy.network import reaches

LABELS = {f"app.kubernetes.io/{key}" for key in ("name", "instance", "component", "part-of")}
VERSION = "app.kubernetes.io/version"


def project_version() -> str:
    """The version in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])


# --- one writer ---


def test_one_pod_owns_one_volume_that_no_other_pod_may_mount(base: list[Document]) -> None:
    spec = only(base, "StatefulSet")["spec"]
    assert spec["replicas"] == 1
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert of_kind(base, "Deployment") == []
    assert of_kind(base, "PodDisruptionBudget") == []


# --- probes and drain ---


@pytest.mark.parametrize(
    ("probe", "path"),
    [("startupProbe", "/startupz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")],
)
def test_each_probe_asks_its_own_question_at_the_named_port(
    base: list[Document], probe: str, path: str
) -> None:
    assert container(base)[probe]["httpGet"] == {"path": path, "port": "admin"}
    assert [port["name"] for port in container(base)["ports"]] == ["admin"]


def test_a_slow_migration_has_five_minutes_before_the_pod_is_restarted(base: list[Document]) -> None:
    probe = container(base)["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 300


def test_the_grace_period_outlasts_the_daemons_own(base: list[Document]) -> None:
    grace = pod(base)["terminationGracePeriodSeconds"]
    assert grace >= GRACE.total_seconds() + 15
    assert "lifecycle" not in container(base)


# --- hardening beyond Pod Security ---


def test_the_process_is_a_numbered_user_on_a_read_only_file_system(base: list[Document]) -> None:
    context = pod(base)["securityContext"]
    assert context["runAsUser"] == context["runAsGroup"] == context["fsGroup"] == 10001
    assert context["fsGroupChangePolicy"] == "OnRootMismatch"
    assert container(base)["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_pod_gets_no_credentials_of_the_cluster(base: list[Document]) -> None:
    assert only(base, "ServiceAccount")["automountServiceAccountToken"] is False
    assert pod(base)["serviceAccountName"] == only(base, "ServiceAccount")["metadata"]["name"]
    assert pod(base)["automountServiceAccountToken"] is False
    assert pod(base)["enableServiceLinks"] is False
    assert not {each["kind"] for each in base} & {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}


def test_memory_is_limited_and_the_processor_is_not(base: list[Document]) -> None:
    resources = container(base)["resources"]
    assert set(resources["requests"]) == {"cpu", "memory"}
    assert set(resources["limits"]) == {"memory"}


def test_the_only_writable_places_are_the_volume_and_a_small_tmp(base: list[Document]) -> None:
    mounts = container(base)["volumeMounts"]
    assert {each["name"] for each in mounts if not each.get("readOnly")} == {"data", "tmp"}
    (tmp,) = (each for each in pod(base)["volumes"] if each["name"] == "tmp")
    assert tmp["emptyDir"] == {"medium": "Memory", "sizeLimit": "64Mi"}
    assert not any("subPath" in each for each in mounts)  # such a mount never sees a rotated secret


def test_the_image_is_the_one_of_this_version(base: list[Document]) -> None:
    assert container(base)["image"] == f"lucca-sync:{project_version()}"


# --- secrets ---


def secret_volume(documents: list[Document]) -> Document:
    """The pod's only secret volume."""
    (volume,) = (each["secret"] for each in pod(documents)["volumes"] if "secret" in each)
    return dict(volume)


def test_secrets_are_files_for_the_group_alone(base: list[Document]) -> None:
    assert secret_volume(base)["defaultMode"] == 0o440
    assert "env" not in container(base)
    assert "envFrom" not in container(base)


def test_the_example_secret_is_the_mounted_one_and_holds_placeholders_only(
    base: list[Document],
) -> None:
    example = parse(BASE / "secret.example.yaml")
    assert example["metadata"]["name"] == secret_volume(base)["secretName"]
    assert example["metadata"]["namespace"] == only(base, "Namespace")["metadata"]["name"]
    assert set(example["stringData"].values()) == {"REPLACE-ME"}
    assert "data" not in example


# --- labels and selectors ---


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda path: path.name)
def test_everything_carries_the_recommended_labels(folder: Path, kustomize: Build) -> None:
    for document in kustomize(folder):
        labels = document["metadata"]["labels"]
        assert set(labels) >= LABELS, document["kind"]
        assert labels.get(VERSION) in (project_version(), None)  # what an overlay adds has no version


def test_everything_in_the_base_carries_the_version(base: list[Document]) -> None:
    assert {each["metadata"]["labels"][VERSION] for each in base} == {project_version()}


def test_the_pod_carries_the_labels_too(base: list[Document]) -> None:
    labels = only(base, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    assert set(labels) >= LABELS
    assert labels[VERSION] == project_version()


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda path: path.name)
def test_every_selector_finds_the_pod_without_its_version(folder: Path, kustomize: Build) -> None:
    built = kustomize(folder)
    labels = only(built, "StatefulSet")["spec"]["template"]["metadata"]["labels"].items()
    for selector in pod_selectors(built):
        assert selector.items() <= labels
        assert VERSION not in selector


def pod_selectors(documents: list[Document]) -> list[Document]:
    """What the StatefulSet, the Service and the NetworkPolicies look for."""
    policies = [each["spec"]["podSelector"] for each in of_kind(documents, "NetworkPolicy")]
    return [
        only(documents, "StatefulSet")["spec"]["selector"]["matchLabels"],
        only(documents, "Service")["spec"]["selector"],
        *(selector["matchLabels"] for selector in policies if selector),
    ]


def test_the_claim_carries_no_version_because_it_can_never_change(base: list[Document]) -> None:
    (claim,) = only(base, "StatefulSet")["spec"]["volumeClaimTemplates"]
    assert VERSION not in claim["metadata"].get("labels", {})


# --- network ---


def test_the_service_is_headless_and_leads_to_a_pod_that_is_not_ready_too(
    base: list[Document],
) -> None:
    service = only(base, "Service")
    assert service["metadata"]["name"] == only(base, "StatefulSet")["spec"]["serviceName"]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["publishNotReadyAddresses"] is True
    (port,) = service["spec"]["ports"]
    assert (port["name"], port["port"], port["targetPort"]) == ("admin", 9464, "admin")


def test_the_servicemonitor_selects_the_service_and_gives_the_job_the_name_that_alerts_look_for(
    kustomize: Build,
) -> None:
    built = kustomize(EXAMPLE)
    monitor = only(built, "ServiceMonitor")["spec"]
    labels = only(built, "Service")["metadata"]["labels"]
    assert monitor["selector"]["matchLabels"].items() <= labels.items()
    assert labels[monitor["jobLabel"]] == "lucca-sync"
    assert [each["port"] for each in monitor["endpoints"]] == ["admin"]


def test_the_namespace_enforces_restricted(base: list[Document]) -> None:
    labels = only(base, "Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert "pod-security.kubernetes.io/enforce-version" in labels


def test_what_is_not_allowed_is_denied_both_ways(base: list[Document]) -> None:
    deny, ours = of_kind(base, "NetworkPolicy")
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert ours["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_only_prometheus_comes_in(base: list[Document]) -> None:
    _, ours = of_kind(base, "NetworkPolicy")
    (rule,) = ours["spec"]["ingress"]
    (peer,) = rule["from"]
    assert peer["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "prometheus"}
    assert "namespaceSelector" in peer  # in the same peer: both must match
    assert rule["ports"] == [{"port": "admin", "protocol": "TCP"}]


def test_names_are_asked_of_the_cluster_only(base: list[Document]) -> None:
    _, ours = of_kind(base, "NetworkPolicy")
    (peer,) = (
        peer
        for rule in ours["spec"]["egress"]
        if {port["port"] for port in rule["ports"]} == {53}
        for peer in rule["to"]
    )
    assert peer["podSelector"]["matchLabels"] == {"k8s-app": "kube-dns"}


@pytest.mark.parametrize(
    ("address", "port", "may"),
    [
        ("93.184.216.34", 443, True),
        ("2606:2800:220:1::1", 443, True),
        ("93.184.216.34", 80, False),
        ("93.184.216.34", 53, False),
        ("10.20.1.2", 443, False),
        ("172.20.0.1", 443, False),
        ("192.168.1.1", 443, False),
        ("100.100.100.200", 443, False),
        ("127.0.0.1", 443, False),
        ("169.254.169.254", 443, False),
        ("169.254.169.254", 80, False),
        ("fd00:ec2::254", 443, False),
        ("fe80::1", 443, False),
        ("64:ff9b::a9fe:a9fe", 443, False),
    ],
)
def test_the_daemon_reaches_public_https_and_nothing_private(
    base: list[Document], address: str, port: int, *, may: bool
) -> None:
    assert reaches(of_kind(base, "NetworkPolicy"), address, port) is may


def test_an_overlay_opens_one_internal_network_and_no_more(kustomize: Build) -> None:
    policies = of_kind(kustomize(EXAMPLE), "NetworkPolicy")
    assert reaches(policies, "10.20.1.2", 443)
    assert not reaches(policies, "10.21.1.2", 443)
    assert not reaches(policies, "169.254.169.254", 443)
