"""What tests of every folder share: tools that may be absent, and how hypothesis searches."""

import asyncio
import os
import shutil
import signal
import sys
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping
from pathlib import Path

import hypothesis
import pytest

from tests.leaping import LeapingLoop

SEARCH = "lucca-sync-search"
"""The profile by which hypothesis draws anew each time, and more: that of `make torture`."""

# Deadlines and `too_slow` would assert timing, and a busy machine would turn them red. Outside a search, each
# run tries the same examples: a change goes red for what it does, not for what was never tried before.
hypothesis.settings.register_profile(
    "lucca-sync",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    SEARCH,
    parent=hypothesis.settings.get_profile("lucca-sync"),
    derandomize=False,
    max_examples=1000,
    print_blob=True,
)
hypothesis.settings.load_profile("lucca-sync")

# Before every test, looptime asks asyncio for the current loop. Having once been told that there is none,
# asyncio answers so, instead of making one for each test that isn't async, which nobody would close.
asyncio.set_event_loop(None)

# A shell that starts us in the background has Ctrl-C ignored, and whatever tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no test have more seconds than LONGEST_TEST says: without a protection some wait for ever.

    In a search, what hypothesis draws counts as torture.
    """
    if hypothesis.settings.get_current_profile_name() == SEARCH:
        for item in items:
            if isinstance(item, pytest.Function) and hypothesis.is_hypothesis_test(item.obj):
                item.add_marker(pytest.mark.torture)
                item.add_marker(pytest.mark.timeout(3600))
    if longest := os.environ.get("LONGEST_TEST"):
        for item in items:
            item.add_marker(pytest.mark.timeout(float(longest)), append=False)


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Give tests marked `leaping` a loop whose time leaps and from which no socket keeps anything."""
    if item.get_closest_marker("leaping"):
        return {"leaping": LeapingLoop}
    return {"usual": asyncio.new_event_loop}


TOOLS = {
    "promtool": "checks alert rules and metrics; on Debian it comes with `apt-get install prometheus`",
    "kubectl": "builds the manifests; on Linux it comes with the dev lock, elsewhere take 1.27 or newer",
}


@pytest.fixture
def require_tool() -> Callable[[str], Path]:
    """Gives the path of a program that is no Python package, or skips the test and says how to get it.

    With LUCCA_SYNC_REQUIRE_TOOLS set, as in CI, a missing one fails the test: nothing is skipped in silence.
    """

    def find(name: str) -> Path:
        ours = Path(sys.executable).parent  # some come with the virtual environment
        found = shutil.which(name, path=f"{ours}{os.pathsep}{os.environ['PATH']}")
        if found is not None:
            return Path(found)
        reason = f"needs `{name}` on PATH: it {TOOLS[name]}"
        if os.environ.get("LUCCA_SYNC_REQUIRE_TOOLS"):
            pytest.fail(reason)
        pytest.skip(reason)

    return find
