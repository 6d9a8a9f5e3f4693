"""The programs that judge deploy/: kubectl, if it is new enough, and promtool."""

import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.deploy.documents import BASE, Build, Document, Promtool, build, kustomize_version

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


@pytest.fixture
def promtool(require_tool: Callable[[str], Path]) -> Promtool:
    """Runs promtool and gives what it says; an AssertionError with its words where it finds a fault."""
    tool = str(require_tool("promtool"))

    def run(*arguments: object) -> str:
        done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        return said

    return run
