"""A rule that every file keeps, tried folder by folder: thousands of tests more would take long."""

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def each(paths: list[Path]) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Return what makes of a rule for one file a test of each folder, which names what fails."""
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path)
    names = [folder.relative_to(ROOT).as_posix() for folder in folders]

    def dressed(rule: Callable[[Path], None]) -> Callable[[Path], None]:
        @pytest.mark.parametrize("folder", folders, ids=names)
        def test(folder: Path) -> None:
            assert broken(rule, folders[folder]) == []

        test.__doc__ = rule.__doc__
        return test

    return dressed


def broken(rule: Callable[[Path], None], paths: list[Path]) -> list[str]:
    """Return the files that break `rule`, and how."""
    found = []
    for path in paths:
        try:
            rule(path)
        except AssertionError as error:
            found.append(f"{path.relative_to(ROOT).as_posix()}: {error}")
    return found
