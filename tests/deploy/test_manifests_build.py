"""Every kustomization builds, and what it builds is what the Kubernetes API knows."""

import shutil
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs] - has none
import pytest

from tests.deploy.documents import (
    BASE,
    COMPONENTS,
    EXAMPLE,
    KUBERNETES,
    OVERLAYS,
    Build,
    Document,
    dump,
    here,
    of_kind,
    only,
    parse,
    pod,
)

NEWEST = kubernetes_validate.latest_version()
# Kinds of the Prometheus operator, which no schema of Kubernetes itself describes.
FOREIGN = {("monitoring.coreos.com/v1", "PrometheusRule"), ("monitoring.coreos.com/v1", "ServiceMonitor")}


def with_components(folder: Path, *components: Path) -> Path:
    """A kustomization in `folder` that adds components to the base, in a namespace of its own."""
    dump(
        {
            "namespace": "elsewhere",
            "resources": [here(BASE, folder)],
            "components": [here(each, folder) for each in components],
        },
        folder / "kustomization.yaml",
    )
    return folder


def refusal(document: Document) -> str | None:
    """Why the strict schema of the newest Kubernetes refuses a document."""
    try:
        kubernetes_validate.validate(document, NEWEST, strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error.message)
    return None


def refusals(documents: list[Document]) -> list[tuple[str, str]]:
    """Kind and reason of every document that is refused; foreign kinds aside."""
    known = [each for each in documents if (each["apiVersion"], each["kind"]) not in FOREIGN]
    return [(each["kind"], reason) for each in known if (reason := refusal(each)) is not None]


def test_the_base_builds_and_every_document_is_valid(base: list[Document]) -> None:
    assert sorted(each["kind"] for each in base) == [
        "ConfigMap",
        "Namespace",
        "NetworkPolicy",
        "NetworkPolicy",
        "Service",
        "ServiceAccount",
        "StatefulSet",
    ]
    assert refusals(base) == []


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.name)
def test_each_overlay_builds_and_every_document_is_valid(overlay: Path, kustomize: Build) -> None:
    assert refusals(kustomize(overlay)) == []


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.name)
def test_each_component_adds_its_document_to_the_base(
    component: Path, kustomize: Build, base: list[Document], tmp_path: Path
) -> None:
    built = kustomize(with_components(tmp_path, component))
    (added,) = {each["kind"] for each in built} - {each["kind"] for each in base}
    assert added.lower() == component.name
    document = only(built, added)
    assert (document["apiVersion"], added) in FOREIGN
    assert document["metadata"]["namespace"] == only(built, "Namespace")["metadata"]["name"] == "elsewhere"


def test_all_components_build_together(kustomize: Build, tmp_path: Path) -> None:
    built = kustomize(with_components(tmp_path, *COMPONENTS))
    assert {(each["apiVersion"], each["kind"]) for each in built} >= FOREIGN
    assert refusals(built) == []


def test_a_misspelt_field_is_refused(base: list[Document]) -> None:
    pod(base)["terminationGracePeriod"] = 60
    ((kind, reason),) = refusals(base)
    assert kind == "StatefulSet"
    assert "terminationGracePeriod" in reason


def test_the_example_secret_is_valid_and_never_applied_with_the_rest(base: list[Document]) -> None:
    assert of_kind(base, "Secret") == []
    assert refusal(parse(BASE / "secret.example.yaml")) is None


def test_a_changed_configuration_gives_the_pod_another_configmap(kustomize: Build, tmp_path: Path) -> None:
    copy = shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    before = configmap_of_pod(kustomize(copy / "base"))
    with (copy / "base" / "lucca-sync.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert configmap_of_pod(kustomize(copy / "base")) != before


def configmap_of_pod(documents: list[Document]) -> str:
    """The name of the ConfigMap that the pod mounts, which must be one that was built."""
    (name,) = (each["configMap"]["name"] for each in pod(documents)["volumes"] if "configMap" in each)
    assert name == only(documents, "ConfigMap")["metadata"]["name"]
    return str(name)


def test_the_example_overlay_shows_registry_digest_namespace_and_storage(kustomize: Build) -> None:
    built = kustomize(EXAMPLE)
    assert only(built, "Namespace")["metadata"]["name"] == "hr-integration"
    namespaced = [each for each in built if each["kind"] != "Namespace"]
    assert {each["metadata"]["namespace"] for each in namespaced} == {"hr-integration"}
    assert "@sha256:" in pod(built)["containers"][0]["image"]
    (claim,) = only(built, "StatefulSet")["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "fast-ssd"
    assert only(built, "ConfigMap")["data"]["lucca-sync.yaml"] == (EXAMPLE / "lucca-sync.yaml").read_text(
        "utf-8"
    )
