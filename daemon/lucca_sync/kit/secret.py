"""A secret given in the settings as a value or as a file that is read anew at each use.

Reading at use means that a rotated file needs no restart. A secret never shows its value in repr or errors.
"""

from pathlib import Path


class SecretUnreadable(Exception):
    """The file that should hold a secret is missing, empty or may not be read; the message names the file."""


class Secret:
    """Gives its text when asked, from memory or from its file."""

    def __init__(self, value: str | None = None, file: Path | None = None) -> None:
        if (value is None) == (file is None):
            message = "a secret needs either a value or a file"
            raise ValueError(message)
        self._value = value
        self._file = file

    def reveal(self) -> str:
        """Return the secret; raise SecretUnreadable with the file's name and the system's reason."""
        if self._file is None:
            return self._value or ""
        if self._file.is_fifo():
            message = f"the secret file {self._file} is a pipe, which gives its text only once"
            raise SecretUnreadable(message)
        try:
            text = self._file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            message = f"cannot read the secret file {self._file}: {reason}"
            raise SecretUnreadable(message) from None
        if not text:
            message = f"the secret file {self._file} is empty"
            raise SecretUnreadable(message)
        return text

    def __repr__(self) -> str:
        return f"Secret(file={self._file})" if self._file else "Secret(***)"
