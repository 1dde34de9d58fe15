"""The assumptions, as a table in the report and in full in the workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from stammkunde.chapters.exhibit import Column, Name, Section, Table
from stammkunde.chapters.policies.book.clauses import joined, kind_of, listed
from stammkunde.chapters.policies.book.worded import assumption_title, field_of, in_unit, texts_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.ledger import Assumption, Source
from stammkunde.policy.offers.given import assumed as assumed_by
from stammkunde.result import Label, Sentence
from stammkunde.study import Study

ID = "policy.assumptions"
UNITS = ("share", "hazard", "ratio", "count", "month")
# keys of the setting that name something else than a number
NO_NUMBERS = ("comparator", "segments")
FULL = {"name": "text", "title": "text", "value": "n4", "low": "n4", "high": "n4", "mean": "n4"}
FULL |= {"law": "text", "unit": "text", "source": "text", "says": "text", "when": "date"}
FULL |= {"why": "text", "used": "text"}


def assumed(decision: Decision) -> Section:
    """Return the ledger: each number with its range, who says it, when and why, and where it acts.

    Left out where nothing is assumed.
    """
    heading, ledger = Sentence("book.assumptions.heading"), decision.ledger
    if not ledger.assumptions:
        why = Sentence("book.assumptions.none")
        return Section(id=ID, heading=heading, left_out=why, needed=False)
    typed = [a for a in ledger.assumptions if a.source != Source.ESTIMATED]
    opening = [Sentence("book.assumptions.opening", {"count": len(typed)})] if typed else []
    tables = [*([_short(decision, typed)] if typed else []), _full(decision)]
    if ledger.correlations:
        tables.append(_correlations(decision))
    return Section(id=ID, heading=heading, opening=opening, tables=tables)


def _short(decision: Decision, typed: Sequence[Assumption]) -> Table:
    """Return the table of what somebody assumed; shares that were counted stand in the workbook."""
    study = decision.study
    return Table(
        id=ID,
        caption=Sentence("book.assumptions.caption"),
        columns=[Column(f"book.column.{n}", "text") for n in ("title", "range", "used", "says")],
        rows=[
            (
                assumption_title(study, a.name),
                _range(a, decision.currency),
                _used(decision, a.name, by_policy=False),
                _by_whom(study, a),
            )
            for a in typed
        ],
        note=Sentence("book.assumptions.note"),
    )


def _full(decision: Decision) -> Table:
    study = decision.study
    rows = []
    for a in decision.ledger.assumptions:
        low, high = a.limits
        is_estimated = a.source == Source.ESTIMATED
        words = (
            Sentence(f"book.law.{a.law}"),
            _unit(a),
            Sentence(f"book.source.{a.source}"),
            Sentence("book.says.counted") if is_estimated else texts_of(study, a, "says"),
            a.when,
            (texts_of(study, a, "why") if a.why else None),
            _used(decision, a.name),
        )
        title = assumption_title(study, a.name)
        rows.append((a.name, title, a.value, low, high, a.mean(), *words))
    return Table(
        id=f"{ID}.full",
        caption=Sentence("book.assumptions.full"),
        columns=[Column(f"book.column.{n}", form) for n, form in FULL.items()],
        rows=rows,
        note=Sentence("book.assumptions.laws"),
        in_report=False,
    )


def _correlations(decision: Decision) -> Table:
    study = decision.study
    forms = {"first": "text", "second": "text", "rho": "n2"}
    return Table(
        id="policy.correlations",
        caption=Sentence("book.correlations.caption"),
        columns=[Column(f"book.column.{n}", form) for n, form in forms.items()],
        rows=[
            (assumption_title(study, c.first), assumption_title(study, c.second), c.rho)
            for c in decision.ledger.correlations
        ],
        note=Sentence("book.correlations.note"),
        in_report=False,
    )


def _range(a: Assumption, currency: str) -> Sentence:
    """Return the number with its low and high; a fixed one alone."""
    value = in_unit(a.value, a.unit, currency)
    if a.limits[0] == a.limits[1]:
        return value
    low, high = (in_unit(x, a.unit, currency) for x in a.limits)
    return Sentence("book.range", {"value": value, "low": low, "high": high})


def _unit(a: Assumption) -> Name | None:
    """Return the word for the unit of an assumption; None where it has none."""
    return Sentence(f"book.unit.{a.unit}") if a.unit in UNITS else Label(a.unit) if a.unit else None


def _by_whom(study: Study, a: Assumption) -> Sentence:
    return Sentence("book.says.by", {"says": texts_of(study, a, "says"), "when": a.when})


def _used(decision: Decision, name: str, *, by_policy: bool = True) -> Name:
    """Return where an assumption acts: elements, with their policies, the setting, the rivals."""
    acts: dict[tuple[str, str], list[str]] = {}
    for policy, kind, field in _in_policies(decision, name):
        acts.setdefault((kind, field), []).append(policy)
    found: list[Name] = []
    for (kind, field), policies in acts.items():
        words: dict[str, Name] = {"kind": Sentence(f"book.kind.{kind}")}
        words["field"] = Sentence(f"book.field.{field}")
        words["policies"] = listed(decision.title(p) for p in dict.fromkeys(policies))
        found.append(Sentence(f"book.used.{'policy' if by_policy else 'element'}", words))
    toml = decision.study.toml
    for part, where in ((toml.setting, "setting"), (toml.rival, "rival")):
        keys = [f.name for f in fields(part) if getattr(part, f.name) == name] if part else []
        found += [Sentence(f"book.{where}.{key}") for key in keys if key not in NO_NUMBERS]
    return joined(found) or Sentence("book.used.nowhere")


def _in_policies(decision: Decision, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the policy, the kind of element and the field in which an assumption stands."""
    for policy in decision.policies:
        for _, element in policy.all():
            for path, given in assumed_by(element):
                if given == name:
                    yield policy.name, kind_of(element), field_of(path)
