"""What is asked of a run: one client's report, with which parameters, dated when."""

from __future__ import annotations

from collections.abc import Mapping
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
