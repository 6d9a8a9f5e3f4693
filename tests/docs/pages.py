"""The pages that people read, and what stands in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
AT_THE_TOP: Final = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES: Final = (*(ROOT / name for name in AT_THE_TOP), *sorted(DOCS.rglob("*.md")))

_FENCE: Final = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_MARKED: Final = re.compile(r"<!-- ([^>]+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def name_of(page: Path) -> str:
    """How a test's report names a page."""
    return page.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """A page without its code blocks."""
    return _FENCE.sub("", text)


def code(text: str) -> list[str]:
    """The commands a page shows: blocks of a shell or a terminal, and what stands between backticks."""
    blocks = [body for language, body in _FENCE.findall(text) if language in {"sh", "console"}]
    return [*blocks, *re.findall(r"`([^`\n]+)`", prose(text))]


def marked(page: Path, mark: str) -> list[str]:
    """The code blocks below a comment such as `<!-- complete settings -->`."""
    return [body for found, body in _MARKED.findall(page.read_text("utf-8")) if found == mark]


def links(text: str) -> Iterator[tuple[str, str]]:
    """Every link and picture that leads into the repository: its path and its anchor, either may be empty."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield path, anchor


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"(?m)^#+ (.*)$", prose(text))
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def table(text: str, first_heading: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading, without markup."""
    lines = [line.strip() for line in text.splitlines()]
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    rows: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows
