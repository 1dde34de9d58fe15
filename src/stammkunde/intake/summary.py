"""What `stammkunde new` says when it is done: what it found, what is open, what comes next."""

from __future__ import annotations

from stammkunde.intake.founding import Founded
from stammkunde.intake.roles import Table
from stammkunde.workspace import Workspace


def summary(made: Founded, workspace: Workspace) -> list[str]:
    """Return the lines to print after a client was made, the next command last."""
    toml = workspace.relative(made.toml)
    client = made.toml.stem
    lines = [f"{toml} is drafted, with data/raw/{client}/SOURCE.toml beside the data."]
    lines += [_told(table) for table in made.tables]
    lines += [f"{x.name}: no part was found for it, it is not used" for x in made.unused]
    if made.draft.missing:
        lines += ["", f"To fill in first, in {toml}:"]
        lines += [f"  {what}" for what in made.draft.missing]
    if made.draft.decisions:
        lines += ["", f"To decide in {toml}, each marked DECIDE there:"]
        lines += [f"  {what}" for what in made.draft.decisions]
    return [*lines, "", f"Next: stammkunde check {client}"]


def _told(table: Table) -> str:
    name = table.looked.name
    roles = ", ".join(f"{role} = {column}" for role, column in table.roles.items())
    return f"{name}: {table.looked.rows:,} rows read as [{table.section}], {roles or 'no column'}"
