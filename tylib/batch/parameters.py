"""The parameters of a notebook: which it has, and whether what is given fits. Papermill itself only warns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from tylib.errors import ParameterError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


def notebook_parameters(notebook: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    """Names and defaults in the cell tagged ``parameters`` (nbformat 4, as parsed from JSON).

    Returns:
        Name to default, in order; a default that is not a plain literal is ``None``.

    Raises:
        ParameterError: No such cell. Papermill would run on in silence, with every default.

    >>> cell = {"metadata": {"tags": ["parameters"]}, "source": 'unit: str = "county:01"  # code\\nyear = 2024'}
    >>> notebook_parameters({"cells": [cell]}, where="a notebook")
    {'unit': 'county:01', 'year': 2024}
    """
    tagged = [c for c in notebook["cells"] if "parameters" in c.get("metadata", {}).get("tags", ())]
    if not tagged:
        raise ParameterError(
            "the notebook has no cell tagged parameters",
            where=where,
            remedy='Tag the cell that holds the defaults with "parameters" (JupyterLab: property inspector).',
        )
    found: dict[str, Any] = {}
    try:
        statements = ast.parse("".join(tagged[0]["source"])).body
    except SyntaxError as error:
        raise ParameterError(f"the parameters cell is not Python: {error.msg}", where=where) from None
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = _literal(statement.value)
    return found


def check_parameters(given: Mapping[str, Any], known: Mapping[str, Any], *, where: str) -> None:
    """Refuse what papermill only warns of: a misspelt name; and what it does in silence: a code turned into a number.

    Raises:
        ParameterError: A name that the notebook does not have, or a number where its default is text.

    >>> check_parameters({"unit": "county:01"}, {"unit": "county:02"}, where="90")
    >>> check_parameters({"unti": "county:01"}, {"unit": "county:02"}, where="90")
    Traceback (most recent call last):
    tylib.errors.ParameterError: 90: unknown parameter "unti"; expected one of: unit. Did you mean "unit"?
    """
    for name, value in given.items():
        if name not in known:
            raise unknown("parameter", name, known, where=where)
        if isinstance(known[name], str) and not isinstance(value, str):
            raise ParameterError(
                f"parameter {name} is {value!r}, a {type(value).__name__}",
                where=where,
                expected=f"text such as {known[name]!r}",
                remedy=f"With papermill use -r {name} VALUE, which keeps text as it is.",
            )


def _literal(node: ast.expr | None) -> Any:
    try:
        return ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None
