"""The image's recipe: locked wheels, nothing but them, a numbered user, the daemon as process 1.

No container engine is needed here, so the recipe is read, and its build of the wheel is done without one.
"""

import re
import shutil
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest

from lucca_sync.cli.options import CONFIG_VARIABLE
from tests.deploy.dockerfile import is_sent, only_one, stages, told
from tests.deploy.documents import BASE, DEPLOY, ROOT, Document, container, parse, pod

DOCKERFILE = DEPLOY / "Dockerfile"
IGNORE = ROOT / ".dockerignore"
BUILD, FINAL = stages(DOCKERFILE)


def pip_calls(command: str) -> list[list[str]]:
    """The arguments of each `pip install`, `pip wheel` and so on while building."""
    calls = [run.arguments for run in told(BUILD, "RUN")]
    return [call for call in calls if call[:3] == ["python", "-m", "pip"] and command in call]


def copied() -> list[str]:
    """What the build takes from the repository."""
    return [source for copy in told(BUILD, "COPY") for source in copy.words[:-1]]


def test_both_stages_stand_on_the_base_image_that_the_builder_chooses() -> None:
    assert re.search(r"(?m)^ARG PYTHON_IMAGE=python:3\.1\d-slim$", DOCKERFILE.read_text("utf-8"))
    assert [only_one(stage, "FROM").words[0] for stage in (BUILD, FINAL)] == ["${PYTHON_IMAGE}"] * 2


@pytest.mark.parametrize("word", ["RUN", "ENTRYPOINT", "CMD"])
def test_no_instruction_needs_a_shell(word: str) -> None:
    for instruction in [*told(BUILD, word), *told(FINAL, word)]:
        assert instruction.arguments  # json.loads has taken it: exec form


def test_the_daemon_is_process_1_and_its_arguments_are_those_of_the_pod(
    base: list[Document],
) -> None:
    assert only_one(FINAL, "ENTRYPOINT").arguments == ["lucca-sync"]
    assert only_one(FINAL, "CMD").arguments == container(base)["args"]
    assert "command" not in container(base)


def test_it_runs_as_the_numbered_user_that_the_pod_names(base: list[Document]) -> None:
    context = pod(base)["securityContext"]
    assert only_one(FINAL, "USER").rest == f"{context['runAsUser']}:{context['runAsGroup']}"


def test_the_user_owns_the_folder_of_the_volume_and_nothing_else() -> None:
    make_folder, smoke = (run.arguments for run in told(FINAL, "RUN"))
    assert make_folder[0] == "install"
    assert {"--owner=10001", "--group=10001", "/var/lib/lucca-sync"} <= set(make_folder)
    assert smoke == ["lucca-sync", "version"]
    assert not any("chown" in option for copy in told(FINAL, "COPY") for option in copy.options)


def test_every_package_comes_from_a_lock_with_hashes_as_a_wheel() -> None:
    fetching = [call for call in pip_calls("install") if "--no-index" not in call]
    assert len(fetching) == 2
    for call in fetching:
        assert "--require-hashes" in call
        assert ("--only-binary", ":all:") in pairwise(call)
    locks = {Path(call[call.index("--requirement") + 1]).name for call in fetching}
    assert locks == {"requirements.lock", "requirements-build.lock"}


def test_what_only_builds_stays_out_of_the_environment_that_ships() -> None:
    (building,) = (call for call in pip_calls("install") if "/src/requirements-build.lock" in call)
    assert "--python" not in building
    assert [copy.words for copy in told(FINAL, "COPY")] == [["/opt/lucca-sync", "/opt/lucca-sync"]]
    assert told(FINAL, "COPY")[0].options == ("--from=build",)


def test_our_own_wheel_is_built_and_installed_without_looking_anywhere() -> None:
    (wheel,) = pip_calls("wheel")
    assert {"--no-deps", "--no-index", "--no-build-isolation"} <= set(wheel)
    (ours,) = (call for call in pip_calls("install") if call[-1] == "lucca-sync")
    assert {"--no-deps", "--no-index"} <= set(ours)


def test_no_index_is_named() -> None:
    assert not re.search(r"index-url|extra-index|https?://", DOCKERFILE.read_text("utf-8"))


def test_the_port_is_the_pods(base: list[Document]) -> None:
    assert only_one(FINAL, "EXPOSE").rest == str(container(base)["ports"][0]["containerPort"])


# --- what is sent to the build ---


def test_all_that_the_build_copies_is_there_and_sent() -> None:
    assert all((ROOT / source).exists() for source in copied())
    assert all(is_sent(IGNORE.read_text("utf-8"), source) for source in copied())
    assert is_sent(IGNORE.read_text("utf-8"), "daemon/lucca_sync/journal/sqlite/__init__.py")


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".env",
        ".venv/bin/python",
        "lucca-sync.db",
        "lucca-sync.yaml",
        "deploy/compose/secrets/lucca-client-secret",
        "tests/daemon/something",
        "daemon/lucca_sync/__pycache__/app.cpython-313.pyc",
        "daemon/lucca_sync/app.pyc",
    ],
)
def test_what_the_build_does_not_need_is_not_sent(path: str) -> None:
    assert not is_sent(IGNORE.read_text("utf-8"), path)


def test_the_wheel_builds_from_what_is_copied_alone(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    for name in copied():
        take(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"lucca_sync/cli/__init__.py", "lucca_connectors/webhook/__init__.py"} <= names


def take(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def test_commands_inside_find_the_settings_by_themselves() -> None:
    settings = only_one(FINAL, "CMD").arguments[-1]
    assert f"{CONFIG_VARIABLE}={settings}" in only_one(FINAL, "ENV").words


def test_the_image_and_the_base_agree_on_where_the_settings_are(base: list[Document]) -> None:
    mounts = {each["name"]: each["mountPath"] for each in container(base)["volumeMounts"]}
    assert only_one(FINAL, "CMD").arguments[-1].startswith(mounts["config"] + "/")
    assert only_one(FINAL, "WORKDIR").rest == mounts["data"]
    assert parse(BASE / "lucca-sync.yaml")["store"].startswith(f"sqlite:{mounts['data']}/")
