"""Persons, not contracts: who of the new are old ones, and how long is a person a customer?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stammkunde.chapters.exhibit import Column, Figure, Line, Section, Table
from stammkunde.chapters.lifetimes.again import order_finding, order_of, order_results
from stammkunde.chapters.parts import (
    assumptions,
    mean_horizon,
    remarks,
    results,
    standing,
    survival_figure,
    too_few,
    unit,
)
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.spells.from_first import from_first
from stammkunde.spells.person_clock import on_person_clock
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.persons import Signups, occupancy, paid_units, signups
from stammkunde.survival.table import life_table

NAME, TABLE = "lifetimes.persons", "lifetimes.signups"
MANY = 0.02


@dataclass(frozen=True)
class Paid:
    """Units as a customer within `span`, by person and by spell, and the curves they come from."""

    span: int
    person: Estimate
    spell: Estimate
    occupancy: Curve
    survival: Curve


def persons(study: Study, spells: Spells) -> Section:
    """Return the section on persons with several contracts: returners, and months by person.

    Months by person are those of the persons seen from their first day, the gaps left out and the
    returns included, beside the months of the same persons' spells. Left out without days, where
    the data do not say whose a contract is, where nobody signed up twice, and under a lapse rule.
    """
    heading = Sentence("persons.heading")
    why = _missing(study, spells)
    if why:
        needed = why != "rule"
        left_out = Sentence(f"persons.left_out.{why}")
        return Section(id=NAME, heading=heading, left_out=left_out, needed=needed)
    found = signups(spells, study.toml.data.spells.return_days)
    shares = _shares(study, found)
    if shares["returns"].value is None:
        left_out = Sentence("persons.left_out.too_few")
        return Section(id=NAME, heading=heading, left_out=left_out)
    paid = _paid(study, spells)
    order = order_of(study, spells)
    told = order_finding(order)
    findings = [_returns(study, found, shares)]
    findings += [_paid_finding(study, paid)] if paid else []
    return Section(
        id=NAME,
        heading=heading,
        findings=[*findings, *([told] if told else [])],
        figures=[_figure(study, paid)] if paid else [],
        tables=[_table(study, found, shares)],
        results=[
            *results(NAME, shares),
            *(_paid_results(paid) if paid else ()),
            *order_results(order),
        ],
    )


def _missing(study: Study, spells: Spells) -> str:
    """Return why persons cannot be told from contracts, "" where they can."""
    data = study.toml.data
    if data.transactions is not None:
        return "rule"
    if spells.close is None:
        return "no_dates"
    if data.contracts is not None and not data.contracts.person:
        return "no_person"
    return "" if spells.repeats else "once"


def _shares(study: Study, found: Signups) -> dict[str, Estimate]:
    """Return what can be shown of the sign-ups, with the status that the data allow.

    A kind with few sign-ups would be a small group: it is left out, with the others of its sum.
    """
    least = study.toml.report.smallest_group
    kinds = {k: getattr(found, k) for k in ("within", "later", "before")}
    few = any(0 < (e.events or 0) < least for e in kinds.values())
    shown = {"per_person": found.per_person, "returns": found.returns}
    shown |= {} if few or not study.toml.data.spells.return_days else kinds
    if (found.parallel.events or 0) >= least:
        shown["parallel"] = found.parallel
    assumed = assumptions(study)
    status = Status.ESTIMATED if assumed else Status.MEASURED
    return {k: replace(e, status=status, assumptions=assumed) for k, e in shown.items()}


def _returns(study: Study, found: Signups, shares: Mapping[str, Estimate]) -> Finding:
    back = shares["returns"]
    words: dict[str, object] = {
        **shares,
        "signups": found.signups,
        "days": found.return_days,
        "day": study.toml.data.window.open,
    }
    later = shares.get("later")
    key = "plain" if later is None else "parts" if later.events else "soon"
    words["when"] = Sentence(f"persons.when.{key}", words)
    told = "none" if not back.events else "returns"
    unseen = (Sentence("persons.unseen", words),) if study.toml.data.window.open else ()
    return Finding(
        id=f"{NAME}.returns",
        status=back.status,
        assumptions=back.assumptions,
        sentence=Sentence(f"persons.{told}", words),
        importance=0.5 if (back.value or 0) >= MANY else 0.2,
        remarks=(*unseen, *remarks(back)),
        questions=(6,),
        table=TABLE,
    )


def _paid(study: Study, spells: Spells) -> Paid | None:
    """Return months by person and by spell; None where too few were seen from their first day."""
    same = from_first(spells)
    if same.persons < study.toml.report.smallest_group:
        return None
    watched = standing(study, occupancy(life_table(on_person_clock(same))))
    survival = standing(study, kaplan_meier(life_table(same)))
    if too_few(study, watched) or too_few(study, survival):
        return None
    span = mean_horizon(study, min(watched.observed_to, survival.observed_to))
    person, spell = paid_units(watched, span), survival.rmst(span)
    known = person.value is not None and spell.value is not None
    return Paid(span, person, spell, watched, survival) if known else None


def _paid_words(paid: Paid) -> dict[str, object]:
    return {
        "paid": paid.person,
        "each": paid.spell,
        "span": paid.span,
        "unit": unit(paid.person.unit, paid.span, "dative"),
        "units": unit(paid.person.unit),
        "units_in": unit(paid.person.unit, 2, "dative"),
        "level": paid.person.level,
    }


def _verdict(paid: Paid) -> str:
    """Return whether persons are customers for longer than a spell lasts, beyond both doubts."""
    person, spell = paid.person, paid.spell
    if None in (person.low, person.high, spell.low, spell.high):
        return "same"
    if (person.low or 0) > (spell.high or 0):
        return "more"
    return "less" if (person.high or 0) < (spell.low or 0) else "same"


def _paid_finding(study: Study, paid: Paid) -> Finding:
    key = _verdict(paid)
    seen = (Sentence("persons.seen"),) if study.toml.data.window.open else ()
    return Finding(
        id=f"{NAME}.paid",
        status=paid.person.status,
        assumptions=paid.person.assumptions,
        sentence=Sentence(f"persons.paid.{key}", _paid_words(paid)),
        importance=0.2 if key == "same" else 0.45,
        remarks=(*seen, *remarks(paid.person)),
        questions=(1, 6),
        figure=NAME,
    )


def _figure(study: Study, paid: Paid) -> Figure:
    words = _paid_words(paid)
    lines = [
        Line(paid.occupancy, Sentence("persons.line.person")),
        Line(paid.survival, Sentence("persons.line.spell")),
    ]
    figure = survival_figure(
        NAME,
        lines,
        study=study,
        title=Sentence(f"persons.figure.{_verdict(paid)}", words),
        alt=Sentence("persons.alt", words),
        shared=True,
    )
    y = Sentence("persons.axis")
    return replace(figure, subtitle=Sentence("persons.subtitle", words), y=y)


def _table(study: Study, found: Signups, shares: Mapping[str, Estimate]) -> Table:
    kinds = [k for k in ("within", "later", "before") if k in shares] or ["returns"]
    kinds += ["parallel"] if "parallel" in shares else []
    words = {"days": found.return_days, "day": study.toml.data.window.open}
    rows: list[tuple[object, ...]] = [
        (Sentence(f"persons.kind.{k}", words), shares[k].events, shares[k])
        for k in kinds
        if shares[k].events
    ]
    rows.append((Sentence("persons.kind.all"), found.signups, None))
    columns = [
        Column("persons.column.kind", "text"),
        Column("persons.column.signups", "int"),
        Column("persons.column.share", "percent1"),
    ]
    return Table(id=TABLE, caption=Sentence("persons.caption"), columns=columns, rows=rows)


def _paid_results(paid: Paid) -> list[Result]:
    key = f"paid.{paid.span}"
    naive = {key: paid.spell.value} if paid.spell.value is not None else {}
    found = {key: paid.person, f"spell.rmst.{paid.span}": paid.spell}
    return results(NAME, found, naive=naive)
