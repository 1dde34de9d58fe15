"""The appendix: the data and what was not used of them, the method in plain words, a re-run."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.declared import declared
from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.parts import unit
from stammkunde.result import Finding, Label, Sentence, Status
from stammkunde.spells.spells import Spells
from stammkunde.study import Study

MOST_REJECTED = 0.05
TERMS = ("stay", "at_risk", "interval", "mean", "median", "hazard", "status", "censored")


def data(study: Study, spells: Spells) -> Section:
    """Return the section on the data: where they come from, and every row accounted for."""
    tally = spells.tally
    words = {
        "file": study.data_files[0].name,
        "read": tally.read,
        "used": tally.used,
        "never": tally.never_at_risk,
        "rejected": tally.rejected,
        "persons": spells.persons,
        "spells": spells.spells,
        "unit": unit(spells.unit, case="dative"),
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
    table = _rows(spells, words)
    findings = [counted, *_many_rejected(spells)]
    heading = Sentence("appendix.heading.data")
    return Section(
        id="appendix.data",
        heading=heading,
        findings=findings,
        paragraphs=paragraphs,
        tables=[table],
    )


def _many_rejected(spells: Spells) -> list[Finding]:
    """Return a caution where more than a twentieth of the rows could not be used."""
    tally = spells.tally
    if tally.rejected <= MOST_REJECTED * tally.read:
        return []
    commonest = str(spells.rejected.iloc[:, 1].value_counts().index[0])
    words: dict[str, object] = {"rejected": tally.rejected, "read": tally.read}
    words |= {"share": tally.rejected / tally.read, "why": Sentence(f"check.{commonest}")}
    return [
        Finding(
            id="lifetimes.rejected",
            status=Status.MEASURED,
            sentence=Sentence("caution.rejected", words),
            headline=Sentence("caution.headline.rejected", words),
            importance=0.97,
            caution=True,
        )
    ]


def _rows(spells: Spells, words: Mapping[str, object]) -> Table:
    """Return what became of every row delivered, and why some were rejected."""
    tally = spells.tally
    rows = [(Sentence("data.read"), tally.read), (Sentence("data.used"), tally.used)]
    rows += [
        (Sentence("data.never"), tally.never_at_risk),
        (Sentence("data.rejected"), tally.rejected),
    ]
    counts = spells.rejected["check"].value_counts().sort_index()
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


def appendix(
    study: Study, *, hashes: Mapping[str, str], versions: Mapping[str, str]
) -> list[Section]:
    """Return what follows the chapters: method, terms, and how to make the report again.

    `hashes` maps file names to the SHA-256 of their contents, `versions` packages to versions.
    """
    return [declared(study), _method(study), _terms(), _rerun(study, hashes, versions)]


def _method(study: Study) -> Section:
    toml = study.toml
    kind = (
        "contracts" if toml.data.contracts else "snapshot" if toml.data.snapshot else "transactions"
    )
    words = {
        "unit": unit(toml.data.window.unit, 1),
        "one": unit(toml.data.window.unit, 1),
        "days": toml.data.lapse.gap_days if toml.data.lapse else 0,
        "least": toml.report.smallest_group,
    }
    keys = [f"method.{kind}", "method.rule", "method.curve", "method.interval", "method.persons"]
    keys += ["method.mean", "method.compare", "method.status", "method.sources"]
    return Section(
        id="appendix.method",
        heading=Sentence("appendix.heading.method"),
        paragraphs=[Sentence(key, words) for key in keys],
    )


def _terms() -> Section:
    rows = [(Sentence(f"term.{name}.name"), Sentence(f"term.{name}.text")) for name in TERMS]
    table = Table(
        id="appendix.terms",
        caption=Sentence("appendix.terms_caption"),
        columns=[Column("appendix.term", "text"), Column("appendix.meaning", "text")],
        rows=rows,
    )
    return Section(
        id="appendix.glossary", heading=Sentence("appendix.heading.terms"), tables=[table]
    )


def _rerun(study: Study, hashes: Mapping[str, str], versions: Mapping[str, str]) -> Section:
    columns = [Column("appendix.name", "text"), Column("appendix.mark", "text")]
    rows: list[tuple[object, ...]] = [(name, digest[:16]) for name, digest in hashes.items()]
    rows += [(name, version) for name, version in versions.items()]
    table = Table(
        id="appendix.versions",
        caption=Sentence("appendix.versions_caption"),
        columns=columns,
        rows=rows,
    )
    return Section(
        id="appendix.rerun",
        heading=Sentence("appendix.heading.rerun"),
        paragraphs=[
            Sentence("appendix.command", {"command": f"stammkunde report {study.slug}"}),
            Sentence("appendix.same"),
        ],
        tables=[table],
    )
