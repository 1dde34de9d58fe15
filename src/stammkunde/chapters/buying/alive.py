"""Who is still there of customers without a contract, and what they will buy."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.buying.ahead import MONTHS, numbers_ahead
from stammkunde.chapters.buying.model import left_out, trial_words
from stammkunde.chapters.buying.read import Buying
from stammkunde.chapters.buying.stock import AGAIN, ALL, MODEL, RULE, Stock, stock
from stammkunde.chapters.buying.trial import tally
from stammkunde.chapters.exhibit import Column, Dot, Figure, Section, Table
from stammkunde.chapters.parts import amount, remarks, results
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.buying import Wrong
from stammkunde.survival.buying.bgnbd import TOO_FEW_REPEATERS

Words = Mapping[str, object]
Numbers = Mapping[str, Estimate]
HEADING = Sentence("buying.heading.still_there")
# of spend with the number of purchases
TIED = 0.1


def still_there(study: Study, found: Buying) -> Section:
    """Return the section on who is still a customer, and what today's customers will buy.

    `found` is what `read_buying` returned. Beside the model stands the lapse rule, and how far each
    was wrong in the hold-out. Left out where there is no model; not needed with contracts.
    """
    if found.fit is None or found.histories is None:
        return left_out("buying.there", HEADING, found.why)
    known = stock(study, found)
    if AGAIN not in known.parts:
        return left_out("buying.there", HEADING, TOO_FEW_REPEATERS)
    numbers = numbers_ahead(study, found)
    words = _words(study, found, known, numbers)
    findings = [
        _there(found, known, words, study.toml.report.smallest_group),
        *_wrong(found, known, words),
    ]
    findings += [_ahead(found, numbers, words), *_money(found, numbers, words)]
    return Section(
        id="buying.there",
        heading=HEADING,
        findings=findings,
        figures=[_figure(known, words)],
        tables=[_wrong_table(known, words)] if known.wrong else [],
        paragraphs=[Sentence("buying.there.method", words)],
        results=_results(found, known, numbers),
    )


def _words(study: Study, found: Buying, known: Stock, numbers: Numbers) -> dict[str, object]:
    whole = known.parts[ALL]
    again = known.parts[AGAIN]
    words: dict[str, object] = {
        "persons": whole.persons,
        "heads": amount("customers", whole.persons),
        "customers": again.persons,
        "once": whole.persons - again.persons,
        "model": again.model,
        "there": whole.there,
        "rule": again.rule,
        "days": known.gap,
        "months": MONTHS,
        "ahead": numbers[f"ahead.{MONTHS}"],
        "newcomer": numbers[f"newcomer.{MONTHS}"],
        "client": study.name,
        "day": study.as_of,
        "level": again.model.level,
    }
    if "spend" in numbers:
        words |= {"each": numbers["money.each"], "money": numbers[f"money.{MONTHS}"]}
    if found.tested is not None and found.until is not None:
        words |= trial_words(found.tested, found.until)
    return words


def _off(found: Buying, words: Words) -> tuple[Sentence, ...]:
    """Return the remark that the model expected too much or too little; none where it hit."""
    verdict = found.tested.verdict if found.tested else "untried"
    return () if verdict in ("hit", "open") else (Sentence(f"buying.off.{verdict}", words),)


def _there(found: Buying, known: Stock, words: Words, least: int) -> Finding:
    verdict = found.tested.verdict if found.tested else "untried"
    # where the model was off the sentence itself says so: it may stand alone on the first page
    key = "known" if verdict in ("hit", "open", "untried") else verdict
    again = known.parts[AGAIN]
    once = known.parts[ALL].persons - again.persons
    told = [Sentence("buying.once", {**words, "count": once})] if once >= least else []
    return Finding(
        id="buying.there",
        status=Status.ESTIMATED,
        assumptions=(*again.model.assumptions, *again.rule.assumptions),
        sentence=Sentence(f"buying.there.{key}", words),
        headline=Sentence(f"buying.headline.{key}", words),
        importance=0.7,
        remarks=(*told, *(_off(found, words) if key == "known" else ()), *remarks(again.model)),
        questions=(1, 4),
        claims=("A14",),
        figure="buying.there",
    )


def _wrong(found: Buying, known: Stock, words: Words) -> list[Finding]:
    """Return the finding on what rule and model got wrong; none where nothing was tried."""
    if not known.wrong:
        return []
    rule, model = known.wrong[RULE], known.wrong[MODEL]
    told = {**words, "rule_all": rule.all, "model_all": model.all}
    return [
        Finding(
            id="buying.wrong",
            status=Status.ESTIMATED,
            assumptions=found.fit.rate.assumptions if found.fit else (),
            sentence=Sentence(f"buying.wrong.{_better(rule, model)}", told),
            importance=0.3,
            remarks=tuple(_declared(name, known.wrong[name], words) for name in (RULE, MODEL)),
            questions=(20,),
            claims=("A14",),
            table="buying.wrong",
        )
    ]


def _better(rule: Wrong, model: Wrong) -> str:
    """Return which was wrong less often, where the intervals lie apart."""
    a, b = rule.all, model.all
    if (a.high or 0.0) < (b.low or 0.0):
        return RULE
    return MODEL if (b.high or 0.0) < (a.low or 0.0) else "alike"


def _declared(name: str, wrong: Wrong, words: Words) -> Sentence:
    """Return how wrong a verdict was about those whom it declared gone, and about the others."""
    told = {**words, "declared": wrong.declared, "gone": wrong.gone, "stayed": wrong.there}
    known = {"gone": wrong.gone.value is not None, "stayed": wrong.there.value is not None}
    kind = "both" if all(known.values()) else next(n for n, is_known in known.items() if is_known)
    return Sentence(f"buying.declared.{name}.{kind}", told)


def _ahead(found: Buying, numbers: Numbers, words: Words) -> Finding:
    missed = found.tested is not None and found.tested.missed
    return Finding(
        id="buying.ahead",
        status=Status.ESTIMATED,
        assumptions=numbers[f"ahead.{MONTHS}"].assumptions,
        sentence=Sentence("buying.ahead", words),
        importance=0.15 if missed else 0.3 if _off(found, words) else 0.35,
        remarks=_off(found, words),
        missing=() if found.spend is not None else ("amounts",),
        questions=(2, 4) if found.spend is None else (),
    )


def _money(found: Buying, numbers: Numbers, words: Words) -> list[Finding]:
    """Return the finding on money; none where no amounts are known, or their model has no fit."""
    money = numbers.get(f"money.{MONTHS}")
    if found.spend is None or money is None or money.value is None:
        return []
    tied = found.spend.with_rate
    told = {**words, "tied": tied or 0.0}
    doubt = [Sentence("buying.tied", told)] if tied is not None and abs(tied) >= TIED else []
    missed = found.tested is not None and found.tested.missed
    return [
        Finding(
            id="buying.money",
            status=Status.ESTIMATED,
            assumptions=money.assumptions,
            sentence=Sentence("buying.money", told),
            importance=0.15 if missed or doubt else 0.3 if _off(found, words) else 0.4,
            remarks=(*doubt, *_off(found, words)),
            questions=(2, 4),
        )
    ]


def _figure(known: Stock, words: Words) -> Figure:
    dots = [
        Dot(
            Sentence(f"buying.by.{way}", words), e, group=Sentence(f"buying.customers.{name}", told)
        )
        for name, part in known.parts.items()
        for told in [{**words, "heads": amount("customers", part.persons)}]
        for way, e in ((MODEL, part.model), (RULE, part.rule))
    ]
    columns = [Column("buying.column.customers", "text"), Column("column.persons", "int")]
    columns += [Column("buying.column.model", "percent1"), Column("buying.column.heads", "int")]
    columns += [Column("buying.column.rule", "percent1")]
    rows = [
        (Sentence(f"buying.kind.{name}"), p.persons, p.model, p.there, p.rule)
        for name, p in known.parts.items()
    ]
    title = Sentence("buying.figure.there", words)
    return Figure(
        id="buying.there",
        kind="dots",
        title=title,
        subtitle=Sentence("buying.there.subtitle", words),
        note=Sentence("figure.source.once", words),
        alt=Sentence("buying.alt.there", words),
        x=Sentence("buying.there.axis"),
        y=Sentence("buying.column.customers"),
        dots=dots,
        table=Table(id="buying.there", caption=title, columns=columns, rows=rows, in_report=False),
    )


def _wrong_table(known: Stock, words: Words) -> Table:
    columns = [Column("buying.column.verdict", "text"), Column("buying.column.declared", "int")]
    columns += [Column(f"buying.column.{n}", "percent1") for n in ("gone", "stayed", "wrong")]
    rows = [
        (Sentence(f"buying.by.{name}", words), w.declared, w.gone, w.there, w.all)
        for name, w in known.wrong.items()
    ]
    return Table(
        id="buying.wrong",
        caption=Sentence("buying.caption.wrong", words),
        columns=columns,
        rows=rows,
        note=Sentence("buying.note.wrong", words),
    )


def _results(found: Buying, known: Stock, numbers: Numbers) -> list[Result]:
    lines: list[Result] = []
    for name, part in known.parts.items():
        own = {"there.share": part.model, "there.persons": part.there, "there.rule": part.rule}
        naive = {} if part.rule.value is None else {"there.share": part.rule.value}
        lines += results("buying", own, {"customers": name}, naive)
    for name, wrong in known.wrong.items():
        said = {"declared": tally(wrong.declared, wrong.persons)}
        said |= {"gone": wrong.gone, "stayed": wrong.there, "all": wrong.all}
        lines += results("buying.wrong", said, {"by": name})
    once = known.parts[ALL].persons - known.parts[AGAIN].persons
    lines += results("buying", {**numbers, "once": tally(once, once)})
    tied = found.spend.with_rate if found.spend is not None else None
    if tied is not None and found.spend is not None:
        how = ("ratio", "correlation of mean spend with the number of purchases")
        lines += results("buying", {"spend.tied": tally(tied, found.spend.persons, *how)})
    return lines
