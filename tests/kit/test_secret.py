"""Secrets come from their files, and nothing that stands there can hold the daemon up."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lucca_sync.kit.secret import Secret, SecretUnreadable


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    """Opening one blocks until somebody writes, and it gives its text only once."""
    os.mkfifo(tmp_path / "secret")
    with pytest.raises(SecretUnreadable, match="is a pipe"):
        Secret(file=tmp_path / "secret").reveal()


@pytest.mark.parametrize("shown", [repr, str, "{!r:.60}".format])
def test_a_secret_does_not_show_when_it_is_printed(shown: Callable[[Secret], str], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("planted-value")
    for secret in (Secret("planted-value"), Secret(file=tmp_path / "secret")):
        assert secret.reveal() == "planted-value"
        assert "planted-value" not in shown(secret)
