"""A connector whose dependency is not installed."""

import a_library_that_nobody_installed  # type: ignore[import-not-found]  # pyright: ignore[reportMissingImports]  # noqa: F401
