"""Bytes into YAML nodes: the one module that touches the YAML library, seen through a typed window.

Messages never quote the text: the line that is wrong may hold a secret.
"""

import warnings
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError

MOST_BYTES: Final = 4 * 1024 * 1024

# How the parser's words begin, and what helps. Its own words may quote the file, so they are never shown.
_EXPLAINED: Final = (
    ("mapping values are not allowed", "no `:` is expected here: check the indentation, or quote the text"),
    ("could not find expected ':'", "a `:` and a space are missing after the key"),
    ("found character '\\t'", "a tab can't stand here: indent with spaces"),
    ("found character", "a value can't begin with this character: put it in quotes"),
    ("found undefined alias", "a value that begins with `*` must be put in quotes"),
    ("found undefined tag", "a value that begins with `!` must be put in quotes"),
    ("found unexpected end of stream", "the quote that was opened before is never closed"),
    ("found unknown escape", "unknown escape after `\\`: single quotes take text with backslashes as it is"),
    ("expected ',' or", "a `,` or a closing bracket is missing; inside { } and [ ] `${NAME}` needs quotes"),
    ("expected <block end>", "the indentation doesn't fit what stands above"),
    ("but found another document", "a second document begins here; a settings file has one"),
)

Scalar: TypeAlias = bool | int | float | str | None


class Mark(NamedTuple):
    """A place in the file; both count from 1."""

    line: int
    column: int


TOP: Final = Mark(1, 1)


class Unreadable(Exception):
    """The file can't be read as YAML at all; says why and from where on."""

    def __init__(self, message: str, mark: Mark = TOP) -> None:
        super().__init__(message)
        self.message = message
        self.mark = mark


class _YamlMark(Protocol):
    line: int
    column: int


class Node(Protocol):
    """A node as the library composes it: `value` is text, a list of nodes, or a list of pairs of nodes."""

    id: Literal["scalar", "sequence", "mapping"]
    tag: str
    value: str | list["Node"] | list[tuple["Node", "Node"]]
    start_mark: _YamlMark


class _Constructor(Protocol):
    def construct_object(self, node: Node) -> object: ...


class _Library(Protocol):
    constructor: _Constructor

    def compose(self, stream: str) -> Node | None: ...


def compose(content: bytes) -> Node | None:
    """Parse one YAML 1.2 document; None when it is empty. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"larger than {MOST_BYTES // 1024 // 1024} MiB: not a settings file")
    text = _decoded(content)
    try:
        with warnings.catch_warnings():
            # YAML allows it, and the warning quotes the file.
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            return _library().compose(text)
    except MarkedYAMLError as error:
        raise Unreadable(*_explained(error)) from None
    except YAMLError:
        raise Unreadable("holds a control character that YAML doesn't allow") from None
    except RecursionError:
        raise Unreadable("nested too deeply") from None


def number(node: Node) -> Scalar:
    """Return what a scalar with the tag of a number, a truth value or null holds. Raises ValueError."""
    try:
        return cast(Scalar, _library().constructor.construct_object(node))
    except (ValueError, YAMLError):  # both quote the text
        raise ValueError("not a number") from None


def mark(node: Node) -> Mark:
    """Return where a node begins."""
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _library() -> _Library:
    return cast(_Library, YAML(typ="safe", pure=True))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        place = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Unreadable("not UTF-8 text from here on", place) from None


def _explained(error: MarkedYAMLError) -> tuple[str, Mark]:
    problem, place = str(cast(object, error.problem)), cast(_YamlMark, error.problem_mark)
    fitting = (text for beginning, text in _EXPLAINED if problem.startswith(beginning))
    return f"not valid YAML: {next(fitting, 'can not be read on')}", Mark(place.line + 1, place.column + 1)
