"""One client's question, read from its TOML: whose data, how to read them, what to report.

`clients/<slug>.toml` says it; the files lie in `data/raw/<slug>/`, whose SOURCE.toml says where
they come from and whether the customers are real, fictional or simulated.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from stammkunde.client import StudyToml, read_client
from stammkunde.errors import DataError, ParameterError, nearest
from stammkunde.result import Label
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.bought import Purchases, read_bought
from stammkunde.spells.checks.limit import CHECK
from stammkunde.spells.checks.quarantine import stacked
from stammkunde.spells.lapse import Clock
from stammkunde.spells.read import read_beside, read_both, read_data
from stammkunde.spells.schema.rules import check_texts
from stammkunde.spells.secrets import secret_of
from stammkunde.spells.source import Source, read_source
from stammkunde.spells.spells import Spells
from stammkunde.workspace import Workspace
from stammkunde.workspace import nearest as nearest_workspace

PRODUCTS = "STAMMKUNDE_PRODUCTS"
HORIZONS = {
    "day": (90, 180, 365),
    "week": (13, 26, 52),
    "month": (12, 24, 36),
    "quarter": (4, 8, 12),
    "year": (1, 2, 3),
}


@dataclass(frozen=True, kw_only=True)
class Study:
    """One client's question: its TOML, its source, its folder and the reader's language.

    `language` is a locale such as "de_DE"; its first two letters name the report.
    """

    slug: str
    workspace: Workspace
    toml: StudyToml
    source: Source | None
    language: str
    created: date

    @property
    def folder(self) -> Path:
        """Return the folder in which the data lie as delivered."""
        return self.workspace.raw / (self.toml.client.source or self.slug)

    @property
    def name(self) -> Label:
        """Return the client's name in the languages of its reports."""
        return Label(self.slug, dict(self.toml.client.name))

    @property
    def nature(self) -> str:
        """Return "real", "fictional" or "simulated" as SOURCE.toml says, else "unstated"."""
        return self.source.nature if self.source else "unstated"

    @property
    def horizons(self) -> tuple[int, ...]:
        """Return the units of tenure at which shares are named."""
        return self.toml.report.horizons or HORIZONS[self.toml.data.window.unit]

    @property
    def as_of(self) -> date:
        """Return the date of the data."""
        return self.toml.client.as_of

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the locales of the client's reports."""
        return self.toml.client.languages

    @property
    def data_files(self) -> tuple[Path, ...]:
        """Return the files that the TOML names, the main table's first, folders by their files."""
        named = [d.path for d in self.toml.data.deliveries.values() if d.path]
        paths = [self.workspace.resolve(self.folder / name) for name in dict.fromkeys(named)]
        inside = [sorted(p.rglob("*")) if p.is_dir() else [p] for p in paths]
        return tuple(p for files in inside for p in files if not p.is_dir())

    def spells(self, *, gap_days: int | None = None, clock: Clock = "gap") -> Spells:
        """Return the client's spells; `gap_days` and `clock` vary the lapse rule."""
        secret = _secret(self)
        with _named(self.slug):
            return read_data(
                self.folder, self.toml.data, secret=secret, gap_days=gap_days, clock=clock
            )

    def beside(self) -> Beside:
        """Return the tables beside the main one: events, offers, prices."""
        if not {"events", "offers", "prices"} & set(self.toml.data.deliveries):
            return Beside()
        with _named(self.slug):
            return read_beside(self.folder, self.toml.data, secret=_secret(self))

    def keep_rejected(self, spells: Spells, beside: Beside | None = None) -> None:
        """Write the rows not used, and why, to rejected.csv of the report being made (owner-only).

        Outside a report run it does nothing: then they are at hand as `spells.rejected`.
        """
        folder = os.environ.get(PRODUCTS)
        if not folder:
            return
        others = [
            *([spells.listed] if spells.listed else []),
            *(beside or Beside()).tables.values(),
        ]
        rejected = stacked([spells.rejected, *(table.rejected for table in others)])
        path = Path(folder) / "rejected.csv"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            rejected.to_csv(file, index=False, lineterminator="\n")


@contextmanager
def _named(client: str) -> Iterator[None]:
    """Let a remedy say `client` where those who read tables do not know whose they are."""
    try:
        yield
    except DataError as error:
        if CHECK not in error.remedy:
            raise
        remedy = error.remedy.replace(CHECK, CHECK.replace("NAME", client))
        raise DataError(error.what, where=error.where, rows=error.rows, remedy=remedy) from error


def _secret(study: Study) -> bytes:
    """Return the key of the client's pseudonyms, made where there is none yet."""
    return secret_of(study.workspace.root, study.slug)


def read_study(
    client: str,
    *,
    workspace: Workspace | None = None,
    language: str = "",
    created: date | None = None,
) -> Study:
    """Return the study of a client of the nearest workspace.

    `client` is the slug: the name of its TOML. `language` is one of the client's (the first by
    default), `created` the date printed on the report (by default that of the data). ParameterError
    for an unknown client or language, SchemaError for a wrong TOML.
    """
    workspace = workspace or nearest_workspace()
    path = workspace.toml(client)
    toml = read_client(path)
    language = language or toml.client.languages[0]
    if language not in toml.client.languages:
        raise ParameterError(
            f"no report of `{client}` is made in `{language}`",
            where=path.name,
            remedy=nearest(language, toml.client.languages),
        )
    study = Study(
        slug=client,
        workspace=workspace,
        toml=toml,
        source=None,
        language=language,
        created=created or toml.client.as_of,
    )
    return replace(study, source=_source(study))


def _source(study: Study) -> Source | None:
    note = study.folder / "SOURCE.toml"
    if not note.is_file():
        return None
    source = read_source(note)
    texts = [source.title, source.description, source.origin, source.licence]
    check_texts(texts, study.languages, f"{study.folder.name}/SOURCE.toml")
    return source


def read_spells(client: str | Study) -> Spells:
    """Return the spells of a client, given as slug, as path of its TOML, or as a study."""
    if isinstance(client, Study):
        return client.spells()
    if not client.endswith(".toml"):
        return read_study(client).spells()
    path = Path(client).resolve()
    workspace = Workspace(path.parent.parent)
    if path.parent != workspace.clients.resolve():
        raise ParameterError(
            "a client's TOML lies in the folder clients/ of a workspace",
            where=client,
            remedy="Put it there, or name the client.",
        )
    return read_study(path.stem, workspace=workspace).spells()


def read_tables(study: Study) -> tuple[Spells, Beside]:
    """Return a study's spells and the tables beside them, in one engine: so they can be joined."""
    with _named(study.slug):
        return read_both(study.folder, study.toml.data, secret=_secret(study))


def read_purchases(study: Study) -> Purchases:
    """Return the purchases of a study day by day, with amounts and places where its TOML has them.

    ParameterError where the client has no purchases; DataError as for its spells.
    """
    data, secret = study.toml.data, _secret(study)
    table = data.transactions
    amount, place = (table.amount, table.place) if table else ("", "")
    with _named(study.slug):
        return read_bought(study.folder, data, amount=amount, place=place, secret=secret)
