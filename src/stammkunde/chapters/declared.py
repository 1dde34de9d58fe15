"""What the client has declared: the meanings that no data can show and that nothing guesses."""

from __future__ import annotations

from datetime import timedelta

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.parts import amount, least_at_risk, unit
from stammkunde.result import Estimate, Label, Sentence, Status
from stammkunde.spells.schema.data import DataToml
from stammkunde.study import Study

Row = tuple[Sentence, Sentence]


def declared(study: Study) -> Section:
    """Return the section that lists what the client's TOML declares about its data."""
    data = study.toml.data
    rows = [*_window(data), *_spells(data), *_terms(data), *_causes(study), *_bounds(study)]
    rows += _alert(data)
    table = Table(
        id="appendix.declared",
        caption=Sentence("declared.caption", {"client": study.name}),
        columns=[Column("declared.what", "text"), Column("declared.meaning", "text")],
        rows=rows,
    )
    heading = Sentence("appendix.heading.declared")
    said = Sentence("declared.said", {"file": f"clients/{study.slug}.toml"})
    return Section(id="appendix.declared", heading=heading, paragraphs=[said], tables=[table])


def _row(name: str, kind: str = "", **values: object) -> Row:
    key = f"declared.value.{name}{f'.{kind}' if kind else ''}"
    return Sentence(f"declared.name.{name}"), Sentence(key, values)


def _window(data: DataToml) -> list[Row]:
    window = data.window
    rows = [_row("unit", unit=unit(window.unit, 1))]
    if window.close is None:
        return rows
    last = window.close - timedelta(days=1)
    kind = "from" if window.open else "all"
    return [_row("window", kind, open=window.open, last=last), *rows]


def _spells(data: DataToml) -> list[Row]:
    rows = []
    if data.contracts is not None:
        contracts = data.contracts
        rows.append(_row("end_is", contracts.end_is, days=amount("of_days", contracts.grace_days)))
        rows.append(
            _row("per", data.spells.per, days=amount("of_days", data.spells.merge_gap_days))
        )
        kind = "some" if data.spells.return_days else "none"
        rows.append(_row("returns", kind, days=amount("of_days", data.spells.return_days)))
    if data.lapse is not None:
        rows.append(_row("lapse", days=amount("days", data.lapse.gap_days)))
    if data.persons is not None:
        rows.append(_row("persons", file=data.persons.delivery.name))
    return rows


def _terms(data: DataToml) -> list[Row]:
    found = []
    for term in data.terms:
        kind = "term" if term.minimum_months else "open"
        found.append(
            _row(
                "terms",
                kind,
                day=term.signed_from,
                days=amount("days", term.notice_days),
                minimum=amount("months", term.minimum_months),
                renewal=amount("months", term.renewal_months),
            )
        )
    return found


def _causes(study: Study) -> list[Row]:
    rows = []
    for name, cause in study.toml.data.causes.items():
        kind = "controllable" if cause.controllable else "not"
        title = Label(name, dict(cause.title))
        rows.append(_row("cause", kind, title=title, reasons=", ".join(cause.reasons)))
    return rows


def _alert(data: DataToml) -> list[Row]:
    alert = data.alert
    if alert is None:
        return []
    currency = data.money.currency
    return [
        _row(
            "alert",
            cost=Estimate(
                value=alert.cost, unit=currency, method="declared", status=Status.ASSUMED
            ),
            won_back=alert.won_back,
            margin=alert.margin_share,
            months=amount("months", alert.months),
            says=Label("says", dict(alert.says)),
        )
    ]


def _bounds(study: Study) -> list[Row]:
    data = study.toml.data
    rows = [
        _row("smallest", persons=amount("persons", study.toml.report.smallest_group)),
        _row("least_at_risk", persons=least_at_risk(study)),
        _row("most_rejected", share=data.checks.most_rejected),
    ]
    if data.contracts is None:
        return rows
    money, relevant = data.money, data.relevant
    kind = "net" if money.net else "gross"
    rows.append(_row("money", kind, currency=money.currency, vat=money.vat))
    if money.interest is not None:
        rows.append(_row("interest", interest=money.interest))
    rows.append(
        _row(
            "relevant",
            currency=money.currency,
            months=relevant.months,
            share=relevant.share,
            money=relevant.money,
        )
    )
    return rows
