"""Bringing the data that a client's SOURCE.toml names, before anything is made of them."""

from __future__ import annotations

from pathlib import Path

from stammkunde.study import Study


def fetch_data(study: Study) -> tuple[Path, ...]:
    """Return the data files that SOURCE.toml names, fetched or simulated if need be; () without it.

    SourceError where one cannot be had, or is not the one it should be.
    """
    source = study.source
    if source is None:
        return ()
    if source.world is not None:
        from stammkunde.report.driver.simulating import make_missing

        return make_missing(study.folder, source.world)
    from stammkunde.spells.source import fetch

    return fetch(study.workspace.root, study.folder.name)
