"""Pictures of one question: the way to the answer, who is compared when, and both arms' curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Bar, Column, Figure, Line, StepRow, Table
from stammkunde.chapters.offers.asked import frame
from stammkunde.chapters.offers.naive import is_way, usual_of
from stammkunde.chapters.offers.spoken import heads
from stammkunde.chapters.offers.told import Case
from stammkunde.chapters.parts import least_at_risk, survival_figure, ticks
from stammkunde.evidence.asking.made import CONTROL, TREATED
from stammkunde.result import Estimate, Sentence
from stammkunde.survival.curve import Curve, ended

Words = Mapping[str, object]
USUAL_KIND, HERE = "usual", "here"


def figures(case: Case) -> list[Figure]:
    """Return the pictures of a question: steps, who is compared, curves; those that there are.

    A way of a single step is not drawn: a sentence holds both its ends.
    """
    steps = _steps(case) if is_way(case.answer) else None
    made = [steps, _compared(case), _curves(case)]
    return [figure for figure in made if figure is not None]


def tables(case: Case) -> list[Table]:
    """Return the numbers behind pictures that are not drawn, for the workbook."""
    steps = None if is_way(case.answer) else _steps(case)
    return [steps.table] if steps else []


def step_label(case: Case, name: str) -> Sentence:
    """Return the name of a comparison on the way to the answer."""
    e = case.answer.estimand
    kind = f"all_{e.design}" if name == "all" else name
    kind = "ever_after" if name == "ever" and frame(e) == "after" else kind
    return Sentence(f"offers.step.{kind}", case.words)


def _steps(case: Case) -> Figure | None:
    """Return the picture of the way from the usual number to the answer."""
    a = case.answer
    if usual_of(a, case.least) is None or a.months.value is None:
        return None
    words = case.words | {"usual": a.usual}
    last = len(a.steps) - 1
    rows = [
        StepRow(
            step_label(case, s.name),
            s.months,
            says=Sentence(f"offers.step_says.{_says(case, s.name)}", words),
            answer=i == last,
        )
        for i, s in enumerate(a.steps)
    ]
    name, axis = f"{case.id}.steps", Sentence("offers.axis.difference", words)
    title = Sentence("offers.figure.steps", words)
    return Figure(
        id=name,
        kind="steps",
        title=title,
        subtitle=Sentence("offers.subtitle.steps", words),
        note=_note(case),
        alt=Sentence("offers.alt.steps", words),
        x=axis,
        y=Sentence("offers.column.comparison"),
        steps=rows,
        band=(-a.estimand.relevant, a.estimand.relevant),
        table=Table(
            id=name,
            caption=title,
            columns=[Column("offers.column.comparison", "text"), Column(axis, "n1")],
            rows=[(row.label, row.estimate) for row in rows],
            in_report=False,
        ),
    )


def _says(case: Case, name: str) -> str:
    return f"all_{case.answer.estimand.design}" if name == "all" else name


def _compared(case: Case) -> Figure | None:
    """Return the picture of who is compared when, where the offer is taken after sign-up."""
    a, e = case.answer, case.answer.estimand
    sizes = a.steps[0].sizes
    if e.design not in ("landmark", "grace") or usual_of(a, case.least) is None or not sizes:
        return None
    if a.months.value is None or min(len(sizes), len(a.compared.curves)) < 2:
        return None
    bars, words = _bars(case, sizes), case.words | {"before": e.from_unit - 1}
    late = e.design == "landmark"
    words["missing"] = Sentence("offers.missing.landmark", words) if late else ""
    name, axis = f"{case.id}.compared", Sentence("offers.axis.sign_up", words)
    title = Sentence(f"offers.figure.compared.{e.design}", words)
    heads = ("offers.column.counting", "offers.column.arm", "offers.column.stretch")
    columns = [Column(head, "text") for head in heads]
    columns += [Column(f"offers.column.{n}", "int") for n in ("after", "until", "customers")]
    rows = [
        (b.group, b.label, Sentence(f"picture.compared.{b.kind}"), b.start, b.stop, b.count)
        for b in bars
    ]
    return Figure(
        id=name,
        kind="compared",
        title=title,
        subtitle=Sentence("offers.subtitle.compared", words),
        note=_note(case),
        alt=Sentence(f"offers.alt.compared.{e.design}", words),
        x=axis,
        y=Sentence("offers.column.arm"),
        bars=bars,
        x_ticks=ticks(e.horizon, e.unit),
        table=Table(id=name, caption=title, columns=columns, rows=rows, in_report=False),
    )


def _bars(case: Case, sizes: tuple[int, ...]) -> list[Bar]:
    """Return each arm's stretches, as they are usually counted and as they are here."""
    a, e = case.answer, case.answer.estimand
    k, end = e.from_unit - 1, e.horizon
    usual, here = (Sentence(f"offers.counting.{n}") for n in (USUAL_KIND, HERE))
    stay = Sentence("offers.must_stay")
    bars = [
        Bar(e.treated, 0, k, "must_stay", sizes[0], usual, stay),
        Bar(e.treated, k, end, "compared", sizes[0], usual),
        Bar(Sentence("offers.all_others"), 0, end, "compared", sizes[1], usual),
    ]
    begin = k if e.design == "landmark" else 0
    for arm, label in ((TREATED, e.treated), (CONTROL, e.control)):
        count = a.compared.curves[arm].persons
        if begin:
            bars.append(Bar(label, 0, begin, "not_compared", count, here))
        bars.append(Bar(label, begin, end, "compared", count, here))
    return bars


