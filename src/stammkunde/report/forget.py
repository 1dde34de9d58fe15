"""The verb `stammkunde purge`, which asks first; no number typed here is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from getpass import getpass

import click

from stammkunde.errors import ParameterError
from stammkunde.workspace import nearest as nearest_workspace

# the exit code where rows are left that only hands can delete
LEFT = 3


@click.command()
@click.argument("client")
@click.option("--person", metavar="NUMBER", help="Only this customer or person; - asks for it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def purge(ctx: click.Context, client: str, person: str | None, yes: bool) -> None:
    """Remove a client, or one person of its data, from the workspace for good."""
    from stammkunde.report.driver import purge as work
    from stammkunde.study import read_study

    workspace, agreed = nearest_workspace(), agreement(yes)
    if person is None:
        work.purge_client(workspace, client, say=click.echo, agreed=agreed)
    else:
        study = read_study(client, workspace=workspace)
        left = work.purge_person(study, number_of(person), say=click.echo, agreed=agreed)
        ctx.exit(LEFT if left else 0)


def number_of(given: str) -> str:
    """Return a customer number: as `given`, or for "-" as typed unseen, or from standard input."""
    if given == "-":
        terminal = sys.stdin.isatty()
        given = getpass("Customer number (not shown): ") if terminal else sys.stdin.readline()
    if not given.strip():
        raise ParameterError("no customer number was given", remedy="Type one, or pipe one in.")
    return given.strip()


def agreement(yes: bool) -> Callable[[str], bool]:
    """Return what asks a question and tells whether the answer was yes; with `yes` it always is.

    ParameterError where nobody can answer.
    """

    def agreed(question: str) -> bool:
        if yes:
            return True
        try:
            return input(f"{question} Type yes: ").strip().lower() in {"yes", "ja"}
        except EOFError:
            raise ParameterError(
                "nobody is there to agree", remedy="Say --yes if it is certain."
            ) from None

    return agreed
