"""YAML nodes into plain data, remembering where every key and value stands.

Knows YAML's traps (repeated keys, aliases that multiply, tags); knows no setting.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from lucca_sync.settings.problems import Finding, KeyPath, Problem, dotted
from lucca_sync.settings.syntax import TOP, Mark, Node, Unreadable, compose, mark, number
from lucca_sync.settings.variables import VariableMissing, expand

Data: TypeAlias = "bool | int | float | str | list[Data] | dict[str, Data] | None"
Section: TypeAlias = dict[str, "Data"]

MOST_VALUES: Final = 100_000
MOST_DEPTH: Final = 100

_STANDARD: Final = "tag:yaml.org,2002:"
_COLLECTIONS: Final = frozenset({"map", "seq"})
_NUMBERS: Final = frozenset({"int", "float", "bool", "null"})
_TEXTS: Final = frozenset({"str", "timestamp", "value"})
_NO_TAGS: Final = "tags have no meaning here; a value that begins with `!` must be put in quotes"
_NO_MERGE: Final = "`<<` belongs to YAML 1.1: write the settings out, or give whole values by alias"
_NO_KEY: Final = "a key must be text; a value that begins with `{` must be put in quotes"


@dataclass(frozen=True, slots=True)
class Locator:
    """Finds line and column of a path; one that is not in the file is found at its nearest parent."""

    file: str
    keys: dict[KeyPath, Mark] = field(default_factory=dict[KeyPath, Mark])
    values: dict[KeyPath, Mark] = field(default_factory=dict[KeyPath, Mark])

    def problem(self, finding: Finding) -> Problem:
        """Give a finding its place in the file."""
        marks = self.keys if finding.at_key else self.values
        place = marks.get(finding.path) or self._nearest(finding.path)
        return Problem(self.file, place.line, place.column, dotted(finding.path), finding.message)

    def _nearest(self, path: KeyPath) -> Mark:
        parents = (path[:length] for length in range(len(path), 0, -1))
        return next((self.keys[parent] for parent in parents if parent in self.keys), TOP)


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A file as plain data, with the problems met in reading it.

    `data` is None when nothing could be read; `spoiled` are the paths where a problem left no value:
    what a model says about them again would only mislead.
    """

    locator: Locator
    data: Section | None
    problems: tuple[Problem, ...]
    spoiled: frozenset[KeyPath] = frozenset()


def read_document(content: bytes, file: str, environment: Mapping[str, str]) -> Document:
    """Parse and expand variables; every problem is collected, none is raised."""
    locator = Locator(file)
    reader = _Reader(locator, environment)
    try:
        data = reader.value(compose(content), ())
    except Unreadable as error:
        return Document(locator, None, (Problem(file, *error.mark, "", error.message),))
    if not isinstance(data, dict):
        return Document(locator, None, (Problem(file, *TOP, "", "must begin with `version: 1`"),))
    return Document(locator, data, tuple(reader.problems), frozenset(reader.spoiled))


class _Reader:
    """Turns nodes into data, noting places and problems on the way."""

    def __init__(self, locator: Locator, environment: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self.spoiled: set[KeyPath] = set()
        self._locator = locator
        self._environment = environment
        self._around: list[Node] = []
        self._count = 0

    def value(self, node: Node | None, path: KeyPath) -> Data:
        """Return what a node holds: nothing for an absent one and for one with a problem."""
        if node is None:
            return None
        self._locator.values[path] = self._place(node, path)
        self._count += 1
        if self._count > MOST_VALUES:
            raise Unreadable(f"holds more than {MOST_VALUES} values once its aliases are followed")
        if len(self._around) > MOST_DEPTH:
            raise Unreadable("nested too deeply", mark(node))
        if any(node is outer for outer in self._around):
            self._spoil(path, "an alias can't stand inside what it stands for")
            return None
        self._around.append(node)
        content = self._content(node, path)
        self._around.pop()
        return content

    def _place(self, node: Node, path: KeyPath) -> Mark:
        """Where a value begins. Nothing begins where the parser met something else: say where its key is."""
        return self._locator.keys.get(path, TOP) if node.value == "" and _kind(node) == "null" else mark(node)

    def _content(self, node: Node, path: KeyPath) -> Data:
        if node.id == "scalar":
            return self._scalar(node, path)
        if _kind(node) not in _COLLECTIONS:
            self._spoil(path, _NO_TAGS)
            return None
        if node.id == "mapping":
            return dict(self._entries(node, path))
        items = cast("list[Node]", node.value)
        return [self.value(item, (*path, index)) for index, item in enumerate(items)]

    def _entries(self, node: Node, path: KeyPath) -> Iterator[tuple[str, Data]]:
        lines: dict[str, int] = {}
        for key_node, value_node in cast("list[tuple[Node, Node]]", node.value):
            key, place = self._key(key_node, path), mark(key_node)
            if key is None:
                continue
            if key in lines:
                self._say((*path, key), f"set twice, first on line {lines[key]}", place)
                continue
            lines[key] = place.line
            self._locator.keys[*path, key] = place
            yield key, self.value(value_node, (*path, key))

    def _key(self, node: Node, path: KeyPath) -> str | None:
        if node.id == "scalar" and _kind(node) not in {"merge", "null"}:
            return cast(str, node.value)
        self._say(path, _NO_MERGE if _kind(node) == "merge" else _NO_KEY, mark(node))
        return None

    def _scalar(self, node: Node, path: KeyPath) -> Data:
        try:
            if _kind(node) in _NUMBERS:
                return number(node)
            if _kind(node) in _TEXTS:
                return expand(cast(str, node.value), self._environment)
        except (ValueError, VariableMissing) as error:
            self._spoil(path, str(error))
            return ""
        self._spoil(path, _NO_TAGS)
        return None

    def _spoil(self, path: KeyPath, message: str) -> None:
        self.spoiled.add(path)
        self._say(path, message, self._locator.values[path])

    def _say(self, path: KeyPath, message: str, place: Mark) -> None:
        self.problems.append(Problem(self._locator.file, *place, dotted(path), message))


def _kind(node: Node) -> str:
    return str(node.tag).removeprefix(_STANDARD)
