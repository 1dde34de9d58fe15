"""Pictures, tables and results of an offer for the new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Dot, Figure, Line, Mark, Table
from stammkunde.chapters.offers.newcomers.read import SHARES, Newcomers, Priced, Spike
from stammkunde.chapters.offers.spoken import heads
from stammkunde.chapters.parts import curve_table, results, ticks, unit
from stammkunde.draws import Replicates
from stammkunde.evidence.starting.newcomers import with_error
from stammkunde.result import Estimate, Label, Result, Sentence, Status
from stammkunde.study import Study

Words = Mapping[str, object]
AS_DECLARED = "offer_costs_as_declared"
UNKNOWN_SHARE = "share_brought_in_not_recorded"


def figures(study: Study, found: Newcomers, words: Words) -> list[Figure]:
    """Return who leaves when, and what the offer brings by the share that it has brought in."""
    made = [_hazards(study, found, found.spike, words)] if found.spike else []
    made += [_gains(found, found.priced[0], words)] if _shown(found) else []
    return [f for f in made if f is not None]


def _shown(found: Newcomers) -> bool:
    return bool(found.priced) and found.priced[0].by_share.gains[0].value is not None


def _name(found: Newcomers, part: str) -> str:
    return f"offers.{found.question.name}.{part}"


def _hazards(study: Study, found: Newcomers, spike: Spike, words: Words) -> Figure | None:
    reach = min(c.observed_to for c in spike.curves)
    if reach < found.lasts or None in (spike.taken.value, spike.plain.value):
        return None
    q = found.question
    arms = (q.treated, q.control)
    lines = [
        Line(c, Label(n, dict(a.title)))
        for n, a, c in zip(("treated", "control"), arms, spike.curves, strict=True)
    ]
    way = "open" if (spike.gap.low or 0) <= 0 <= (spike.gap.high or 0) else "apart"
    told = {**words, "taken": spike.taken, "plain": spike.plain}
    title, name = Sentence(f"newcomers.figure.expiry.{way}", told), _name(found, "expiry")
    one = spike.curves[0].unit
    return Figure(
        id=name,
        kind="hazard",
        title=title,
        subtitle=Sentence("newcomers.figure.expiry.subtitle", told),
        note=_source(study, found),
        alt=Sentence("newcomers.figure.expiry.alt", told),
        x=Sentence("axis.tenure", {"unit": unit(one)}),
        y=Sentence("axis.hazard"),
        lines=lines,
        x_ticks=ticks(reach, one),
        marks=[
            Mark(found.lasts, Sentence("newcomers.mark", words)),
            *(Mark(u, Sentence("newcomers.term", words)) for u in bound_to(study, found)),
        ],
        table=curve_table(name, lines, title),
    )


def _source(study: Study, found: Newcomers) -> Sentence:
    """Return the note under a picture of both arms, whoever is in both counted once."""
    about = found.answer.compared.months
    of = heads(found.answer, about.persons or 0, about.spells or 0)
    told = {"client": study.name, "as_of": study.as_of, "heads": of, "rest": ""}
    return Sentence("doubts.balance.source", told)


def bound_to(study: Study, found: Newcomers) -> tuple[int, ...]:
    """Return the units with which a declared minimum term ends, later than the offer.

    Terms that were replaced before the first of those asked about signed bind none of them.
    """
    data, since = study.toml.data, found.question.signed_from
    if data.window.unit != "month":
        return ()
    replaced = [later.signed_from for later in data.terms[1:]]
    in_force = [
        t
        for t, until in zip(data.terms, [*replaced, None], strict=False)
        if since is None or until is None or until > since
    ]
    terms = {t.minimum_months for t in in_force}
    return tuple(sorted(m for m in terms if m > found.lasts))


def _gains(found: Newcomers, priced: Priced, words: Words) -> Figure:
    name, even = _name(found, "gain"), priced.by_share.break_even
    key = "from" if even.value is not None and 0 < even.value < 1 else "other"
    told = {**words, "even": even, "none": priced.by_share.gains[0]}
    told |= {"every": priced.by_share.gains[-1]}
    title, axis = Sentence(f"newcomers.figure.gain.{key}", told), Sentence("newcomers.axis", words)
    pairs = list(zip(SHARES, priced.by_share.gains, strict=True))
    dots = [Dot(Sentence("newcomers.share", {"share": s}), e) for s, e in pairs]
    columns = [Column("newcomers.column.share", "percent0"), Column(axis, "money0")]
    return Figure(
        id=name,
        kind="dots",
        title=title,
        subtitle=Sentence("newcomers.figure.gain.subtitle", told),
        note=Sentence("newcomers.figure.gain.note", {**words, "customers": _customers(priced)}),
        alt=Sentence("newcomers.figure.gain.alt", told),
        x=axis,
        y=Sentence("newcomers.column.share"),
        dots=dots,
        reference=0.0,
        table=Table(id=name, caption=title, columns=columns, rows=pairs, in_report=False),
    )


def _customers(priced: Priced) -> int:
    return int(priced.by_share.break_even.persons or 0)


def tables(found: Newcomers, words: Words) -> list[Table]:
    """Return what the offer brings and what a customer won costs, by the share brought in."""
    if not _shown(found):
        return []
    by = ("newcomers.column.within", "money0")
    spans = [{**words, "within": p.horizon} for p in found.priced]
    columns = [
        Column("newcomers.column.share", "percent0"),
        *(Column(Sentence(by[0], told), by[1]) for told in spans),
        Column("newcomers.column.each", "money0"),
    ]
    rows = [
        (s, *(p.by_share.gains[i] for p in found.priced), won_for(found, s))
        for i, s in enumerate(SHARES)
    ]
    return [
        Table(
            id=_name(found, "gain_by_share"),
            caption=Sentence("newcomers.caption", words),
            columns=columns,
            rows=rows,
            note=Sentence("newcomers.note", words),
            in_report=False,
        )
    ]


def won_for(found: Newcomers, share: float) -> Estimate | None:
    """Return what each customer costs whom the offer has brought in; None where that is nobody."""
    if not share:
        return None
    priced, won = found.priced[0], found.question.won_cost
    gain = priced.by_share.gains[0]
    spent = Estimate(
        value=None,
        level=gain.level,
        unit=gain.unit,
        persons=gain.persons,
        method="cost of the offer by customers brought in, person blocks",
        status=Status.ASSUMED,
        estimand=f"cost of each one brought in, if {share:.4g} of the takers are",
        assumptions=gain.assumptions,
    )
    return with_error(spent, priced.worth.spent.map(lambda s: s[..., 0] / share + won))


def won_declared(found: Newcomers) -> Estimate:
    """Return what winning a customer costs beside the offer, as declared, in money."""
    return Estimate(
        value=found.question.won_cost,
        unit=found.priced[0].by_share.gains[0].unit,
        method="declared",
        status=Status.ASSUMED,
        assumptions=(AS_DECLARED,),
        reason="no interval: declared",
    )


def numbers(study: Study, found: Newcomers) -> list[Result]:
    """Return the results of a question's offer."""
    q, prefix = found.question, f"offers.{found.question.name}"
    told: dict[str, Estimate] = {}
    if found.early is not None and found.late is not None:
        told |= {f"within.{q.lasts}": found.early, f"after.{q.lasts}": found.late}
    if found.spike is not None:
        told |= {"expiry.treated": found.spike.taken, "expiry.control": found.spike.plain}
        told |= {"expiry.difference": found.spike.gap}
    told |= _returned(study, found)
    lines = results(prefix, told)
    for p in found.priced:
        lines += _money(found, p)
    return lines


