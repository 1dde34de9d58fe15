"""What today's customers are worth: the margins they will still pay, as a section."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.outlook.growth import times
from stammkunde.chapters.outlook.older import older_remark, told_of
from stammkunde.chapters.outlook.paid import Cells, Paid, paid
from stammkunde.chapters.outlook.read import Future
from stammkunde.chapters.outlook.usual import missed, one_rate, rate_error, usual_money
from stammkunde.chapters.outlook.values import Stock, each, together
from stammkunde.chapters.parts import amount, is_contradicted, lead, results, unit
from stammkunde.chapters.reasons.names import level_name, title_of
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.study import Study
from stammkunde.survival.projection.worth import discount

STAYS = "margin_stays"
TOGETHER = "(together)"
THOUSANDS_FROM = 1_000_000
Words = Mapping[str, object]
Name = Sentence | Label


@dataclass(frozen=True, kw_only=True)
class Row:
    """Customers of one level of a group: how many, their mean margin, what they are worth."""

    group: Name
    level: Name
    customers: int
    mean: Estimate
    value: Estimate
    head: Estimate
    key: Mapping[str, str]


def worth(study: Study, spells: Spells, found: Future) -> Section:
    """Return the section on the value of today's customers, in the currency of the TOML.

    Known margins times projected months, within the horizon of the projection; the money is
    followed by a life table of its own, since who pays more may stay longer. Discounted where the
    TOML declares an interest. By group. Left out where no margin is declared or nothing projected.
    """
    heading = Sentence("worth.heading")
    if study.toml.data.transactions is not None or not found.base:
        why = Sentence("outlook.left_out.not_projected")
        return Section(id="outlook.value", heading=heading, left_out=why, needed=False)
    if MARGIN not in spells.relation.columns:
        why = Sentence("worth.left_out.undeclared")
        return Section(id="outlook.value", heading=heading, left_out=why)
    cells = paid(study, spells, found, ())
    stock = _stock(cells[()]) if () in cells else None
    if stock is None or sum(p.customers for p in cells[()].values()) < _least(study):
        why = Sentence("worth.left_out.too_few")
        return Section(id="outlook.value", heading=heading, left_out=why)
    numbers = _numbers(study, found, cells[()], stock)
    if numbers["value"].value is None:
        why = Sentence("worth.left_out.too_few")
        return Section(id="outlook.value", heading=heading, left_out=why)
    rows = _rows(study, spells, found)
    words = _words(study, found, cells[()], numbers)
    return Section(
        id="outlook.value",
        heading=heading,
        findings=[_value(study, found, numbers["value"], words), *usual_money(study, found, words)],
        tables=[_table(rows, numbers, words)],
        paragraphs=[Sentence("worth.method", words)],
        results=_results(found, numbers, rows),
    )


def money_missed(study: Study, found: Future) -> Estimate | None:
    """Return what one rate of leaving for all misses of the money; None where no margin is known.

    Neither where fewer have one than may be shown.
    """
    if found.spells is None or MARGIN not in found.spells.relation.columns:
        return None
    parts = paid(study, found.spells, found, ()).get((), {})
    if not parts or _heads(parts) < _least(study):
        return None
    return _numbers(study, found, parts, _stock(parts))["ignoring"]


def _least(study: Study) -> int:
    return study.toml.report.smallest_group


def _stock(parts: Mapping[str, Paid]) -> Stock:
    """Return the money that is there, by terms, as a stock of which units are asked."""
    return Stock([p.part for p in parts.values()], next(iter(parts.values())).unit)


def _interest(study: Study) -> float:
    return study.toml.data.money.interest or 0.0


def _numbers(
    study: Study, found: Future, parts: Mapping[str, Paid], stock: Stock
) -> dict[str, Estimate]:
    """Return the numbers of all customers whose margin is known."""
    span, interest, heads = (
        found.horizon,
        _interest(study),
        sum(p.customers for p in parts.values()),
    )
    value = _money(study, found, stock.units(span, interest))
    v = discount(stock.unit, interest)
    tables = [a.table for a in found.base.values()]
    usual, error = one_rate(tables, stock, span, v), rate_error(tables, stock, span, v)
    numbers = {
        "value": value,
        "each": each(value, heads),
        "mean": _mean(study, parts),
        "usual": _counted(value, usual, "mean margin times units by one rate of leaving for all"),
        "ignoring": missed(usual, error, value),
        "customers": replace(_counted(value, heads, "counted"), unit="count"),
    }
    if interest:
        numbers["plain"] = _money(study, found, stock.units(span))
    return numbers


def _money(
    study: Study, found: Future, units: Estimate, terms: Collection[str] | None = None
) -> Estimate:
    """Return a sum of margins in the currency, with what it rests on; None: of all terms."""
    rests = told_of(study, units, found, terms)
    named = (*rests.assumptions, STAYS)
    named += ("interest_as_declared",) if _interest(study) else ()
    return replace(rests, unit=study.toml.data.money.currency, assumptions=named)


def _mean(study: Study, parts: Mapping[str, Paid]) -> Estimate:
    heads = sum(p.customers for p in parts.values())
    value = sum(p.monthly for p in parts.values()) / heads
    name = study.toml.data.money.currency
    return Estimate(
        value=value, unit=name, spells=heads, method="counted", reason="no interval: a count"
    )


def _counted(like: Estimate, value: float, method: str) -> Estimate:
    return replace(
        like,
        value=float(value),
        low=None,
        high=None,
        se=None,
        method=method,
        status=Status.MEASURED,
        assumptions=(),
        replicates=None,
        estimand="",
        reason="no interval: a count",
    )


def _words(
    study: Study, found: Future, parts: Mapping[str, Paid], numbers: Mapping[str, Estimate]
) -> dict[str, object]:
    heads, unknown = (sum(getattr(p, n) for p in parts.values()) for n in ("customers", "unknown"))
    name = next(iter(parts.values())).unit
    left = Sentence("outlook.without", {"heads": amount("customers", found.left)})
    words: dict[str, object] = {
        **numbers,
        "lead": left if found.left else lead(study),
        "heads": amount("customers", heads),
        "years": found.years,
        "unit_years": unit("year", found.years, "dative"),
        "span": found.horizon,
        "units": unit(name),
        "currency": study.toml.data.money.currency,
        "missing": amount("customers", unknown) if unknown else "",
        "interest": _interest(study),
        "never": found.spells.tally.never_at_risk if found.spells else 0,
        "one": unit(name, 1),
    }
    return words


def _value(study: Study, found: Future, value: Estimate, words: Words) -> Finding:
    remarks = [Sentence("worth.remark.unknown", words)] if words["missing"] else []
    remarks += [Sentence("worth.remark.fresh", words)] if words["never"] else []
    key = "discounted" if "plain" in words else "plain"
    return Finding(
        id="outlook.value",
        status=Status.ESTIMATED,
        assumptions=value.assumptions,
        sentence=Sentence(f"worth.value.{key}", words),
        importance=0.3 if is_contradicted(study) else 0.72,
        remarks=(*older_remark(found), *remarks),
        questions=(4,),
        table="outlook.value",
    )


def _rows(study: Study, spells: Spells, found: Future) -> list[Row]:
    """Return the customers by level of each group, and all levels of a group together."""
    rows: list[Row] = []
    for name, levels in found.groups.items():
        cells = paid(study, spells, found, (name,))
        order: list[tuple[str, ...]] = [(n,) for n in levels]
        shown = {n: cells[n] for n in order if n in cells and _heads(cells[n]) >= _least(study)}
        if len(shown) < 2:
            continue
        for key, parts in shown.items():
            label = level_name(study, name, key[0])
            rows.append(_row(study, found, {key: parts}, (name, label), key[0]))
        rows.append(_row(study, found, shown, (name, Sentence("outlook.together")), TOGETHER))
    return rows


def _heads(parts: Mapping[str, Paid]) -> int:
    return sum(p.customers for p in parts.values())


def _row(study: Study, found: Future, cells: Cells, names: tuple[str, Name], level: str) -> Row:
    stocks = [_stock(parts) for parts in cells.values()]
    stock = stocks[0] if len(stocks) == 1 else together(stocks)
    flat = {f"{i} {k}": p for i, ps in enumerate(cells.values()) for k, p in ps.items()}
    terms = [k for parts in cells.values() for k in parts]
    value = _money(study, found, stock.units(found.horizon, _interest(study)), terms)
    return Row(
        group=title_of(study, names[0]),
        level=names[1],
        customers=_heads(flat),
        mean=_mean(study, flat),
        value=value,
        head=times(value, 1 / _heads(flat)),
        key={names[0]: level},
    )


def _table(rows: list[Row], numbers: Mapping[str, Estimate], words: Words) -> Table:
    # a column of millions to the euro, each with its limits, leaves no room for names
    large = (numbers["value"].value or 0.0) >= THOUSANDS_FROM
    shown, by = ("thousands", 1 / 1000) if large else ("value", 1.0)
    columns = [
        Column("outlook.column.group", "text"),
        Column("outlook.column.level", "text"),
        Column("outlook.column.customers", "int"),
        Column(Sentence("worth.column.mean", words), "n2"),
        Column(Sentence(f"worth.column.{shown}", words), "n0"),
        Column(Sentence("worth.column.each", words), "n0"),
    ]
    heads = int(numbers["customers"].value or 0)
    means = [r.mean.value for r in rows]
    whole = (Sentence("column.all"), None, heads, numbers["mean"].value)
    lines: list[tuple[object, ...]] = [(*whole, times(numbers["value"], by), numbers["each"])]
    for row, mean in zip(rows, means, strict=True):
        lines.append((row.group, row.level, row.customers, mean, times(row.value, by), row.head))
    return Table(
        id="outlook.value",
        caption=Sentence("worth.caption", words),
        columns=columns,
        rows=lines,
        note=Sentence("worth.note", words),
    )


def _results(found: Future, numbers: Mapping[str, Estimate], rows: list[Row]) -> list[Result]:
    span = found.horizon
    ends = {"value": f"value.{span}", "each": f"value.each.{span}", "mean": "value.margin"}
    ends |= {"usual": f"value.usual.{span}", "ignoring": f"value.ignoring.{span}"}
    ends |= {"plain": f"value.undiscounted.{span}", "customers": "value.customers"}
    usual = numbers["usual"].value
    lines = results(
        "outlook.base",
        {ends[n]: e for n, e in numbers.items()},
        naive={ends["value"]: usual} if usual is not None else None,
    )
    for row in rows:
        own = {ends["value"]: row.value, ends["each"]: row.head, ends["mean"]: row.mean}
        lines += results("outlook.base", own, row.key)
    return lines
