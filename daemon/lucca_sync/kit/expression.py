"""JMESPath expressions from the settings: compiled when the settings are loaded, total when they run.

JMESPath (https://jmespath.org) has no loops and no I/O, so an expression always ends.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, TypeAlias, cast

import jmespath
from jmespath.exceptions import IncompleteExpressionError, JMESPathError, LexerError, ParseError
from jmespath.functions import Functions
from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_TABLE: Final[dict[str, dict[str, Any]]] = cast(Any, Functions).FUNCTION_TABLE


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
