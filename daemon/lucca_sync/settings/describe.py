"""The texts that stand under a model's fields, for the JSON Schema and the guide. Never part of loading.

pydantic can do this itself (`use_attribute_docstrings`), but would read the sources at each start for it.
"""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from textwrap import dedent

from pydantic import BaseModel


def field_texts(model: type[BaseModel]) -> dict[str, str]:
    """Return the text of each field that has one, as the YAML names it, inherited ones included."""
    texts: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            texts.update(_own_texts(cls))
    described = {name: field.description for name, field in model.model_fields.items() if field.description}
    names = {name: field.alias or name for name, field in model.model_fields.items()}
    return {names.get(name, name): text for name, text in (texts | described).items()}


def _own_texts(cls: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for statement, following in pairwise(_body(cls)):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            text = _text(following)
            if text:
                yield statement.target.id, " ".join(text.split())


def _body(cls: type[BaseModel]) -> list[ast.stmt]:
    try:
        source = inspect.getsource(cls)
    except (OSError, TypeError):  # installed without its source, or made at run time
        return []
    definition = ast.parse(dedent(source)).body[0]
    return definition.body if isinstance(definition, ast.ClassDef) else []


def _text(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value if isinstance(statement.value.value, str) else None
    return None
