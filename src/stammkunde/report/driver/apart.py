"""Files about single customers: for their owner alone, apart from reports, in no other's place."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from stammkunde.errors import ParameterError


def check_place(file: Path, forbidden: Path, why: str) -> None:
    """Raise ParameterError where such a file may not be written: there, or in another's place."""
    if file.resolve().is_relative_to(forbidden.resolve()):
        remedy = "Name a file in a folder of your own outside of it."
        raise ParameterError(why, where=str(file), remedy=remedy)
    if file.exists():
        raise _exists(file)
    if not file.resolve().parent.is_dir():
        raise ParameterError(
            "there is no such folder", where=str(file.parent), remedy="Make it, or name another."
        )


def write_new(rows: pd.DataFrame, file: Path, *, decimals: int | None = None) -> None:
    """Write rows as CSV for the owner's eyes only, whole or not at all.

    ParameterError for a file that is there, also one that came in between: it stays as it is.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _exists(file) from None
    form = None if decimals is None else f"%.{decimals}f"
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            rows.to_csv(stream, index=False, lineterminator="\n", float_format=form)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _exists(file: Path) -> ParameterError:
    remedy = "Name one that does not exist yet."
    return ParameterError("there is such a file already", where=str(file), remedy=remedy)
