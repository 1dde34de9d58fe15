"""The verbs `new`, `check` and `targets`: a draft, a report on the data, a list of customers."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from stammkunde.workspace import nearest as nearest_workspace


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
    from stammkunde.report.driver.apart import check_place, write_new
    from stammkunde.report.told import as_data, told
    from stammkunde.report.words import Words
    from stammkunde.study import read_study

    workspace = nearest_workspace()
    study = read_study(name, workspace=workspace)
    words = Words(language or study.language)
    if rejected is not None:
        why = "rejected rows hold what customers are called; reports/ is handed out"
        check_place(rejected, workspace.reports, why)
    report = examine(study)
    if as_json:
        click.echo(json.dumps(as_data(report, words), indent=1, ensure_ascii=False))
    else:
        click.echo(told(report, words))
    if rejected is not None:
        write_new(report.rejected, rejected)
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
    from stammkunde.evidence.asking.targets import HELD_OUT
    from stammkunde.report.driver import targeting
    from stammkunde.report.driver.apart import check_place, write_new
    from stammkunde.study import read_study

    workspace = nearest_workspace()
    study = read_study(client, workspace=workspace)
    why = "a list of customers does not belong in the workspace, which is kept and handed on"
    check_place(file, workspace.root, why)
    found = targeting.listed(study, question, share=share, holdout=holdout)
    write_new(found.rows, file, decimals=2)
    held = int((found.rows.arm == HELD_OUT).sum())
    click.echo(
        f"{len(found.rows):,} of {found.customers:,} customers are listed in {file}, "
        f"{held:,} of them held out"
    )
    for why, n in found.left_out.items():
        click.echo(f"{n:,} left out: {why}")
    if not found.is_certain:
        click.echo(
            "That those listed gain at all is not certain: take the list for a trial, in which "
            "those held out show what comes of it."
        )
