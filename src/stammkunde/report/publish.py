"""Putting a finished report in place of the old one, whole or not at all.

    reports/.lock-telco       held while a run works on the client; the system frees it
    reports/.building-telco/  the new products, as they are made
    reports/.old-telco/       the previous ones, between the two renames
    reports/telco/            what readers see

Whoever holds the lock knows that anything found in the two middle folders was left by a run that
died, and puts it right first.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stammkunde.errors import RenderError


@contextmanager
def claimed(reports: Path, client: str) -> Iterator[None]:
    """Hold the client's folders, with what a dead run left put right.

    RenderError where another run holds them, or where `reports` cannot be written.
    """
    lock = reports / f".lock-{client}"
    try:
        reports.mkdir(parents=True, exist_ok=True)
        file = lock.open("a+b")
    except OSError as error:
        raise RenderError(
            f"cannot be written ({error.strerror})",
            where="reports/",
            remedy="Give yourself the right to write there.",
        ) from error
    with file:
        if not _locked(file):
            raise RenderError(
                "another run is working on this client",
                where=f"reports/{client}",
                remedy="Wait for it to end.",
            )
        _recover(reports, client)
        yield


@contextmanager
def building(reports: Path, client: str) -> Iterator[Path]:
    """Give an empty folder; when the block ends well, it becomes `reports/<client>`.

    When the block raises, or is interrupted, the folder goes and the previous report stays as it
    was. Needs `claimed`.
    """
    new, old, target = _folders(reports, client)
    new.mkdir()
    try:
        yield new
        _swap(new, old, target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _folders(reports: Path, client: str) -> tuple[Path, Path, Path]:
    return reports / f".building-{client}", reports / f".old-{client}", reports / client


def _recover(reports: Path, client: str) -> None:
    """Finish or undo what a run that died had begun."""
    new, old, target = _folders(reports, client)
    if old.exists() and not target.exists():
        old.rename(target)
    for rest in (old, new):
        if rest.exists():
            shutil.rmtree(rest)


def _swap(new: Path, old: Path, target: Path) -> None:
    """Rename `target` to `old` and `new` to `target`; undo the first where the second fails."""
    try:
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except BaseException:
            if old.exists():
                old.rename(target)
            raise
    except OSError as error:
        raise RenderError(
            f"cannot be replaced ({error.strerror})",
            where=f"reports/{target.name}",
            remedy="Close the programs that have one of its files open.",
        ) from error


if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes]) -> bool:
        """Return whether the lock on `file` could be had."""
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(file: IO[bytes]) -> bool:
        """Return whether the lock on `file` could be had."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
