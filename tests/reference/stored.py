"""The stored values; a missing file names the command that makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

COMMANDS = {"values.json": "Rscript tests/reference/values.R"}


def stored(name: str = "values.json", folder: Path = Path(__file__).parent) -> dict[str, Any]:
    """Return the values of a stored file by key."""
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(f"{path.name} is missing; make it with `{COMMANDS[name]}`")
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values
