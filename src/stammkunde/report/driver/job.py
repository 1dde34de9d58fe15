"""What is asked of a run: one client's report, with which parameters, dated when."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from stammkunde.workspace import Workspace

FAILED = ".failed"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One client's report to be made: with which parameters (as typed) and which date on it.

    `created` None stands for the date of the data.
    """

    workspace: Workspace
    client: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    created: date | None = None

    @property
    def asked(self) -> dict[str, str]:
        """Return what the manifest remembers of the request."""
        dated = {"created": self.created.isoformat()} if self.created else {}
        return {f"-p {name}": text for name, text in self.parameters.items()} | dated

    @property
    def failed(self) -> Path:
        """Return the folder for notebooks that did not run to their end."""
        return self.workspace.reports / FAILED / self.client

    def forget_failed(self) -> None:
        """Remove what an earlier run left of chapters that did not run to their end."""
        shutil.rmtree(self.failed, ignore_errors=True)


def forget_failed(workspace: Workspace, *, except_for: Collection[str]) -> None:
    """Remove what runs left of chapters of other clients than these; no empty folder stays."""
    folder = workspace.reports / FAILED
    for left in folder.glob("*"):
        if left.name not in except_for:
            shutil.rmtree(left, ignore_errors=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
