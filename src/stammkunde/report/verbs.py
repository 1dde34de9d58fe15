"""The verbs `new`, `check` and `targets`: a draft, a report on the data, a list of customers."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stammkunde.errors import ParameterError
from stammkunde.workspace import Workspace
from stammkunde.workspace import nearest as nearest_workspace

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("files", nargs=-1, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--database", metavar="URL", default="", help="A database instead of files.")
@click.option("--table", "tables", multiple=True, metavar="TABLE", help="A table of it.")
def new(name: str, files: tuple[Path, ...], database: str, tables: tuple[str, ...]) -> None:
    """Make a client from delivered files: copies, SOURCE.toml and a draft of its TOML.

    NAME is what the client's files will be called. FILE is a CSV, XLSX or Parquet file, or a
    folder of Parquet files.
    """
    from stammkunde.intake.founding import found
    from stammkunde.intake.summary import summary

    workspace = nearest_workspace()
    made = found(workspace, name, files, database=database, tables=tables, today=date.today())
    for line in summary(made, workspace):
        click.echo(line)


@click.command()
@click.argument("name", metavar="CLIENT")
@click.option("--json", "as_json", is_flag=True, help="The same as data.")
@click.option("--language", metavar="LOCALE", default="", help="Such as en_GB; else the client's.")
@click.option("--rejected", metavar="FILE", type=click.Path(path_type=Path), help="Rows set aside.")
@click.pass_context
def check(
    ctx: click.Context, name: str, as_json: bool, language: str, rejected: Path | None
) -> None:
    """Report on a client's data: what can be used, what was found, what to send next."""
    from stammkunde.intake.examine import examine
    from stammkunde.report.told import as_data, told
    from stammkunde.report.words import Words
    from stammkunde.study import read_study

    workspace = nearest_workspace()
    study = read_study(name, workspace=workspace)
    words = Words(language or study.language)
    if rejected is not None:
        _check_free(rejected, workspace)
    report = examine(study)
    if as_json:
        click.echo(json.dumps(as_data(report, words), indent=1, ensure_ascii=False))
    else:
        click.echo(told(report, words))
    if rejected is not None:
        _keep(report.rejected, rejected)
    ctx.exit(0 if report.usable else 2)


@click.command()
@click.argument("client", metavar="CLIENT")
@click.argument("question", metavar="QUESTION")
@click.option("--share", default=0.2, show_default=True, help="Part of today's customers to list.")
@click.option("--holdout", default=0.1, show_default=True, help="Part of those to hold out by lot.")
@click.option(
    "--out",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="The list, outside the workspace.",
)
def targets(client: str, question: str, share: float, holdout: float, file: Path) -> None:
    """List today's customers who are expected to gain by an offer, those who gain most first.

    QUESTION is one of the client's TOML, about an offer, with `by`. The list holds pseudonyms.
    """
    from stammkunde.report.driver import targeting
    from stammkunde.study import read_study

    workspace = nearest_workspace()
    study = read_study(client, workspace=workspace)
    targeting.check_place(file, workspace)
    found = targeting.targets(study, question, share=share, holdout=holdout)
    targeting.write_targets(found, file)
    held = int((found.rows.arm == targeting.HELD_OUT).sum())
    click.echo(
        f"{len(found.rows):,} of {found.customers:,} customers are listed in {file}, "
        f"{held:,} of them held out"
    )
    if not found.is_certain:
        click.echo(
            "That those listed gain at all is not certain: take the list for a trial, in which "
            "those held out show what comes of it."
        )


def _check_free(file: Path, workspace: Workspace) -> None:
    """Raise ParameterError where rejected rows may not be written: reports are handed out."""
    if file.resolve().is_relative_to(workspace.reports.resolve()):
        raise ParameterError(
            "rejected rows hold what customers are called; reports/ is handed out",
            where=str(file),
            remedy="Name a file outside of reports/.",
        )
    if file.exists():
        remedy = "Name one that does not exist yet."
        raise ParameterError("there is such a file already", where=str(file), remedy=remedy)


def _keep(rows: pd.DataFrame, file: Path) -> None:
    """Write the rows for the owner's eyes only; what was there in the meantime stays."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        rows.to_csv(stream, index=False, lineterminator="\n")
