"""JMESPath expressions from the settings: compiled when the settings are loaded, total when they run.

JMESPath (https://jmespath.org) has no loops and no I/O, so an expression always ends.
"""

from collections.abc import Collection, Iterator
from typing import Annotated, Any, Final, TypeAlias, cast

import jmespath
from jmespath.exceptions import IncompleteExpressionError, JMESPathError, LexerError, ParseError
from jmespath.functions import Functions
from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_TABLE: Final[dict[str, dict[str, Any]]] = cast(Any, Functions).FUNCTION_TABLE
_FIRST_ONLY: Final = {
    "subexpression",
    "index_expression",
    "projection",
    "value_projection",
    "filter_projection",
    "pipe",
}
"""Nodes that apply the rest of their children to what the first one found."""
_ALL_OF_IT: Final = {"current", "identity"}
"""Nodes for whatever the expression is applied to: `@`, and what stands unwritten before `*` or `[0]`."""


class ExpressionMisfit(Exception):
    """The expression asks for something that this value cannot give; the message holds none of the value."""


class CompiledExpression:
    """A JMESPath expression, ready to search values."""

    def __init__(self, source: str) -> None:
        """Compile; raise ValueError that says what is wrong and where."""
        self.source = source
        try:
            self._parsed = jmespath.compile(source)
        except JMESPathError as error:
            message: str | None = _complaint(error)
        else:
            message = next(_misused(cast("dict[str, Any]", self._parsed.parsed)), None)
        if message is not None:
            raise ValueError(f"is not a JMESPath expression: {message}")

    def search(self, value: object) -> object:
        """Return what is found in a JSON-like value, None for nothing; may raise ExpressionMisfit."""
        try:
            return cast(object, self._parsed.search(value))
        except (JMESPathError, TypeError, ValueError, ArithmeticError) as error:
            raise ExpressionMisfit(type(error).__name__) from None

    def keys_of(self, roots: Collection[str]) -> frozenset[str] | None:
        """Return the keys that are looked up right under some of the first ones.

        None when it may take others too, which it does not name.
        """
        found = list(_looked_up(cast("dict[str, Any]", self._parsed.parsed), roots))
        return None if None in found else frozenset(key for key in found if key is not None)

    def __eq__(self, other: object) -> bool:
        return self.source == other.source if isinstance(other, CompiledExpression) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"CompiledExpression({self.source!r})"


def _complaint(error: Exception) -> str:
    if isinstance(error, LexerError):
        return f"unexpected text at character {error.lexer_position + 1}"
    if isinstance(error, ParseError) and not isinstance(error, IncompleteExpressionError):
        return f"unexpected {error.token_type} at character {error.lex_position + 1}"
    return "it is empty or ends too early"


def _looked_up(node: dict[str, Any], roots: Collection[str]) -> Iterator[str | None]:
    """Yield each key under a root; None where a root is taken as it is."""
    children = cast("list[dict[str, Any]]", node.get("children", []))
    if node["type"] == "subexpression" and _is_root(children[0], roots):
        head = _head(children[1])
        yield str(head["value"]) if head["type"] == "field" else None
    elif node["type"] in _ALL_OF_IT or _is_root(node, roots):
        yield None
    else:
        for child in children[: 1 if node["type"] in _FIRST_ONLY else None]:
            yield from _looked_up(child, roots)


def _is_root(node: dict[str, Any], roots: Collection[str]) -> bool:
    return node["type"] == "field" and node["value"] in roots


def _head(node: dict[str, Any]) -> dict[str, Any]:
    """Return what a chain of indexes and projections begins with."""
    while node["type"] in {"index_expression", "projection", "filter_projection", "flatten"}:
        node = node["children"][0]
    return node


def _misused(node: dict[str, Any]) -> Iterator[str]:
    """Functions that do not exist, or that get too many or too few arguments: found before any event is."""
    if node.get("type") == "function_expression":
        yield from _misused_call(str(node["value"]), len(node["children"]))
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _misused(cast("dict[str, Any]", child))


def _misused_call(name: str, given: int) -> Iterator[str]:
    if name not in _TABLE:
        yield f"there is no function {name}()"
        return
    signature = _TABLE[name]["signature"]
    variadic = bool(signature) and signature[-1].get("variadic", False)
    if given < len(signature) or (given > len(signature) and not variadic):
        yield f"{name}() takes {len(signature)} argument(s), not {given}"


def _validated(value: object) -> CompiledExpression:
    if isinstance(value, CompiledExpression):
        return value
    if not isinstance(value, str):
        raise ValueError("must be text: a JMESPath expression")  # noqa: TRY004 - pydantic collects ValueErrors
    return CompiledExpression(value)


def _source(expression: CompiledExpression) -> str:
    return expression.source


Expression: TypeAlias = Annotated[
    CompiledExpression,
    PlainValidator(_validated),
    PlainSerializer(_source, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["record.employeeNumber"]}),
]
"""A JMESPath expression as a field of a settings model."""
