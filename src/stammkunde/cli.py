"""The command `stammkunde`: every verb says what it did in a line, or what is wrong in one.

Only what a verb needs is imported, when it is needed: `report` with nothing to do takes a moment.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from stammkunde.errors import ParameterError, StammkundeError, WorkspaceError, nearest
from stammkunde.report import forget, verbs
from stammkunde.report.driver import signals
from stammkunde.report.driver.signals import Stopped
from stammkunde.version import VERSION
from stammkunde.workspace import Workspace, unusable
from stammkunde.workspace import nearest as nearest_workspace

NEXT = "Next: stammkunde new NAME FILE… makes a client from the files as delivered"


class Verbs(click.Group):
    """A group that names the nearest verb for a misspelt one."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the verb; a usage error names the nearest one that exists."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(
                f"There is no command `{args[0]}`. {nearest(args[0], self.list_commands(ctx))}"
            )
        return super().resolve_command(ctx, args)


def show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and end."""
    if wanted and not ctx.resilient_parsing:
        click.echo(f"stammkunde {VERSION}")
        ctx.exit()


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=show_version,
    help="Show the version.",
)
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """How long customers stay, what makes them leave, and what that is worth."""
    ctx.obj = {"debug": debug}


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--examples", is_flag=True, help="With the example clients.")
def init(folder: Path, examples: bool) -> None:
    """Make a workspace in DIR, a new or empty folder."""
    from stammkunde.report.driver.scaffold import create

    workspace = create(folder, examples=examples)
    click.echo(f"A workspace is ready in {folder}")
    names = ", ".join(workspace.client_names())
    click.echo(f"Clients: {names}" if names else NEXT)


@cli.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]…")
@click.option("--all", "everyone", is_flag=True, help="All clients of the workspace.")
@click.option("--force", is_flag=True, help="Also where nothing has changed.")
@click.option(
    "-p", "parameters", multiple=True, metavar="NAME=VALUE", help="Set a notebook's parameter."
)
@click.option("--created", metavar="DATE", help="The report's date (YYYY-MM-DD); else the data's.")
@click.pass_context
def report(
    ctx: click.Context,
    clients: tuple[str, ...],
    everyone: bool,
    force: bool,
    parameters: tuple[str, ...],
    created: str | None,
) -> None:
    """Make the reports that are out of date."""
    from stammkunde.report.driver.build import build

    workspace = nearest_workspace()
    outcomes = build(
        workspace,
        chosen(workspace, clients, everyone),
        parameters=dict(pair(text) for text in parameters),
        created=day(created) if created else None,
        force=force,
    )
    errors = [o.error for o in outcomes if o.error]
    for error in errors if ctx.obj["debug"] else []:
        traceback.print_exception(error)
    ctx.exit(max((e.exit_code for e in errors), default=0))


@cli.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]…")
@click.pass_context
def data(ctx: click.Context, clients: tuple[str, ...]) -> None:
    """Fetch the data that SOURCE.toml names."""
    workspace = nearest_workspace()
    ctx.exit(bring(workspace, chosen(workspace, clients, everyone=not clients)))


@cli.command()
@click.argument("name", metavar="WORLD")
@click.option("--seed", type=int, help="Another run of chance; else that of SOURCE.toml, or 1.")
@click.option("--size", type=click.IntRange(min=100), help="Number of persons.")
@click.option("--as", "client", metavar="CLIENT", help="The client to make; else called as WORLD.")
def simulate(name: str, seed: int | None, size: int | None, client: str | None) -> None:
    """Make a simulated client's data, and the truth about them.

    WORLD is `musterstrom` (contracts of an energy supplier) or `autohaus` (visits to a garage).
    """
    from stammkunde.report.driver.simulating import simulate as make

    workspace = nearest_workspace()
    for path in make(workspace, name, client=client or name, seed=seed, size=size):
        click.echo(workspace.relative(path))


@cli.command()
def index() -> None:
    """Write the list of all reports anew."""
    from stammkunde.report.driver.overview import write_overview

    workspace = nearest_workspace()
    for path in write_overview(workspace):
        click.echo(workspace.relative(path))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def lab(ctx: click.Context, options: tuple[str, ...]) -> None:
    """Fetch missing data, then open JupyterLab on the notebooks.

    Options such as --no-browser are passed on to it.
    """
    from stammkunde.report.driver.lab import run

    workspace = nearest_workspace()
    # what cannot be had is said; the notebooks of the other clients work all the same
    bring(workspace, workspace.client_names())
    ctx.exit(run(workspace, options))


cli.add_command(verbs.new)
cli.add_command(verbs.check)
cli.add_command(verbs.targets)
cli.add_command(forget.purge)


def chosen(workspace: Workspace, clients: Sequence[str], everyone: bool) -> Sequence[str]:
    """Return the clients to work on, each once; an error where none or an unknown one is named."""
    if everyone and clients:
        raise ParameterError("asked for --all and for single clients", remedy="Leave out one.")
    for client in clients:
        workspace.toml(client)
    names = workspace.client_names() if everyone else tuple(dict.fromkeys(clients))
    if names:
        return names
    known = workspace.client_names()
    if not known:
        raise WorkspaceError(
            "there is no client yet", where="clients/", remedy="Make one with `stammkunde new`."
        )
    raise ParameterError("no client was named", remedy=f"Use --all, or name: {', '.join(known)}.")


def bring(workspace: Workspace, clients: Sequence[str]) -> int:
    """Return the exit code of fetching the clients' data, having said a line about each."""
    from stammkunde.report.driver.fetching import fetch_data
    from stammkunde.study import read_study

    code = 0
    for client in clients:
        try:
            study = read_study(client, workspace=workspace)
            nothing = "nothing to fetch" if study.source else "no SOURCE.toml, nothing to fetch"
            told = ", ".join(map(workspace.relative, fetch_data(study))) or nothing
            click.echo(f"{client}: {told}")
        except (StammkundeError, OSError) as error:
            known = error if isinstance(error, StammkundeError) else unusable(error, "data/raw/")
            click.echo(f"stammkunde: {client}: {known}", err=True)
            code = max(code, known.exit_code)
    return code


