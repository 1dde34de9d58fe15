"""Parameters of a notebook are declared, known and of the right type."""

from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from stammkunde.errors import ParameterError
from stammkunde.report.driver.parameters import checked, declared, from_text

KNOWN = {"client": "telco", "gap": 90, "share": 0.5, "on": True, "any": None, "rules": [1, 2]}


def notebook(*sources: str, tag: str = "parameters") -> nbformat.NotebookNode:
    return new_notebook(cells=[new_code_cell(s, metadata={"tags": [tag]}) for s in sources])


def test_declared_reads_literals_and_annotations() -> None:
    source = 'client = "telco"  # whose\ngap: int = -90\nrules = [1, 2]\nnothing = None'
    found = declared(notebook(source), "1.ipynb")
    assert found == {"client": "telco", "gap": -90, "rules": [1, 2], "nothing": None}


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ((), "has 0 code cells tagged"),
        (("a = 1", "b = 2"), "has 2 code cells tagged"),
        (("import os",), "holds `import os`"),
        (("a = 1 + b",), "holds `a = 1 \\+ b`"),
        (("a, b = 1, 2",), "no plain assignment"),
        (("a: int",), "no plain assignment"),
        (("a = (",), "not valid Python"),
    ],
)
def test_a_cell_that_declares_nothing_clear_is_refused(sources: tuple[str], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        declared(notebook(*sources), "1.ipynb")


@pytest.mark.parametrize(
    ("name", "value"),
    [("client", "x"), ("gap", 1), ("share", 0.1), ("share", 1), ("on", False), ("any", "x")],
)
def test_a_value_of_the_declared_type_passes(name: str, value: Any) -> None:
    assert checked(KNOWN, {name: value}, "1.ipynb") == {name: value}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("clint", "x", "no parameter `clint`. Did you mean `client`"),
        ("gap", "90", "parameter `gap` is a str"),
        ("gap", 90.0, "Give a int"),
        ("gap", True, "is a bool"),
        ("on", 1, "Give a bool"),
        ("client", None, "is a NoneType"),
    ],
)
def test_any_other_is_an_error(name: str, value: Any, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        checked(KNOWN, {name: value}, "1.ipynb")


def test_text_from_the_command_line_takes_the_type_of_the_default() -> None:
    read = {name: from_text(KNOWN, name, "12", "1.ipynb") for name in ("client", "gap")}
    assert read == {"client": "12", "gap": 12}
    assert from_text(KNOWN, "rules", "[3]", "1.ipynb") == [3]
    with pytest.raises(ParameterError, match="Give a int"):
        checked(KNOWN, {"gap": from_text(KNOWN, "gap", "many", "1.ipynb")}, "1.ipynb")
