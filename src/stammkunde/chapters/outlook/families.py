"""Which families of curves were fitted, how they weigh, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.lifetimes.regimes import name_of
from stammkunde.chapters.outlook.naming import family_name, problem_of
from stammkunde.chapters.outlook.older import told_of, untried
from stammkunde.chapters.outlook.read import Ahead, Future, told
from stammkunde.chapters.outlook.values import Part, Stock, each
from stammkunde.chapters.parts import lead, results, unit
from stammkunde.result import Estimate, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.projection.choice import Choice, Outlook, choose, outlook
from stammkunde.survival.projection.families import FAMILIES
from stammkunde.survival.projection.worth import lifetime

# below it a weight is none
LEAST_WEIGHT = 0.005


def families(study: Study, found: Future) -> Section:
    """Return the section of the appendix on the families: weights, criteria, problems, spread.

    Where the families are those of a contract, the smooth ones stand beside them for comparison:
    they know no ends of terms, and no number of this report rests on them. Those of customers under
    older terms, who are in the base, have a table for each of their terms.
    """
    heading = Sentence("outlook.heading.families")
    main = found.main
    if main is None:
        why = Sentence("outlook.left_out.not_projected")
        return Section(id="appendix.families", heading=heading, left_out=why, needed=False)
    beside = choose(main.table, tuple(FAMILIES.values())) if main.plan.ends else None
    used = _means(study, found, main, main.choice)
    others = _means(study, found, main, beside) if beside else {}
    likely = _likely(main.choice, used)
    said = [e.value or 0.0 for e in likely]
    name = main.table.unit
    words = {
        "lead": found.lead or lead(study),
        "least": min(said),
        "most": max(said),
        "count": len(said),
        "span": found.horizon,
        "unit": unit(name, found.horizon, "dative"),
        "units": unit(name),
        "events": int(main.choice.fits[0].events.sum()),
    }
    older = {n: _alone(study, found, n) for n in found.base if n != found.today}
    return Section(
        id="appendix.families",
        heading=heading,
        paragraphs=[Sentence("outlook.spread", words), Sentence("outlook.weighing")],
        tables=[
            _table(main.choice, used, beside, others, words),
            *(_older(found, n, own, words) for n, own in older.items() if own),
        ],
        results=[
            *_results(found, main.choice, used),
            *_results(found, beside, others),
            *(r for n, own in older.items() for r in _older_results(found, n, own)),
        ],
    )


def _alone(study: Study, found: Future, key: str) -> dict[str, Estimate]:
    """Return the further units of who is there under older terms as each family alone has them."""
    ahead = found.base[key]
    heads, told_by = int(ahead.there.sum()), {}
    if heads < study.toml.report.smallest_group:
        return {}
    for fit in ahead.choice.fits:
        name, plan = fit.family.name, ahead.plan
        span = ahead.table.length + found.horizon
        one = Choice((fit,), np.ones(1), {})
        look = outlook(ahead.table, one, span, reach=plan.reach, given=ahead.given)
        total = Stock([Part(look, ahead.there)], ahead.table.unit).units(found.horizon)
        own = told_of(study, each(total, heads), found, (key,))
        told_by[name] = replace(own, method=f"counted, then {name}")
    return told_by


def _older(
    found: Future, key: str, own: Mapping[str, Estimate], words: Mapping[str, object]
) -> Table:
    """Return the table of the families of who is there under older terms."""
    assert found.under is not None
    choice = found.base[key].choice
    columns = [
        Column("outlook.column.family", "text"),
        Column("outlook.column.weight", "percent0"),
        Column("outlook.column.aic", "n1"),
        Column(Sentence("outlook.column.further", words), "n1"),
        Column("outlook.column.problem", "text"),
    ]
    rows: list[tuple[object, ...]] = []
    for i in np.argsort(-choice.weights, kind="stable"):
        fit, weight = choice.fits[i], float(choice.weights[i])
        rows.append((family_name(fit.family.name), weight, fit.aic, own[fit.family.name], None))
    for name, why in choice.left_out.items():
        rows.append((family_name(name), None, None, None, problem_of(why)))
    terms = Sentence("outlook.caption.families_older", {"terms": name_of(found.under, key)})
    note = "untried" if key in untried(found) else "older"
    return Table(
        id=f"families.{key}",
        caption=terms,
        columns=columns,
        rows=rows,
        note=Sentence(f"outlook.note.families_{note}"),
    )


def _older_results(found: Future, key: str, own: Mapping[str, Estimate]) -> list[Result]:
    """Return further units and weights by family of who is there under older terms."""
    choice, lines = found.base[key].choice, []
    for fit, weight in zip(choice.fits, choice.weights, strict=True) if own else ():
        group = {"terms": key, "family": fit.family.name}
        further = own[fit.family.name]
        lines += results("outlook.base", {f"further.{found.horizon}": further}, group)
        lines += results("outlook", {"weight": _weight(further, float(weight))}, group)
    return lines


def _weight(like: Estimate, weight: float) -> Estimate:
    none = {"low": None, "high": None, "se": None, "reason": "no interval: a weight"}
    share = replace(like, value=weight, unit="share", **none)  # type: ignore[arg-type]
    return replace(share, method="tempered Akaike weight", status=Status.ESTIMATED)


def _means(study: Study, found: Future, main: Ahead, choice: Choice) -> dict[str, Estimate]:
    """Return the expected stay within the horizon as each family alone has it."""
    alone = {f.family.name: Choice((f,), np.ones(1), {}) for f in choice.fits}
    looks: dict[str, Outlook] = {
        n: outlook(main.table, c, found.horizon, reach=main.plan.reach) for n, c in alone.items()
    }
    return {
        n: told(study, replace(lifetime(look, found.horizon), method=f"counted, then {n}"), found)
        for n, look in looks.items()
    }


def _likely(choice: Choice, means: Mapping[str, Estimate]) -> list[Estimate]:
    pairs = zip(choice.fits, choice.weights, strict=True)
    return [means[f.family.name] for f, w in pairs if w >= LEAST_WEIGHT]


def _table(
    choice: Choice,
    used: Mapping[str, Estimate],
    beside: Choice | None,
    others: Mapping[str, Estimate],
    words: Mapping[str, object],
) -> Table:
    columns = [
        Column("outlook.column.family", "text"),
        Column("outlook.column.weight", "percent0"),
        Column("outlook.column.numbers", "int"),
        Column("outlook.column.aic", "n1"),
        Column("outlook.column.bic", "n1"),
        Column(Sentence("outlook.axis", words), "n1"),
        Column("outlook.column.problem", "text"),
    ]
    rows = _rows(choice, used, True)
    rows += _rows(beside, others, False) if beside else []
    note = "compared" if beside else "plain"
    return Table(
        id="appendix.families",
        caption=Sentence("outlook.caption.families", words),
        columns=columns,
        rows=rows,
        note=Sentence(f"outlook.note.families_{note}", words),
    )


def _rows(choice: Choice, means: Mapping[str, Estimate], is_used: bool) -> list[tuple[object, ...]]:
    order = np.argsort(-choice.weights, kind="stable")
    rows: list[tuple[object, ...]] = []
    for fit, weight in ((choice.fits[i], float(choice.weights[i])) for i in order):
        name = fit.family.name
        numbers = (fit.shared.size, fit.aic, fit.bic, means[name])
        rows.append((family_name(name), weight if is_used else None, *numbers, None))
    for name, why in choice.left_out.items():
        rows.append((family_name(name), None, None, None, None, None, problem_of(why)))
    return rows


def _results(found: Future, choice: Choice | None, means: Mapping[str, Estimate]) -> list[Result]:
    """Return means and weights by family; a family of no use here has no weight."""
    if choice is None:
        return []
    terms = {} if found.under is None else {"terms": found.today}
    lines = []
    assert found.main is not None
    is_used = choice is found.main.choice
    for fit, weight in zip(choice.fits, choice.weights, strict=True):
        name = fit.family.name
        own = {f"lifetime.{found.horizon}": means[name]}
        if is_used:
            own["weight"] = _weight(means[name], float(weight))
        lines += results("outlook", own, terms | {"family": name})
    return lines
