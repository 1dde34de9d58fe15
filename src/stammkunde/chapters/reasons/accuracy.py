"""How well it can be told beforehand who leaves, tried on customers the model did not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.chapters.exhibit import Column, Figure, Pair, Section, Table
from stammkunde.chapters.parts import (
    amount,
    as_today,
    assumptions,
    counted,
    is_contradicted,
    lead,
    remarks,
    results,
    unit,
)
from stammkunde.chapters.reasons.fitted import Drivers, Unfit
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, Finding, Result, Sentence, Status, turned
from stammkunde.study import Study
from stammkunde.survival.accuracy import (
    Bin,
    Brier,
    Score,
    brier,
    calibration,
    cross_fitted,
    early_enough,
    predicted,
    seen_from_start,
)
from stammkunde.survival.accuracy.scores import LOST_ALIKE, LOST_ALIKE_IN_GROUPS
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.drivers.model import driver_model

# gains below the first are "hardly", below the second "in part"
HARDLY, PARTLY = 0.1, 0.3
# a group of predictions holds this many times the smallest group shown; ten groups at most
ROOM, BINS = 5, 10
LOST = {LOST_ALIKE, LOST_ALIKE_IN_GROUPS}
Words = Mapping[str, object]


@dataclass(frozen=True)
class _Trial:
    """The scores of a model, and what came of its predictions after `at` units.

    `cells` are the spells seen from their start, `late` those that were not, `scored` of the first
    began early enough to be scored after `at` units.
    """

    scores: Brier
    bins: Sequence[Bin]
    at: int
    cells: Cells
    late: int
    scored: int

    @property
    def is_weighted(self) -> bool:
        """Return whether others stand for customers who were lost from sight."""
        return LOST & set(self.scores.integrated.gain.assumptions) != set()

    @property
    def known(self) -> list[Bin]:
        """Return the bins in which a share was observed."""
        return [b for b in self.bins if b.observed.value is not None]

    def told(self) -> dict[str, Estimate]:
        """Return how many bins there are, in how many the prediction holds, how far it was off."""
        known = self.known
        off = max((abs(b.predicted - (b.observed.value or 0.0)) for b in known), default=0.0)
        count = {"bins": len(known), "hits": sum(map(_holds, known))}
        count |= {"seen_late": self.late}
        found = {n: counted(float(c), self.cells, "count") for n, c in count.items()}
        return found | {"off": counted(off, self.cells, "share")}


def accuracy(study: Study, found: Drivers | Unfit) -> Section:
    """Return the section on how well leaving can be foretold from all columns together.

    `found` is what `read_drivers` returned. The model is fitted to spells seen from their start,
    without a fifth of the person blocks at a time, and tried on them: the error of prediction
    (Brier's score, after t units of those who began as long before observation ended) beside that
    of the plain curve, and whether predicted shares came true. Left out where there is no model, or
    too few were seen from the start.
    """
    heading = Sentence("accuracy.heading")
    trial = None if isinstance(found, Unfit) else _trial(study, found)
    if trial is None or trial.scores.integrated.gain.value is None:
        key = "no_model" if isinstance(found, Unfit) else "too_few"
        why = Sentence(f"accuracy.left_out.{key}")
        needed = not isinstance(found, Unfit)
        return Section(id="accuracy", heading=heading, left_out=why, needed=needed)
    words = _words(study, trial)
    return Section(
        id="accuracy",
        heading=heading,
        findings=[_finding(study, trial, words)],
        figures=_figures(study, trial, words),
        tables=[_table(study, trial, words)],
        paragraphs=[Sentence("accuracy.method", words)],
        results=_results(trial),
    )


def _trial(study: Study, found: Drivers) -> _Trial | None:
    """Return how the model did on customers it did not know; None where that cannot be tried.

    Who is seen late tells of customers of another time: fitted to them too, what is predicted of
    newcomers would not be what newcomers did.
    """

    def fit(part: Cells) -> np.ndarray:
        # errors by block are not asked for, and cost most
        alone = replace(part, block=np.zeros_like(part.block))
        return predicted(
            driver_model(alone, strata=courses.strata, fading=courses.bands, errors="model")
        )

    courses = found.courses
    started, at = seen_from_start(found.cells), found.tenures[-1]
    scored = int(started.n[early_enough(started, at)].sum())
    bins = min(BINS, scored // (ROOM * study.toml.report.smallest_group))
    if bins < 1:
        return None
    try:
        predictions = cross_fitted(started, fit)
        by = started.names if started.reach is None else ()
        scores = brier(started, predictions, found.tenures, horizon=at, lost_by=by)
        told = calibration(started, predictions, at, bins=bins)
    except (NotObservedError, ParameterError):
        return None
    late = int(found.cells.n.sum()) - int(started.n.sum())
    seen = [_seen(study, b) for b in told]
    return _Trial(_scored(study, scores), seen, at, started, late, scored)


def _scored(study: Study, scores: Brier) -> Brier:
    """Return the scores with the status that the data allow."""
    at = {t: _score(study, s) for t, s in scores.at.items()}
    return replace(scores, at=at, integrated=_score(study, scores.integrated))


def _score(study: Study, score: Score) -> Score:
    return Score(*(_assumed(study, e) for e in (score.score, score.reference, score.gain)))


def _seen(study: Study, found: Bin) -> Bin:
    return replace(found, observed=_assumed(study, found.observed))


def _assumed(study: Study, estimate: Estimate) -> Estimate:
    today = as_today(study)
    named = tuple(dict.fromkeys((*assumptions(study), *today, *estimate.assumptions)))
    status = Status.ESTIMATED if named else Status.MEASURED
    return replace(estimate, status=status, assumptions=named)


def _holds(found: Bin) -> bool:
    """Return whether what was predicted lies within the interval of what was observed."""
    low, high = found.observed.low, found.observed.high
    return low is not None and high is not None and low <= found.predicted <= high


def _words(study: Study, trial: _Trial) -> Words:
    told = trial.told()
    whole = trial.scores.integrated
    late, at = trial.late, trial.at
    how = "weighted" if trial.is_weighted else "early"
    return {
        "lead": lead(study),
        "client": study.name,
        "day": study.as_of,
        "spells": trial.scored,
        "times": amount("spells", trial.scored),
        "at": at,
        "unit": unit(study.toml.data.window.unit, at, "dative"),
        "gain": whole.gain,
        "loss": turned(whole.gain),
        "error": whole.score,
        "plain": whole.reference,
        "bins": len(trial.known),
        "hits": int(told["hits"].value or 0),
        "off": told["off"].value,
        "level": whole.gain.level,
        "late": Sentence("accuracy.late", {"late": late, "count": late}) if late else "",
        "who": Sentence(f"accuracy.who.{how}"),
    }


def _verdict(gain: Estimate) -> str:
    """Return which sentence a gain deserves; one below 0 is never told as one."""
    value, low, high = gain.value or 0.0, gain.low, gain.high
    if high is not None and high < 0:
        return "worse"
    if low is None or low <= 0:
        return "nothing" if value > 0 else "no_better" if value < 0 else "same"
    return "hardly" if value < HARDLY else "partly" if value < PARTLY else "well"


def _finding(study: Study, trial: _Trial, words: Words) -> Finding:
    gain = trial.scores.integrated.gain
    return Finding(
        id="accuracy.gain",
        status=gain.status,
        assumptions=gain.assumptions,
        sentence=Sentence(f"accuracy.{_verdict(gain)}", words),
        importance=0.2 if is_contradicted(study) else 0.3,
        remarks=remarks(gain),
        figure="accuracy.calibration",
        table="accuracy.scores",
    )


def _figures(study: Study, trial: _Trial, words: Words) -> list[Figure]:
    """Return predicted against observed shares; none where nothing was observed."""
    if not trial.known:
        return []
    title = Sentence("accuracy.figure", {**words, "count": len(trial.known)})
    columns = [Column(Sentence("accuracy.column.predicted", words), "percent1")]
    columns += [Column(Sentence("accuracy.column.observed", words), "percent1")]
    columns += [Column("column.spells", "int"), Column("column.events", "int")]
    rows = [(b.predicted, b.observed, b.spells, b.observed.events) for b in trial.bins]
    return [
        Figure(
            id="accuracy.calibration",
            kind="calibration",
            title=title,
            subtitle=Sentence("accuracy.subtitle", words),
            note=Sentence("accuracy.note", words),
            alt=Sentence("accuracy.alt", words),
            x=Sentence("accuracy.predicted"),
            y=Sentence("accuracy.observed"),
            pairs=[Pair(b.predicted, b.observed) for b in trial.known],
            table=Table(
                id="accuracy.calibration",
                caption=title,
                columns=columns,
                rows=rows,
                in_report=False,
            ),
        )
    ]


def _table(study: Study, trial: _Trial, words: Words) -> Table:
    columns = [Column("accuracy.column.time", "text")]
    columns += [Column(f"accuracy.column.{name}", "n3") for name in ("plain", "model")]
    columns += [Column("accuracy.column.gain", "percent1"), Column("column.spells", "int")]
    named = [(_after(study, t), s) for t, s in trial.scores.at.items()]
    named.append((Sentence("accuracy.whole", words), trial.scores.integrated))
    rows: list[tuple[object, ...]] = [
        (name, s.reference, s.score, s.gain, s.gain.spells) for name, s in named
    ]
    return Table(
        id="accuracy.scores",
        caption=Sentence("accuracy.caption"),
        columns=columns,
        rows=rows,
        note=Sentence("accuracy.table_note", words),
    )


def _after(study: Study, tenure: int) -> Sentence:
    words = {"at": tenure, "unit": unit(study.toml.data.window.unit, tenure, "dative")}
    return Sentence("accuracy.after", words)


def _results(trial: _Trial) -> list[Result]:
    found: dict[str, Estimate] = {}
    whole = (f"1-{trial.at}", trial.scores.integrated)
    for name, score in (*((str(t), s) for t, s in trial.scores.at.items()), whole):
        found[f"brier.{name}"] = score.score
        found[f"brier.plain.{name}"] = score.reference
        found[f"gain.{name}"] = score.gain
    lines = results("accuracy", found | trial.told())
    for b in trial.bins:
        group = {"predicted": f"{b.predicted:.4f}"}
        lines += results("accuracy", {f"observed.{trial.at}": b.observed}, group)
    return lines
