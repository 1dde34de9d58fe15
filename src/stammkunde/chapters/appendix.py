"""The appendix: the data and what was not used of them, the method in plain words, a re-run."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.declared import declared
from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.parts import amount, least_at_risk, unit
from stammkunde.result import Sentence
from stammkunde.study import Study

TERMS = ("stay", "at_risk", "interval", "mean", "median", "hazard", "status", "censored")


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
        "few": amount("persons", toml.report.smallest_group),
        "at_risk": least_at_risk(study),
    }
    keys = [f"method.{kind}", "method.rule", "method.curve", "method.interval", "method.persons"]
    keys += ["method.mean", "method.smooth", "method.compare", "method.status", "method.sources"]
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
