"""The calendar: which months were unlike others, at equal time as a customer?"""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.exhibit import Column, Figure, Point, Section, Table
from stammkunde.chapters.lifetimes.cohorts import period_name
from stammkunde.chapters.lifetimes.diagram import cohort_picture
from stammkunde.chapters.lifetimes.months import Months, first_day, inside, months_of, new_terms
from stammkunde.chapters.lifetimes.rises import LONG, REACH, Compared, following, label, marks
from stammkunde.chapters.parts import amount, remarks, results, unit
from stammkunde.result import Finding, Sentence, Status
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.calendar import Lexis, lexis_of_spells

NAME = "lifetimes.calendar"


def calendar(study: Study, spells: Spells, beside: Beside) -> Section:
    """Return the section on calendar time: a picture of cohorts, one of months, what they hide.

    Leavers of each month (quarter, where few leave) by those expected from tenure within the terms
    that the TOML declares, with price rises marked. Left out without dates, under a lapse rule,
    which moves the day of leaving, and where one cohort alone or too few leavers were seen.
    """
    heading = Sentence("calendar.heading")
    why = "rule" if study.toml.data.transactions is not None else ""
    why = why or ("" if spells.close is not None else "no_dates")
    if why:
        return _left_out(heading, why)
    diagram = lexis_of_spells(spells, since=new_terms(study))
    picture, shares = cohort_picture(study, diagram, spells.close)
    months = months_of(study, diagram, beside)
    if picture is None and months is None:
        return _left_out(heading, "few")
    figures = [picture] if picture else []
    parts = _months_parts(study, diagram, months) if months else None
    return Section(
        id=NAME,
        heading=heading,
        findings=[*(parts.findings if parts else ()), _separate(study)],
        figures=[*(parts.figures if parts else ()), *figures],
        tables=parts.tables if parts else (),
        results=[*(parts.results if parts else ()), *shares],
    )


def _left_out(heading: Sentence, why: str) -> Section:
    return Section(id=NAME, heading=heading, left_out=Sentence(f"calendar.left_out.{why}"))


def _months_parts(study: Study, diagram: Lexis, months: Months) -> Section:
    """Return findings, picture, table and numbers of the months, without the cohorts."""
    words = _words(months)
    after = months.after
    key = _direction(after)
    findings = [_months_finding(months, words)]
    if after.after is not None and key:
        findings.insert(0, _rises_finding(after, key))
    numbers = {f"ratio.{p}": e for p, e in months.ratios.items()}
    for rise, (later, earlier) in after.each.items():
        day = rise.day.isoformat()
        numbers |= {f"after_rise.{day}": later, f"before_rise.{day}": earlier}
    together = (("after_rises", after.after), ("before_rises", after.before))
    numbers |= {name: e for name, e in (*together, ("rises", after.gap)) if e is not None}
    return Section(
        id=NAME,
        heading=Sentence("calendar.heading"),
        findings=findings,
        figures=[_figure(study, diagram, months, words, key)],
        tables=[_rises_table(after)] if after.rises else [],
        results=results(NAME, numbers),
    )


def _direction(after: Compared) -> str:
    """Return which sentence price rises deserve, "" where they cannot be compared."""
    gap, later = after.gap, after.after
    if gap is None or later is None or later.value is None:
        return ""
    if gap.low is None or gap.high is None:
        return "few"
    return "more" if gap.low > 1 else "fewer" if gap.high < 1 else "same"


def _rises_finding(after: Compared, key: str) -> Finding:
    assert after.after is not None
    named = {"days": [r.day for r in after.rises], "count": len(after.rises)}
    words = {
        "rises": Sentence("calendar.of_rises", named),
        "after": after.after,
        "before": after.before,
        "gap": after.gap,
        "months": REACH,
    }
    some = () if all(r.every for r in after.rises) else (Sentence("calendar.some_plans"),)
    known = [e for e in (after.after, after.gap) if e is not None and e.value is not None]
    return Finding(
        id=f"{NAME}.rises",
        status=Status.ESTIMATED,
        assumptions=after.after.assumptions,
        sentence=Sentence(f"calendar.rises.{key}", words),
        importance=0.4 if key in ("more", "fewer") else 0.25,
        remarks=(*some, *remarks(*known)),
        figure=NAME,
        table=f"{NAME}.rises",
    )


def _words(months: Months) -> dict[str, object]:
    """Return how many periods stand out, the extremes among them, and how many follow a rise."""
    shown = months.ratios
    highest = max(months.above, key=lambda p: shown[p].value or 0, default="")
    lowest = min(months.below, key=lambda p: shown[p].value or 0, default="")
    words: dict[str, object] = {
        "all": len(shown),
        "above": len(months.above),
        "below": len(months.below),
        "one": unit(months.by, 1),
        "units": unit(months.by),
        "units_in": unit(months.by, 2, "dative"),
        "level": next(iter(shown.values())).level,
    }
    if highest:
        words |= {"peak": period_name(highest, "in_"), "high": shown[highest]}
    if lowest:
        words |= {"trough": period_name(lowest, "in_"), "low": shown[lowest]}
    late = {m for r in months.rises for m in following(r, LONG)}
    words["late"] = sum(bool(set(inside(p)) & late) for p in months.above)
    words["months"] = LONG
    return words


