"""The stored values; a missing file names the command that makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

COMMANDS = {
    "buying.json": "python -m tests.reference.buying",
    "persons.json": "Rscript tests/reference/persons.R",
    "accuracy.json": "Rscript tests/reference/accuracy.R",
    "drivers.json": "Rscript tests/reference/drivers.R",
    "causes.json": "Rscript tests/reference/causes.R",
    "cox.json": "Rscript tests/reference/cox.R",
    "values.json": "Rscript tests/reference/values.R",
    "contrasts.json": "Rscript tests/reference/contrasts.R",
    "bands.json": "Rscript tests/reference/bands.R",
    "projection.json": "Rscript tests/reference/projection.R",
    "uneven.json": "Rscript tests/reference/uneven.R",
    "turnbull.json": "Rscript tests/reference/turnbull.R",
}


def stored(name: str = "values.json", folder: Path = Path(__file__).parent) -> dict[str, Any]:
    """Return the values of a stored file by key."""
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(f"{path.name} is missing; make it with `{COMMANDS[name]}`")
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values