def _curves(case: Case) -> Figure | None:
    """Return both arms' curves from time zero on, made alike, with how many are at risk."""
    a, e = case.answer, case.answer.estimand
    if a.months.value is None:
        return None
    labels = {TREATED: e.treated, CONTROL: e.control}
    lines = [Line(_shown(case, a.compared.curves[n]), label) for n, label in labels.items()]
    if min(line.curve.observed_to for line in lines) < 1:
        return None
    words = case.words | {"made": Sentence(f"offers.made.{_made(case)}", case.words)}
    words |= {n: e for n, e in ends(case).items() if e.value is not None}
    known = {"stay_treated", "stay_control"} <= set(words)
    key = (e.design if e.design == "landmark" else frame(e)) if known else "unended"
    figure = survival_figure(
        f"{case.id}.curves",
        lines,
        study=case.study,
        title=Sentence(f"offers.figure.curves.{key}", words),
        alt=Sentence("offers.alt.curves", words),
    )
    begin = e.from_unit - 1 if e.design == "landmark" else 0
    return replace(
        figure,
        subtitle=Sentence("offers.subtitle.curves", words | {"level": lines[0].curve.level}),
        note=_note(case),
        x=_time(case),
        x_from=begin,
        table=_from(figure.table, begin, _time(case)),
    )


def _time(case: Case) -> Sentence:
    """Return what the units of curves are counted from."""
    return Sentence(f"offers.axis.{frame(case.answer.estimand)}", case.words)


def _from(table: Table, begin: int, head: Sentence) -> Table:
    """Return the table of curves with the tenures of those who had stayed so long before."""
    columns = [table.columns[0], Column(head, "int"), *table.columns[2:]]
    rows = [(r[0], begin + int(str(r[1])), *r[2:]) for r in table.rows]
    return replace(table, columns=columns, rows=rows)


def ends(case: Case) -> dict[str, Estimate]:
    """Return the shares of both arms still there at the end of the horizon, from time zero on."""
    a = case.answer
    found = {"stay_treated": TREATED, "stay_control": CONTROL}
    if a.months.value is None:
        return {}
    return {name: a.compared.curves[arm].at(a.compared.horizon) for name, arm in found.items()}


def _shown(case: Case, curve: Curve) -> Curve:
    return ended(curve, least_at_risk(case.study))


def _made(case: Case) -> str:
    e = case.answer.estimand
    return "alike" if e.assignment == "chosen" or e.alike else "drawn"


def _note(case: Case) -> Sentence:
    """Return the note under a picture: whose data, and how many of each arm are compared.

    Somebody may be in both arms, at different times: their numbers are not added up.
    """
    curves, e = case.answer.compared.curves, case.answer.estimand
    arms = case.answer.compared.adequacy.arms
    found = {n: heads(case.answer, curves[n].persons, arms[n].persons) for n in (TREATED, CONTROL)}
    words = {"client": case.study.name, "day": case.study.as_of, "treated": e.treated}
    words |= {"control": e.control, "heads": found[TREATED], "others": found[CONTROL]}
    return Sentence("offers.source", words)
