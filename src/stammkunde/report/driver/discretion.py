"""What may be repeated of an error that this package did not raise: nothing that quotes a cell.

An engine says which text it could not convert, pandas which key it did not find. Such words would
carry a customer's name into a log, a ticket or a kept notebook.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

# what these say is about the program
ABOUT_CODE = {
    "ArithmeticError", "AttributeError", "ImportError", "IndentationError", "MemoryError",
    "ModuleNotFoundError", "NameError", "OverflowError", "RecursionError", "SyntaxError",
    "TabError", "TypeError", "UnboundLocalError", "ZeroDivisionError",
}  # fmt: skip
WORD = re.compile(r"\w+")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PLACE = re.compile(r"^(?:Cell In\[\d+\]|File \S+(?: in |:\d+)).*|^-+> \d+ .*")
OF_OTHERS = re.compile("^(?:The above exception was|During handling of the above)", re.MULTILINE)
WITHHELD = "its words may quote a customer's cell and are left out"
REMEDY = "Run it in `stammkunde lab` to read them."


def repeated(kind: str, message: str, source: str) -> str:
    """Return what may be repeated of an error of class `kind` beyond that name, on one line.

    All of it where it is about the program, or says nothing but words of `source`, the notebook's
    own text; else `WITHHELD`.
    """
    text = " ".join(COLOUR.sub("", message).split())
    known = set(WORD.findall(source))
    plain = kind in ABOUT_CODE or all(word in known for word in WORD.findall(text))
    return text if plain else WITHHELD


def source_of(notebook: NotebookNode) -> str:
    """Return the text of all code cells, which whoever may read the notebook has before him."""
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "code")


def withhold(notebook: NotebookNode) -> None:
    """Take out of the errors shown in `notebook` what `repeated` leaves out.

    Of their tracebacks the places stay.
    """
    source = source_of(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type != "error":
                continue
            said = repeated(output.ename, output.evalue, source)
            told = COLOUR.sub("", "\n".join(output.traceback))
            # an error that led to this one has words of its own, and stands there only as text
            if said == WITHHELD or OF_OTHERS.search(told):
                places = [line for line in told.split("\n") if PLACE.match(line)]
                output.traceback = [*places, f"{output.ename}: {said}"]
            if said == WITHHELD:
                output.evalue = said
