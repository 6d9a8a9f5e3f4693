"""Builds kustomizations with the kubectl at hand, if it is new enough."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.deploy.documents import BASE, Build, Document, build, kustomize_version

KUSTOMIZE_NEEDED = (5,)


@pytest.fixture
def kustomize(require_tool: Callable[[str], Path]) -> Build:
    """Builds the kustomization in a folder; skips, or fails in CI, where kubectl is missing or too old."""
    kubectl = require_tool("kubectl")
    version = kustomize_version(kubectl)
    if version < KUSTOMIZE_NEEDED:
        reason = f"needs kubectl 1.27 or newer: the kustomize in this one is {version}"
        if os.environ.get("LUCCA_SYNC_REQUIRE_TOOLS"):
            pytest.fail(reason)
        pytest.skip(reason)
    return partial(build, kubectl)


@pytest.fixture
def base(kustomize: Build) -> list[Document]:
    """The base as it stands."""
    return kustomize(BASE)