def _months_finding(months: Months, words: Mapping[str, object]) -> Finding:
    key = {(1, 1): "both", (1, 0): "above", (0, 1): "below", (0, 0): "none"}[
        bool(months.above), bool(months.below)
    ]
    after = _after(words) if months.rises and months.above else ""
    one = next(iter(months.ratios.values()))
    return Finding(
        id=f"{NAME}.months",
        status=one.status,
        assumptions=one.assumptions,
        sentence=Sentence(f"calendar.months.{key}", {**words, "after": after}),
        importance=0.3 if key != "none" else 0.2,
        figure=NAME,
    )


def _after(words: Mapping[str, object]) -> Sentence:
    """Return how many of the periods above lie after a price rise; of a single one, whether."""
    if words["above"] == 1:
        return Sentence(f"calendar.months.{'only_late' if words['late'] else 'only_other'}", words)
    return Sentence("calendar.months.late", {**words, "count": words["late"]})


def _separate(study: Study) -> Finding:
    words = {"terms": Sentence("calendar.same_terms") if study.toml.data.terms else ""}
    return Finding(
        id=f"{NAME}.separate",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence("calendar.separate", words),
        unknown=Sentence("calendar.unknown"),
        importance=0.15,
    )


def _figure(
    study: Study, diagram: Lexis, months: Months, words: Mapping[str, object], key: str
) -> Figure:
    table = Table(
        id=NAME,
        caption=Sentence("calendar.caption.months", words),
        columns=[
            Column("calendar.column.period", "text"),
            Column("column.events", "int"),
            Column("calendar.column.expected", "n1"),
            Column("calendar.column.ratio", "n2"),
            Column("calendar.column.unusual", "text"),
        ],
        rows=[_row(months, p) for p in months.ratios],
        note=Sentence("calendar.note.months", words),
        in_report=False,
    )
    named = key in ("more", "fewer")
    odd = "odd" if months.above or months.below else "none"
    title = {"after": months.after.after, "before": months.after.before, **words}
    odd_ones = len(months.above) + len(months.below)
    title |= {"odd": odd_ones, "count": odd_ones}
    return Figure(
        id=NAME,
        kind="series",
        title=Sentence(f"calendar.figure.{key if named else odd}", title),
        subtitle=Sentence("calendar.subtitle.months", words),
        note=_note(study, diagram, months),
        alt=Sentence("calendar.alt.months", {**title, **_extremes(months)}),
        x=Sentence("calendar.axis.calendar"),
        y=Sentence("calendar.axis.ratio"),
        points=[Point(first_day(p), e) for p, e in months.ratios.items()],
        reference=1.0,
        marks=marks(months.rises),
        table=table,
    )


def _extremes(months: Months) -> dict[str, object]:
    low, high = (f(months.ratios.values(), key=lambda e: e.value or 0) for f in (min, max))
    return {"least": low, "most": high}


def _row(months: Months, period: str) -> tuple[object, ...]:
    found = months.found
    odd = "above" if period in months.above else "below" if period in months.below else ""
    return (
        period_name(period),
        months.ratios[period].events,
        float(found.expected[found.periods.index(period)]),
        months.ratios[period],
        Sentence(f"calendar.unusual.{odd}") if odd else None,
    )


def _note(study: Study, diagram: Lexis, months: Months) -> Sentence:
    """Return the source, and what the expected leavers come from."""
    tables = diagram.tables.values()
    spells = sum(int(t.spells.sum()) for t in tables)
    words = {
        "client": study.name,
        "day": study.as_of,
        "spells": spells,
        "times": amount("spells", spells),
        "others": Sentence("calendar.without_rises", {"months": months.settle})
        if months.without
        else "",
        "terms": Sentence("calendar.within_terms") if study.toml.data.terms else "",
    }
    return Sentence("calendar.source", words)


def _rises_table(after: Compared) -> Table:
    return Table(
        id=f"{NAME}.rises",
        caption=Sentence("calendar.caption.rises"),
        columns=[
            Column("calendar.column.day", "date"),
            Column("calendar.column.rise", "text"),
            Column(Sentence("calendar.column.before", {"months": REACH}), "n2"),
            Column(Sentence("calendar.column.after", {"months": REACH}), "n2"),
        ],
        rows=[(r.day, label(r), earlier, later) for r, (later, earlier) in after.each.items()],
        note=Sentence("calendar.note.rises"),
    )
