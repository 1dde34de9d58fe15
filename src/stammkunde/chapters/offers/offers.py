"""What offers and events did: one section per question, and all of them at a glance."""

from __future__ import annotations

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.offers.asked import asked
from stammkunde.chapters.offers.doubts.doubted import doubts
from stammkunde.chapters.offers.naive import off, usual_of
from stammkunde.chapters.offers.ranked import ranked
from stammkunde.chapters.offers.read import Answers, Unasked
from stammkunde.chapters.offers.shown import ends, figures, tables
from stammkunde.chapters.offers.terms import earlier_share
from stammkunde.chapters.offers.told import Case, findings, heading, unasked, verdict_key, way
from stammkunde.chapters.parts import amount, results, unit
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.judged import judged
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.study import Study

OVERVIEW = "offers.overview"


def offers(study: Study, answers: Answers) -> list[Section]:
    """Return the sections on what offers and events did: an overview, then one per question.

    One question has no overview. `answers` are those of `read_answers`. Where the TOML asks no
    `[[question]]` the overview is left out and says what is lacking.
    """
    if not study.toml.question:
        data = study.toml.data.deliveries
        key = "no_question" if {"offers", "events"} & set(data) else "no_tables"
        why = Sentence(f"offers.left_out.{key}")
        return [Section(id=OVERVIEW, heading=Sentence("offers.heading.overview"), left_out=why)]
    cases = cases_of(study, answers)
    by_name = {c.question.name: c for c in cases}
    sections = [_overview(study, answers, cases)] if len(answers) > 1 else []
    for question in study.toml.question:
        found = answers[question.name]
        if isinstance(found, Unasked):
            sections.append(_unasked(study, question, found))
        else:
            sections.append(_section(by_name[question.name]))
    return sections


def _unasked(study: Study, question: QuestionToml, found: Unasked) -> Section:
    head, finding = unasked(study, question, found)
    none = Estimate(
        value=None,
        unit=study.toml.data.window.unit,
        method="not asked of the data",
        status=Status.NOT_IDENTIFIABLE,
        reason=found.reason,
    )
    return Section(
        id=finding.id,
        heading=head,
        findings=[finding],
        results=results(finding.id, {"months": none}),
        log=[found.said] if found.said else [],
    )


def cases_of(study: Study, answers: Answers) -> list[Case]:
    """Return the questions that were answered or refused, each with what became of its claim."""
    found: dict[str, Answer] = {n: a for n, a in answers.items() if isinstance(a, Answer)}
    together = [q.name for q in study.toml.question if q.claims]
    verdicts, shares = judged(found, together), judged(found, together, "share")
    return ranked(
        [
            Case(
                study=study,
                question=q,
                answer=found[q.name],
                judged=verdicts[q.name],
                by_share=shares[q.name],
            )
            for q in study.toml.question
            if q.name in found
        ]
    )


def _section(case: Case) -> Section:
    more = doubts(case.study, case.answer)
    return Section(
        id=case.id,
        heading=heading(case),
        findings=[*findings(case), *more.findings],
        opening=[asked(case.study, case.answer)],
        paragraphs=more.paragraphs,
        figures=[*figures(case), *more.figures],
        tables=[*tables(case), *more.tables],
        results=[*_results(case), *more.results],
    )


def _results(case: Case) -> list[Result]:
    a, usual = case.answer, usual_of(case.answer, case.least)
    naive = {"months": usual.months.value} if usual and usual.months.value is not None else {}
    numbers = {"months": a.months, "share": a.share}
    if usual is not None:
        numbers |= {"months.usual": usual.months}
        numbers |= {f"months.{s.name}": s.months for s in a.steps[1:-1]}
    if a.still_there is not None:
        numbers |= {"still_there": a.still_there, "landmark.months": a.compared.months}
        numbers |= {"landmark.share": a.compared.share}
    numbers |= {name.replace("_", "."): e for name, e in ends(case).items()}
    earlier = earlier_share(case.study, a)
    numbers |= {} if earlier is None else {"terms": earlier}
    numbers["relevant"] = _declared(a.estimand.relevant, a.estimand.unit)
    numbers["relevant.share"] = _declared(a.estimand.relevant_share, "share")
    return results(case.id, numbers, naive=naive)


