"""What the pages name is there: links, paths, commands with their options, metrics, pictures."""

import re
from pathlib import Path

import click
import pytest

from lucca_sync.cli import exits
from lucca_sync.cli.entry import lucca_sync
from tests.deploy.exported import exported
from tests.docs.pages import DOCS, PAGES, ROOT, anchors, code, links, name_of, prose, table

by_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@by_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, anchor in links(page.read_text("utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target.read_text("utf-8")), f"{path}#{anchor}"


@by_page
def test_every_path_of_the_repository_exists(page: Path) -> None:
    roots = "tests|docs|deploy|config|daemon|connectors|tools|bench"
    named = re.findall(rf"`((?:{roots})/[\w./-]*)`", prose(page.read_text("utf-8")))
    assert [path for path in named if not (ROOT / path).exists()] == []


@by_page
def test_every_command_and_option_exists(page: Path) -> None:
    for words in commands_in(page.read_text("utf-8")):
        command, rest = resolved(words)
        given = {word.partition("=")[0] for word in rest if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)}
        known = {name for option in command.params for name in (*option.opts, "--help", "-h")}
        assert given <= known, " ".join(words)


def commands_in(text: str) -> list[list[str]]:
    """Every call of `lucca-sync` that a page shows, in words."""
    calls = (re.findall(r"(?m)(?:^|[$/] ?|-- )lucca-sync ([^#|>\n]*)", piece) for piece in code(text))
    return [call.split() for found in calls for call in found if call.strip()]


def resolved(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words call, and the words behind it."""
    command: click.Command | None = lucca_sync
    context = click.Context(lucca_sync)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command, words = command.get_command(context, words[0]), words[1:]
        assert command is not None, f"no such command: {words}"
    assert command is not None
    return command, words


@by_page
def test_every_metric_exists(page: Path) -> None:
    named = set(re.findall(r"lucca_sync_\w+", prose(page.read_text("utf-8"))))
    assert named <= set(exported())


def test_the_exit_codes_are_those_of_the_program() -> None:
    told = {int(code) for code, _ in table((ROOT / "README.md").read_text("utf-8"), "code")}
    known = {exits.OK, exits.FAILED, exits.USAGE, exits.TRY_LATER, exits.CONFIG, exits.INTERRUPTED}
    assert told == known


def test_every_page_is_found_from_the_readme() -> None:
    """Decisions are reached by their folder; everything else by links."""
    seen: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        ahead += [(page.parent / path).resolve() for path, _ in links(page.read_text("utf-8")) if path]
    decisions = set((DOCS / "decisions").glob("*.md"))
    assert [name_of(page) for page in {*PAGES} - seen - decisions] == []


def test_no_two_decisions_have_one_number() -> None:
    numbers = [page.name[:4] for page in (DOCS / "decisions").glob("*.md")]
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.name)
def test_a_decision_is_headed_by_its_number(page: Path) -> None:
    assert page.read_text("utf-8").startswith(f"# {page.name[:4]} · ")


@pytest.mark.parametrize("picture", sorted((DOCS / "pictures").glob("*.svg")), ids=lambda path: path.name)
def test_a_picture_loads_nothing_from_elsewhere(picture: Path) -> None:
    addresses = set(re.findall(r"\w+://[^\s\"')<]+", picture.read_text("utf-8")))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of the format, which nobody loads
