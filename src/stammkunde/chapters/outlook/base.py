"""The customers there are: how long they will still stay, and what one rate for all would miss."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.outlook.apart import TOGETHER, Name, Row, apart, between, worst_of
from stammkunde.chapters.outlook.older import older_remark, told_of
from stammkunde.chapters.outlook.read import Future
from stammkunde.chapters.outlook.usual import missed, one_rate, rate_error, verdict
from stammkunde.chapters.outlook.values import Stock, each, stock_of, together
from stammkunde.chapters.outlook.worth_money import money_missed
from stammkunde.chapters.parts import amount, is_contradicted, lead, results, unit
from stammkunde.chapters.reasons.names import level_name, title_of
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.projection.worth import A_YEAR

# years of tenure at which bands begin; beyond what anybody would tell apart
BANDS = (0, 1, 2, 3, 5, 10)
FOREVER = 10**9


def base(study: Study, found: Future) -> Section:
    """Return the section on today's customers: how long each will still stay within the horizon.

    Customers under old and new terms are projected apart; all, by how long they have stayed, and by
    group. Discounted where the TOML declares an interest. Beside it what the usual calculation with
    one rate of leaving misses; where groups, added up, contradict all together, only that it stays
    open. Who has not completed a unit is in no count. Left out where nothing can be projected.
    """
    heading = Sentence("outlook.heading.base")
    if not found.base or not (stock := stock_of(found.base)).customers:
        why = Sentence("outlook.left_out.not_projected")
        return Section(id="outlook.base", heading=heading, left_out=why, needed=False)
    numbers, naive = _numbers(study, found, stock)
    words = _words(study, found, stock, numbers) | {"naive": naive["further"]}
    rows = [*_by_tenure(study, found, stock), *_by_group(study, found)]
    if worst := worst_of(rows, numbers["further"]):
        words |= between(worst, numbers["further"])
        findings = [_mean(study, found, words, "open"), apart(study, words)]
    else:
        findings = [_mean(study, found, words, "further")]
        findings += _missed(study, found, numbers["ignoring"], words)
        if "discounted" in numbers:
            findings.append(_discounted(study, numbers["discounted"], words))
    return Section(
        id="outlook.base",
        heading=heading,
        findings=findings,
        tables=[_table(rows, words)],
        results=_results(found, numbers, naive, rows),
    )


def _numbers(
    study: Study, found: Future, stock: Stock
) -> tuple[dict[str, Estimate], dict[str, float]]:
    """Return the numbers of all customers, and what one rate for all would say of them."""
    span, interest = found.horizon, study.toml.data.money.interest
    total = told_of(study, stock.units(span), found)
    tables = [a.table for a in found.base.values()]
    wrong, error = one_rate(tables, stock, span), rate_error(tables, stock, span)
    numbers = {
        "units_all": total,
        "further": each(total, stock.customers),
        "ignoring": missed(wrong, error, total),
        "customers": replace(
            total,
            value=float(stock.customers),
            low=None,
            high=None,
            se=None,
            unit="count",
            method="counted",
            status=Status.MEASURED,
            assumptions=(),
            reason="no interval: a count",
        ),
    }
    if interest is not None:
        worth = told_of(study, stock.units(span, interest), found)
        numbers["discounted"] = each(worth, stock.customers)
    return numbers, {"units_all": wrong, "further": wrong / stock.customers}


def _words(
    study: Study, found: Future, stock: Stock, numbers: Mapping[str, Estimate]
) -> dict[str, object]:
    name = stock.unit
    words: dict[str, object] = {
        **numbers,
        "lead": _lead(study, found),
        "customers": stock.customers,
        "heads": amount("customers", stock.customers),
        "years": found.years,
        "unit_years": unit("year", found.years, "dative"),
        "span": found.horizon,
        "unit": unit(name, found.horizon, "dative"),
        "units": unit(name),
        "one": unit(name, 1),
    }
    interest = study.toml.data.money.interest
    return words if interest is None else words | {"interest": interest}


def _lead(study: Study, found: Future) -> Sentence | str:
    """Return the words before a statement that leaves out some customers, or is contradicted."""
    if found.left:
        return Sentence("outlook.without", {"heads": amount("customers", found.left)})
    return lead(study)


def _mean(study: Study, found: Future, words: Mapping[str, object], key: str) -> Finding:
    further = words["further"]
    assert isinstance(further, Estimate)
    return Finding(
        id="outlook.base",
        status=Status.ESTIMATED,
        assumptions=further.assumptions,
        sentence=Sentence(f"outlook.base.{key}", words),
        importance=0.2 if is_contradicted(study) else 0.34,
        remarks=older_remark(found),
        questions=(4,),
        table="outlook.base",
    )


def _missed(
    study: Study, found: Future, share: Estimate, words: Mapping[str, object]
) -> list[Finding]:
    """Return the finding on what one rate for all misses; none where it cannot be told.

    A direction is claimed only where that of the money does not deny it.
    """
    key = verdict(share, money_missed(study, found))
    if not key:
        return []
    return [
        Finding(
            id="outlook.base.ignoring",
            status=Status.ESTIMATED,
            assumptions=share.assumptions,
            sentence=Sentence(f"outlook.base.{key}", words),
            importance=0.15 if is_contradicted(study) else 0.25,
            questions=(4,),
        )
    ]


def _discounted(study: Study, value: Estimate, words: Mapping[str, object]) -> Finding:
    return Finding(
        id="outlook.base.discounted",
        status=Status.ESTIMATED,
        assumptions=(*value.assumptions, "interest_as_declared"),
        sentence=Sentence("outlook.base.discounted", words),
        importance=0.1 if is_contradicted(study) else 0.25,
        questions=(4,),
    )


def _by_tenure(study: Study, found: Future, stock: Stock) -> list[Row]:
    """Return the customers by years completed; bands of too few persons are added to the next."""
    year, least = A_YEAR[stock.unit], study.toml.report.smallest_group
    edges = [round(y * year) for y in BANDS]
    kept, first = [], 0
    for last in (*edges[1:], FOREVER):
        if stock.among(first, last).customers >= least:
            kept.append((first, last))
            first = last
    if kept and kept[-1][1] != FOREVER:
        kept[-1] = (kept[-1][0], FOREVER)
    rows: list[Row] = []
    for a, b in kept:
        own = stock.among(a, b)
        key = "from" if b == FOREVER else "below" if a == 0 else "between"
        words = {"from": a, "to": b, "unit": unit(stock.unit, max(b, 2), "dative")}
        words |= {"units": unit(stock.unit)}
        name = f"{a}+" if b == FOREVER else f"{a}-{b - 1}"
        label = Sentence(f"outlook.tenure.{key}", words)
        heading = Sentence("outlook.tenure.heading")
        rows.append(_row(study, found, own, (heading, label), {"tenure": name}))
    return rows if len(rows) > 1 else []


def _by_group(study: Study, found: Future) -> list[Row]:
    """Return the customers by level of each group, and all levels of a group together."""
    rows: list[Row] = []
    for name, levels in found.groups.items():
        stocks = {n: stock_of(aheads) for n, aheads in levels.items()}
        shown = {n: s for n, s in stocks.items() if s.customers >= _least(study)}
        for level, stock in shown.items():
            label = level_name(study, name, level)
            own = (title_of(study, name), label)
            rows.append(_row(study, found, stock, own, {name: level}, levels[level]))
        if shown:
            whole = together(shown.values())
            names = (title_of(study, name), Sentence("outlook.together"))
            terms = [t for level in shown for t in levels[level]]
            rows.append(_row(study, found, whole, names, {name: TOGETHER}, terms))
    return rows


def _least(study: Study) -> int:
    return study.toml.report.smallest_group


def _row(
    study: Study,
    found: Future,
    stock: Stock,
    names: tuple[Name, Name],
    group: Mapping[str, str],
    terms: Collection[str] | None = None,
) -> Row:
    total = told_of(study, stock.units(found.horizon), found, terms)
    return (*names, stock.customers, each(total, stock.customers), group)


def _table(rows: list[Row], words: Mapping[str, object]) -> Table:
    columns = [
        Column("outlook.column.group", "text"),
        Column("outlook.column.level", "text"),
        Column("outlook.column.customers", "int"),
        Column(Sentence("outlook.column.further", words), "n1"),
    ]
    further = words["further"]
    whole = (Sentence("column.all"), None, words["customers"], further)
    return Table(
        id="outlook.base",
        caption=Sentence("outlook.caption.base", words),
        columns=columns,
        rows=[whole, *(row[:4] for row in rows)],
        note=Sentence("outlook.note.base", words),
    )


def _results(
    found: Future,
    numbers: Mapping[str, Estimate],
    naive: Mapping[str, float],
    rows: list[Row],
) -> list[Result]:
    span = found.horizon
    names = {
        "further": f"further.{span}",
        "units_all": f"units.{span}",
        "ignoring": f"ignoring.{span}",
        "customers": "customers",
        "discounted": f"discounted.{span}",
    }
    lines = results(
        "outlook.base",
        {names[n]: e for n, e in numbers.items()},
        naive={names[n]: v for n, v in naive.items()},
    )
    for _, _, _, further, group in rows:
        lines += results("outlook.base", {f"further.{span}": further}, group)
    return lines
