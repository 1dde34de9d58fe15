"""Putting a finished report in place of the old one, whole or not at all.

    reports/.lock-telco       held while a run works on the client, and gone with it
    reports/.building-telco/  the new products, as they are made
    reports/.old-telco/       the previous ones, between the two renames
    reports/telco/            what readers see

Whoever holds the lock knows that anything found in the two middle folders was left by a run that
died, and puts it right first.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from stammkunde.errors import RenderError

KINDS = ("lock", "building", "old")


@contextmanager
def claimed(reports: Path, client: str) -> Iterator[None]:
    """Hold the client's folders, with what a dead run left put right.

    RenderError where another run holds them.
    """
    reports.mkdir(parents=True, exist_ok=True)
    file = _lock(reports / f".lock-{client}")
    if file is None:
        raise RenderError(
            "another run is working on this client",
            where=f"reports/{client}",
            remedy="Wait for it to end.",
        )
    with _held(file):
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


def clear(reports: Path, clients: Collection[str]) -> None:
    """Remove what dead runs left of clients that are not among `clients` any more."""
    left = [p.name.partition("-")[2] for kind in KINDS for p in reports.glob(f".{kind}-*")]
    for client in sorted({*left} - {*clients}):
        # litter that another run is using, or that may not be touched, is no reason to fail
        with suppress(RenderError, OSError), claimed(reports, client):
            pass


def _lock(path: Path) -> IO[bytes] | None:
    """Return the file at `path`, locked, None where another run holds it."""
    while True:
        file = path.open("a+b")
        try:
            if not _locked(file):
                file.close()
                return None
            # the run that held it before may have removed it between our opening and our locking
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except FileNotFoundError:
            pass
        except BaseException:
            file.close()
            raise
        file.close()


@contextmanager
def _held(file: IO[bytes]) -> Iterator[None]:
    """Remove the locked `file` at the end, before anybody else can lock it."""
    path = Path(file.name)
    try:
        yield
    finally:
        if sys.platform == "win32":
            # an open file cannot be removed there, nor can one that another run has opened since
            file.close()
            with suppress(OSError):
                path.unlink()
        else:
            path.unlink(missing_ok=True)
            file.close()


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