def pair(text: str) -> tuple[str, str]:
    """Return name and value of `name=value`."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise ParameterError(f"`-p {text}` is not of the form name=value", remedy="Write it so.")
    return name, value


def day(text: str) -> date:
    """Return the day that `text` (YYYY-MM-DD) names."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ParameterError(
            f"`--created {text}` is no day", remedy="Write it as in 2025-01-31."
        ) from None


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and end the process: 0, an error's own code, or 128 + signal."""
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    signals.listen()
    sys.exit(guarded(lambda: run(words), words))


def run(words: list[str]) -> None:
    """Run the verb that `words` ask for; errors and signals come through as they are."""
    # click's own `main` would turn a signal into an error of its own
    with cli.make_context("stammkunde", words) as context:
        cli.invoke(context)


def guarded(work: Callable[[], object], words: Sequence[str]) -> int:
    """Return the exit code of `work`, having said what went wrong in one line."""
    try:
        with signals.heard():
            work()
    except click.exceptions.Exit as end:
        return end.exit_code
    except Stopped as stopped:
        kept = "; the previous reports are untouched" if "report" in words else ""
        click.echo(f"stammkunde: stopped{kept}.", err=True)
        return 128 + stopped.number
    except StammkundeError as error:
        if "--debug" in words:
            raise
        click.echo(f"stammkunde: {error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        click.echo(f"stammkunde: {error.format_message()}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # whoever read our output has gone; Python would complain once more at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if "--debug" in words:
            raise
        from stammkunde.report.driver.build import unexpected

        told = unexpected(error)
        click.echo(f"stammkunde: {told}", err=True)
        return told.exit_code if isinstance(told, WorkspaceError) else 70
    return 0
