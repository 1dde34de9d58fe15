"""The data of a report: where they come from, what became of every row, what the checks found."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.parts import amount, unit
from stammkunde.result import Finding, Label, Sentence, Status
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import SideTable, Spells
from stammkunde.study import Study

# Beyond this share rejected rows lead the report, also where the client allows more of them.
MANY_REJECTED = 0.05
# What the checks may find that bends how long customers seem to stay.
CAUTIONS = ("probable_truncation",)


def data(study: Study, spells: Spells, beside: Beside | None = None) -> Section:
    """Return the section on the data: where they come from, every row accounted for, all checks.

    `beside` are the tables beside the main one.
    """
    tally = spells.tally
    words = {
        "file": study.toml.data.table.delivery.name,
        "read": tally.read,
        "used": tally.used,
        "never": tally.never_at_risk,
        "rejected": tally.rejected,
        "persons": spells.persons,
        "spells": spells.spells,
        "unit": unit(spells.unit, case="dative"),
        "rows": amount("rows", tally.read),
        "heads": amount("persons", spells.persons),
        "times": amount("spells", spells.spells),
        "count": spells.persons,
    }
    paragraphs = [*_source(study), Sentence("data.sum", words), Sentence("data.heads", words)]
    counted = Finding(
        id="lifetimes.counted",
        status=Status.MEASURED,
        sentence=Sentence("data.counted", words),
        importance=0.05,
    )
    if study.toml.data.transactions is not None:
        paragraphs.append(Sentence("data.weight"))
    tables = [_rows(spells, words), *_beside(study, spells, beside), *_checks(spells, beside)]
    findings = [counted, *_many_rejected(spells), *_cautions(spells)]
    heading = Sentence("appendix.heading.data")
    return Section(
        id="appendix.data",
        heading=heading,
        findings=findings,
        paragraphs=paragraphs,
        tables=tables,
    )


def _many_rejected(spells: Spells) -> list[Finding]:
    """Return a caution where more than a twentieth of the rows could not be used."""
    tally = spells.tally
    if tally.rejected <= MANY_REJECTED * tally.read:
        return []
    commonest = str(spells.rejected.iloc[:, 3].value_counts().index[0])
    words: dict[str, object] = {"rejected": tally.rejected, "read": tally.read}
    words |= {"share": tally.rejected / tally.read, "why": Sentence(f"check.{commonest}")}
    return [_caution("rejected", words)]


def _caution(name: str, words: Mapping[str, object]) -> Finding:
    return Finding(
        id=f"lifetimes.{name}",
        status=Status.MEASURED,
        sentence=Sentence(f"caution.{name}", words),
        headline=Sentence(f"caution.headline.{name}", words),
        importance=0.97,
        caution=True,
    )


def _cautions(spells: Spells) -> list[Finding]:
    """Return what the checks found that may bend the answers of this chapter."""
    found = {f.check: f for f in spells.found if f.check in CAUTIONS}
    return [_caution(name, dict(f.values) | {"rows": f.rows}) for name, f in found.items()]


def _beside(study: Study, spells: Spells, beside: Beside | None) -> list[Table]:
    """Return the sums of the tables beside the main one, where there are any."""
    rows = []
    for section, source in _others(spells, beside).items():
        t, where = source.tally, study.toml.data.deliveries[section].name
        counts = (t.read, t.used, t.never_at_risk, t.rejected)
        rows.append((Sentence(f"tables.{section}"), where, *counts))
    texts = [Column(f"beside.{name}", "text") for name in ("table", "file")]
    numbers = [Column(f"beside.{name}", "int") for name in ("read", "used", "never", "rejected")]
    table = Table(
        id="appendix.beside",
        caption=Sentence("beside.caption"),
        columns=[*texts, *numbers],
        rows=rows,
    )
    return [table] if rows else []


def _others(spells: Spells, beside: Beside | None) -> dict[str, SideTable]:
    listed = {"persons": spells.listed} if spells.listed else {}
    return listed | (beside.tables if beside else {})


def _checks(spells: Spells, beside: Beside | None) -> list[Table]:
    """Return what the checks of all tables found, where they found anything."""
    others = _others(spells, beside).values()
    # the rows that were set aside stand above, in the sum of the main table
    own = [f for f in spells.found if f.severity != "error"]
    found = [*own, *(f for source in others for f in source.found)]
    rows = [
        (
            Sentence(f"found.{f.check}", {**f.values, "count": f.values.get("wrong", 0)}),
            Sentence(f"tables.{f.table}"),
            Sentence(f"severity.{f.severity}"),
            f.rows,
        )
        for f in found
    ]
    texts = [Column(f"found_table.{name}", "text") for name in ("check", "table", "severity")]
    table = Table(
        id="appendix.checks",
        caption=Sentence("found_table.caption"),
        columns=[*texts, Column("found_table.rows", "int")],
        rows=rows,
    )
    return [table] if rows else []


def _rows(spells: Spells, words: Mapping[str, object]) -> Table:
    """Return what became of every row delivered, and why some were rejected."""
    tally = spells.tally
    rows = [(Sentence("data.read"), tally.read), (Sentence("data.used"), tally.used)]
    rows += [
        (Sentence("data.never"), tally.never_at_risk),
        (Sentence("data.rejected"), tally.rejected),
    ]
    counts = spells.rejected.iloc[:, 3].value_counts().sort_index()
    rows += [(Sentence(f"check.{name}"), int(n)) for name, n in counts.items()]
    return Table(
        id="appendix.rows",
        caption=Sentence("data.caption", words),
        columns=[Column("data.what", "text"), Column("data.rows", "int")],
        rows=rows,
    )


def _source(study: Study) -> list[Sentence]:
    source = study.source
    if source is None:
        return [Sentence("data.no_source", {"folder": study.folder.name})]
    words = {
        "title": _text(source.title),
        "description": _text(source.description),
        "origin": _text(source.origin),
        "licence": _text(source.licence),
        "nature": Sentence(f"ui.nature.{source.nature}"),
    }
    return [Sentence("data.source", words), Sentence("data.origin", words)]


def _text(texts: Mapping[str, str]) -> Label:
    return Label(next(iter(texts.values()), ""), dict(texts))
