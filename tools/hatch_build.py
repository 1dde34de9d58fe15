"""What hatchling adds to a wheel: the files that `stammkunde init` hands out."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("notebooks/*.ipynb", "clients/*.toml", "data/raw/*/SOURCE.toml")


class WorkspaceFiles(BuildHookInterface[Any]):
    """Ships the example workspace as `stammkunde/_workspace` inside the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to a wheel; an editable one leaves them where they are edited."""
        if version == "editable":
            return
        root = Path(self.root)
        for pattern in SHIPPED:
            for file in sorted(root.glob(pattern)):
                place = file.relative_to(root).as_posix()
                build_data["force_include"][str(file)] = f"stammkunde/_workspace/{place}"
