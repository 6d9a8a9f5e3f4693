"""Jinja templates from the settings: compiled when those are loaded, sandboxed, strict about missing names.

Errors show what the template's author wrote and never what a record holds.
"""

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Annotated, Final, TypeAlias

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

LONGEST: Final = 20_000
_FILE: Final = "<template>"


class Unrenderable(Exception):
    """The template cannot be filled from these values; the message says where and why, not with what."""


class CompiledTemplate:
    """A Jinja template, ready to be filled.

    `escape` is applied to every value that is filled in, never to the template's own text.
    """

    def __init__(self, source: str, escape: Callable[[str], str] = str) -> None:
        """Compile; raise ValueError with the line and what is wrong there."""
        if len(source) > LONGEST:
            raise ValueError(f"is longer than {LONGEST} characters")
        self.source = source
        self._escape = escape
        environment = ImmutableSandboxedEnvironment(finalize=_written(escape))
        try:
            environment.undefined = _undefined(frozenset(_words(environment.parse(source))))
            self._template = environment.from_string(source)
        except jinja2.TemplateSyntaxError as error:
            message = f"is not a template: line {error.lineno}: {error.message}"
        except jinja2.TemplateError as error:
            message = f"is not a template: {error.message}"
        else:
            return
        raise ValueError(message)

    def escaping(self, escape: Callable[[str], str]) -> "CompiledTemplate":
        """The same template with every value escaped."""
        return CompiledTemplate(self.source, escape)

    def render(self, values: Mapping[str, object]) -> str:
        """Fill the template; null is written as nothing. Raises Unrenderable."""
        try:
            return self._template.render(values)
        except jinja2.TemplateRuntimeError as error:
            reason, trace = error.message or type(error).__name__, error.__traceback__
            reason = reason if isinstance(error, jinja2.UndefinedError) else type(error).__name__
        except Exception as error:  # noqa: BLE001 - whatever a template makes Python raise is the template's fault
            reason, trace = type(error).__name__, error.__traceback__
        line = _line(trace)
        raise Unrenderable(f"template line {line}: {reason}" if line else f"template: {reason}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompiledTemplate):
            return NotImplemented
        return (self.source, self._escape) == (other.source, other._escape)

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"CompiledTemplate({len(self.source)} characters)"


def _written(escape: Callable[[str], str]) -> Callable[[object], str]:
    def written(value: object) -> str:
        return "" if value is None else escape(str(value))

    return written


def _undefined(words: frozenset[str]) -> type[jinja2.StrictUndefined]:
    """Undefined that names what is missing, if the author wrote that name: a computed one may be a value."""

    class Missing(jinja2.StrictUndefined):
        __slots__ = ()

        @property
        def _undefined_message(self) -> str:
            if self._undefined_name is None:
                return self._undefined_hint or "a value is missing"
            name = f"`{self._undefined_name}`" if self._undefined_name in words else "a computed name"
            if self._undefined_obj is None:
                return f"{name} is asked of something that is null in this event"
            return f"{name} is missing in this event"

    return Missing


def _words(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Const)):
        match node:
            case nodes.Name():
                yield node.name
            case nodes.Getattr():
                yield node.attr
            case nodes.Const(value=str(text)):
                yield text
            case _:
                continue


def _line(trace: TracebackType | None) -> int | None:
    """The template's line that was being filled when the error arose."""
    line: int | None = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _validated(value: object) -> CompiledTemplate:
    if isinstance(value, CompiledTemplate):
        return value
    if not isinstance(value, str):
        raise ValueError("must be text: a Jinja template")  # noqa: TRY004 - pydantic collects ValueErrors
    return CompiledTemplate(value)


def _source(template: CompiledTemplate) -> str:
    return template.source


Template: TypeAlias = Annotated[
    CompiledTemplate,
    PlainValidator(_validated),
    PlainSerializer(_source, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["{{ record.givenName }} joined"]}),
]
"""A Jinja template as a field of a settings model."""
