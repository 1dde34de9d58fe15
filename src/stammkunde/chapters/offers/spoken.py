"""Words that every doubt about an answer needs: of its arms, its units and what is known."""

from __future__ import annotations

from stammkunde.chapters.exhibit import Name
from stammkunde.chapters.parts import amount, unit
from stammkunde.chapters.reasons.names import band_name, level_name, title_of
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.estimand import DATED
from stammkunde.evidence.asking.made import ARMS, CONTROL, TREATED
from stammkunde.evidence.dates.dated import TENURE
from stammkunde.result import Estimate, Label, Sentence
from stammkunde.study import Study

LATELY = "lately "


def words_of(study: Study, answer: Answer) -> dict[str, object]:
    """Return the words that any sentence about an answer may ask for."""
    asked, horizon = answer.estimand, answer.compared.horizon
    counted = {"horizon": horizon, "units_in": unit(asked.unit, horizon, "dative")}
    return {
        **counted,
        "question": asked.title,
        "treated": asked.treated,
        "control": asked.control,
        "one": unit(asked.unit, 1),
        "units": unit(asked.unit),
        "span": Sentence(f"doubts.span.{_span(answer)}", counted),
        "client": study.name,
        "as_of": study.as_of,
        "level": answer.months.level,
    }


def _span(answer: Answer) -> str:
    """Return from when the units of a comparison count."""
    design = answer.estimand.design
    return "landmark" if design == "landmark" else "dated" if design in DATED else "plain"


def arms_of(answer: Answer) -> dict[str, Label]:
    """Return the titles of both arms, the treated first."""
    return {TREATED: answer.estimand.treated, CONTROL: answer.estimand.control}


def counted_as(answer: Answer) -> str:
    """Return what the arms count: "customers", or what a customer may have several of."""
    rows = {a: answer.compared.adequacy.arms[a].persons for a in ARMS}
    once = all(rows[a] <= answer.trial.arm(a).persons for a in ARMS)
    return "customers" if once else _again_as(answer)


def _again_as(answer: Answer) -> str:
    """Return as what a customer is counted again: "drawings" of a lot, "entries" or "spells"."""
    asked = answer.estimand
    if asked.design not in ("lot", "values", "reaction"):
        return "spells"
    return "drawings" if asked.assignment == "drawn" else "entries"


def heads(answer: Answer, persons: int, entries: int) -> Sentence:
    """Return how many customers a number is of, and how often they are in it where that is more.

    A lot that is drawn again, or an event that happens again, meets the same customers; elsewhere
    some have been customers several times.
    """
    of = amount("customers", persons)
    if entries <= persons:
        return of
    return Sentence("gains.heads", {"entries": amount(_again_as(answer), entries), "of": of})


def column_name(study: Study, column: str) -> Name:
    """Return what a column known of customers is called, also one that the design has made."""
    data = study.toml.data
    if column in data.groups or column in data.covariates:
        return title_of(study, column)
    if column == TENURE:
        return Sentence("doubts.tenure", {"units": unit(study.toml.data.window.unit)})
    if column.startswith(LATELY):
        return Sentence("doubts.lately", {"event": Label(column.removeprefix(LATELY))})
    return Label(column)


def level_of(study: Study, column: str, level: str) -> Name:
    """Return what a level of such a column is called."""
    data = study.toml.data
    declared = column in data.groups or column in data.covariates
    if declared:
        return level_name(study, column, level)
    return (band_name(level) if column == TENURE else None) or Label(level)


def direction(estimate: Estimate, more: str = "longer", less: str = "shorter") -> str:
    """Return the word for which way a difference goes: "open" may be either, "refused" none."""
    if estimate.value is None:
        return "refused"
    if estimate.low is None or estimate.high is None or estimate.low <= 0 <= estimate.high:
        return "open"
    return more if estimate.low > 0 else less


def least_of(study: Study) -> int:
    """Return how many persons a group must have to be shown."""
    return study.toml.report.smallest_group
