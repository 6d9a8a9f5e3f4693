"""Reads what deploy/ holds: YAML documents, and a kustomization as kubectl builds it."""

import json
import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeAlias, cast

from ruamel.yaml import YAML

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
KUBERNETES: Final = DEPLOY / "kubernetes"
BASE: Final = KUBERNETES / "base"
EXAMPLE: Final = KUBERNETES / "overlays" / "example"
COMPONENTS: Final = sorted(path.parent for path in KUBERNETES.glob("components/*/kustomization.yaml"))
OVERLAYS: Final = sorted(path.parent for path in KUBERNETES.glob("overlays/*/kustomization.yaml"))

Document: TypeAlias = dict[str, Any]
Build: TypeAlias = Callable[[Path], list[Document]]
Promtool: TypeAlias = Callable[..., str]


def parse_all(text: str) -> list[Document]:
    """Every YAML document of a text."""
    documents: Iterable[Document | None] = YAML(typ="safe", pure=True).load_all(text)  # pyright: ignore[reportUnknownMemberType] - ruamel leaves its stream untyped
    return [document for document in documents if document]


def parse(path: Path) -> Document:
    """The only YAML document of a file."""
    (document,) = parse_all(path.read_text("utf-8"))
    return document


def here(path: Path, folder: Path) -> str:
    """A path as a kustomization in `folder` must name it: relative."""
    return os.path.relpath(path, folder.resolve())


def dump(document: Document, path: Path) -> None:
    """Write a document as YAML."""
    YAML(typ="safe", pure=True).dump(document, path)  # pyright: ignore[reportUnknownMemberType] - as above


def build(kubectl: Path, kustomization: Path) -> list[Document]:
    """What `kubectl apply -k` would send, or an AssertionError with kubectl's words."""
    done = subprocess.run(
        [str(kubectl), "kustomize", str(kustomization)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, "a warning of kustomize: " + done.stderr
    return parse_all(done.stdout)


def kustomize_version(kubectl: Path) -> tuple[int, ...]:
    """The kustomize built in to a kubectl; (0,) for those that don't tell."""
    done = subprocess.run(
        [str(kubectl), "version", "--client", "--output=json"], capture_output=True, text=True, check=False
    )
    told = json.loads(done.stdout or "{}").get("kustomizeVersion", "v0")
    return tuple(int(part) for part in told.lstrip("v").split("."))


def of_kind(documents: list[Document], kind: str) -> list[Document]:
    """The documents of one kind."""
    return [document for document in documents if document["kind"] == kind]


def only(documents: list[Document], kind: str) -> Document:
    """The one document of a kind."""
    (document,) = of_kind(documents, kind)
    return document


def pod(documents: list[Document]) -> Document:
    """The StatefulSet's pod specification."""
    spec: Document = only(documents, "StatefulSet")["spec"]["template"]["spec"]
    return spec


def container(documents: list[Document]) -> Document:
    """The pod's only container."""
    (found,) = pod(documents)["containers"]
    return dict(found)


def secret_files(settings: Document) -> list[PurePosixPath]:
    """Every path that a `…_file` key names."""
    return [PurePosixPath(str(value)) for key, value in all_items(settings) if key.endswith("_file")]


def all_items(node: object) -> list[tuple[str, object]]:
    """Every key with its value, at any depth."""
    if not isinstance(node, dict):
        return []
    entries = list(cast(Document, node).items())
    return entries + [item for _, value in entries for item in all_items(value)]
