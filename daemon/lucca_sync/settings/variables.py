"""`${VAR}` and `${VAR:default}` in the text values of a settings file. Pure: the environment is passed in."""

import re
from collections.abc import Mapping
from typing import Final

_REFERENCE: Final = re.compile(
    r"""
    (?P<escaped> \$\$\{ )
    | \$\{ (?P<name> [A-Za-z_][A-Za-z0-9_]* ) (?: : (?P<default> [^}]* ) )? \}
    | (?P<broken> \$\{ )
    """,
    re.VERBOSE,
)


class VariableMissing(Exception):
    """A reference that can't be resolved; the message names the variable, never a value."""


def expand(text: str, environment: Mapping[str, str]) -> str:
    """Replace every reference by its value; `$${` stands for `${` itself.

    A default is taken when the variable is unset or empty. What a variable holds is not expanded again.
    Raises VariableMissing.
    """

    def replacement(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "${"
        if match["broken"]:
            raise VariableMissing("a variable is written ${NAME} or ${NAME:default}, a bare `${` as `$${`")
        return _value(match["name"], match["default"], environment)

    return _REFERENCE.sub(replacement, text)


def required(text: str) -> frozenset[str]:
    """Return the variables that a text refers to and has no default for."""
    return frozenset(
        match["name"] for match in _REFERENCE.finditer(text) if match["name"] and match["default"] is None
    )


def _value(name: str, default: str | None, environment: Mapping[str, str]) -> str:
    value = environment.get(name)
    if default is not None:
        return value or default
    if value is None:
        raise VariableMissing(
            f"the environment variable {name} is not set; ${{{name}:…}} would give a default"
        )
    return value