def returned(study: Study, found: Newcomers) -> Estimate:
    """Return what former customers were given a year, a count at the declared price."""
    assert found.back is not None
    return Estimate(
        value=found.back.units * found.question.euro / found.years,
        unit=study.toml.data.money.currency,
        spells=found.back.back,
        method="units of the offer by its price and years of observation",
        status=Status.ASSUMED,
        assumptions=(AS_DECLARED,),
        reason="no interval: a count",
    )


def _returned(study: Study, found: Newcomers) -> dict[str, Estimate]:
    back, least = found.back, study.toml.report.smallest_group
    if back is None or 0 < back.back < least:
        return {}
    told = {"returners.share": back.share, "returners.signups": back.of_all}
    if found.question.euro and back.back:
        told["returners.cost"] = returned(study, found)
    return told | ({"returners.again": found.again} if found.again is not None else {})


def _money(found: Newcomers, p: Priced) -> list[Result]:
    prefix, span = f"offers.{found.question.name}", p.horizon
    lines = results(prefix, {f"break_even.{span}": p.by_share.break_even})
    for share, gain in zip(SHARES, p.by_share.gains, strict=True):
        lines += results(prefix, {f"gain.{span}": gain}, {"brought_in": f"{share:g}"})
    if p is not found.priced[0]:
        return lines
    if found.question.won_cost:
        lines += results(prefix, {"won.declared": won_declared(found)})
    for share in SHARES[1:]:
        each = won_for(found, share)
        if each is not None:
            lines += results(prefix, {"won.cost": each}, {"brought_in": f"{share:g}"})
    gain = p.by_share.gains[0]
    empty = Estimate(value=None, unit=gain.unit, method="", level=gain.level)
    known = {
        "margin": ("mean margin a month of the takers", p.worth.margin),
        "spent": ("present cost of the offer per taker", p.worth.spent),
    }
    for name, (method, replicates) in known.items():
        lines += results(prefix, {name: _mean(empty, method, replicates)})
    nobody = Estimate(
        value=None,
        unit="share",
        method="not recorded: contracts do not tell who would not have come",
        status=Status.NOT_IDENTIFIABLE,
        reason=UNKNOWN_SHARE,
    )
    return [*lines, *results(prefix, {"brought_in": nobody})]


def _mean(empty: Estimate, method: str, found: Replicates) -> Estimate:
    told = replace(empty, method=f"{method}, person blocks", estimand=method)
    return with_error(told, found.map(lambda x: x[..., 0]))
