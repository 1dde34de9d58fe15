"""The parameters of a notebook: what it declares, and whether what it is given fits.

A notebook declares its parameters in one cell tagged `parameters`, as plain assignments of
literals; the literal's type is the parameter's.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from stammkunde.errors import ParameterError, nearest

TAG = "parameters"


def declared(notebook: NotebookNode, where: str) -> dict[str, Any]:
    """Return the parameters of a notebook by name, with their default values.

    `where` names the notebook in errors. ParameterError where the tagged cell is missing or holds
    something else than assignments of literals.
    """
    cells = [c for c in notebook.cells if TAG in c.metadata.get("tags", [])]
    if len(cells) != 1 or cells[0].cell_type != "code":
        raise ParameterError(
            f"has {len(cells)} code cells tagged `{TAG}` instead of one",
            where=where,
            remedy="Put the parameters and their defaults into one code cell with that tag.",
        )
    try:
        statements = ast.parse(cells[0].source).body
    except SyntaxError as error:
        raise ParameterError(
            f"the parameters cell is not valid Python ({error.msg}, line {error.lineno})",
            where=where,
            remedy="Mend that line.",
        ) from error
    return dict(_assignment(s, where) for s in statements)


def checked(known: Mapping[str, Any], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return `given`, if every name is known and every value has the type of its default.

    A whole number may stand where a fraction is declared; a default of None takes anything.
    """
    for name, value in given.items():
        _require_known(name, known, where)
        default = known[name]
        fits = type(value) is type(default) or (type(default) is float and type(value) is int)
        if default is not None and not fits:
            raise ParameterError(
                f"parameter `{name}` is a {type(value).__name__} ({value!r})",
                where=where,
                remedy=f"Give a {type(default).__name__}, as in its default {default!r}.",
            )
    return dict(given)


def from_text(known: Mapping[str, Any], name: str, text: str, where: str) -> Any:
    """Return the value that `text`, as typed on a command line, has for the parameter `name`."""
    _require_known(name, known, where)
    if isinstance(known[name], str):
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _require_known(name: str, known: Mapping[str, Any], where: str) -> None:
    if name not in known:
        raise ParameterError(
            f"there is no parameter `{name}`", where=where, remedy=nearest(name, known)
        )


def _assignment(statement: ast.stmt, where: str) -> tuple[str, Any]:
    """Return name and value of `name = literal` or `name: type = literal`."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    value = getattr(statement, "value", None)
    if len(targets) == 1 and isinstance(targets[0], ast.Name) and value is not None:
        try:
            return targets[0].id, ast.literal_eval(value)
        except ValueError:
            pass
    raise ParameterError(
        f"the parameters cell holds `{ast.unparse(statement)}`, which is no plain assignment",
        where=where,
        remedy='Leave only lines like `client = "telco"` there; compute in a later cell.',
    )
