"""Bringing the data that a client's SOURCE.toml names, before anything is made of them."""

from __future__ import annotations

from pathlib import Path

from stammkunde.study import Study


def fetch_data(study: Study) -> Path | None:
    """Return the data file that SOURCE.toml names, fetched if need be; None without such a note.

    SourceError where it cannot be had, or is not the one it should be.
    """
    if study.source is None:
        return None
    from stammkunde.spells.source import fetch

    return fetch(study.workspace.root, study.folder.name)