def _declared(value: float, of: str) -> Estimate:
    return Estimate(
        value=value,
        unit=of,
        method="declared",
        status=Status.ASSUMED,
        reason="no interval: declared",
    )


def _overview(study: Study, answers: Answers, cases: list[Case]) -> Section:
    """Return the section with all questions: the usual number, the answer, the verdict."""
    told = [c for c in cases if c.answer.months.value is not None]
    wrong = [off(c.answer, u.months) for c in told if (u := usual_of(c.answer, c.least))]
    words: dict[str, object] = {
        "asked": amount("questions", len(answers)),
        "count": len(told),
        "told": len(told),
        "off": sum(how != "near" for how in wrong),
        "sign": wrong.count("sign"),
        "ways": _ways(told),
    }
    wrong_words = Sentence(f"offers.wrong.{_wrong(words)}", words)
    finding = Finding(
        id=OVERVIEW,
        status=Status.ESTIMATED,
        assumptions=tuple(dict.fromkeys(n for c in told for n in c.answer.months.assumptions)),
        sentence=Sentence(
            f"offers.overview.{_answered(told, answers)}", words | {"wrong": wrong_words}
        ),
        importance=0.15,
        table=OVERVIEW,
    )
    return Section(
        id=OVERVIEW,
        heading=Sentence("offers.heading.overview"),
        findings=[finding],
        tables=[_table(study, answers, cases)],
    )


def _reason(answer: Answer | Unasked) -> str:
    return answer.reason if isinstance(answer, Unasked) else answer.refused


def _ways(told: list[Case]) -> Sentence | str:
    """Return which answers go which way; those that are open or hardly go either together."""
    names: dict[str, list[Label]] = {"longer": [], "shorter": [], "neither": []}
    for case in told:
        key = way(case)
        names[key if key in names else "neither"].append(case.answer.estimand.title)
    said = {n: Sentence(f"offers.ways.{n}", {"names": k}) if k else "" for n, k in names.items()}
    return Sentence("offers.ways.all", said) if told else ""


def _answered(told: list[Case], answers: Answers) -> str:
    return "none" if not told else "all" if len(told) == len(answers) else "some"


def _wrong(words: dict[str, object]) -> str:
    return "sign" if words["sign"] else "off" if words["off"] else "none"


def _table(study: Study, answers: Answers, cases: list[Case]) -> Table:
    of, by_name = unit(study.toml.data.window.unit), {c.question.name: c for c in cases}
    columns = [
        Column("offers.column.question", "text"),
        Column(Sentence("offers.column.usual", {"units": of}), "n1"),
        Column(Sentence("offers.column.answer", {"units": of}), "n1"),
        Column(Sentence("offers.column.horizon", {"units": of}), "int"),
    ]
    claimed = any(q.claims for q in study.toml.question)
    columns += [Column(Sentence("offers.column.judged", {"units": of}), "text")] if claimed else []
    rows: list[tuple[object, ...]] = []
    for q in study.toml.question:
        title, case = Label(q.name, dict(q.title)), by_name.get(q.name)
        if case is None:
            why = Sentence(f"reason.{_reason(answers[q.name])}")
            rows.append((title, None, why, q.horizon, *_verdict(q, "refused", claimed)))
            continue
        usual = usual_of(case.answer, case.least)
        relevant = case.answer.estimand.relevant
        verdict = _verdict(q, verdict_key(case.judged), claimed, relevant)
        shown = usual.months if usual else None
        rows.append((title, shown, case.answer.months, q.horizon, *verdict))
    together = max((c.judged.claims for c in cases), default=1)
    kind = "claims" if together > 1 else "plain" if claimed else "none"
    note = Sentence(f"offers.note.{kind}", {"claims": together})
    caption = Sentence("offers.caption.overview")
    return Table(id=OVERVIEW, caption=caption, columns=columns, rows=rows, note=note)


def _verdict(
    question: QuestionToml, key: str, claimed: bool, relevant: float | None = None
) -> tuple[Sentence, ...]:
    """Return the cell of the verdict with what was claimed, none where no question claims."""
    if not claimed:
        return ()
    verdict = Sentence(f"offers.judged.{key if question.claims else 'unasked'}")
    if relevant is None or not question.claims:
        return (verdict,)
    told = {"relevant": relevant, "verdict": verdict}
    return (Sentence(f"offers.judged.{question.claimed}", told),)
