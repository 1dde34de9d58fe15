"""The answer in segments: each counted by itself, and drawn towards the others as chance asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.answer import Segment
from stammkunde.evidence.asking.gains import Gains, gains_of
from stammkunde.evidence.asking.heads import heads_of
from stammkunde.evidence.asking.later import NOT_PROJECTED, NOWHERE, Afterwards, Asked, later_of
from stammkunde.evidence.asking.made import ARMS, TREATED, Made
from stammkunde.evidence.asking.question import (
    FROM_SIGN_UP,
    QuestionToml,
    design_of,
    is_for_newcomers,
)
from stammkunde.evidence.asking.stakes import FOR_GOOD, Heads, Stakes, stakes_of
from stammkunde.evidence.baseline import Population, baseline_trial
from stammkunde.evidence.drawn import FEWEST, drawn
from stammkunde.evidence.effect import EVERYBODY, Effect, effect_of
from stammkunde.evidence.reacting.once import computed_once
from stammkunde.evidence.staying.landmark import with_arms
from stammkunde.evidence.trial import Compared, Trial, compare
from stammkunde.intervals import FEW_EVENTS, student_quantile
from stammkunde.result import Estimate
from stammkunde.spells.spells import MISSING, Spells
from stammkunde.survival.drivers.cells import OTHER
from stammkunde.survival.projection.worth import discount

DRAWN_TOWARDS = "drawn towards the mean of the segments (hierarchical, flat law of the spread)"
# what is no level in an order
LAST = (OTHER, MISSING)
Columns = tuple[str, ...]
Trials = Mapping[Columns, Mapping[tuple[str, ...], Trial]]


def columns_of(question: QuestionToml, made: Made) -> list[Columns]:
    """Return the columns of segments: each of `by`, and all of them together.

    None where the design does not count its subjects one by one, or does not know the columns.
    """
    known = () if made.known is None else [*made.known.columns]
    columns = tuple(c for c in dict.fromkeys(question.by) if c in known)
    wanted: list[Columns] = [(c,) for c in columns]
    if len(columns) > 1:
        wanted.append(columns)
    return wanted if made.counted is not None else []


def trials_of(
    question: QuestionToml, made: Made, heads: Mapping[Columns, Heads | None] | None = None
) -> Trials:
    """Return the trials within segments (see `columns_of`); keys are columns, then their levels.

    `heads` are persons where some are there several times: without them each subject counts as one.
    """
    known = heads or {}
    return {c: _trials_by(question, made, c, known.get(c)) for c in columns_of(question, made)}


def _trials_by(
    question: QuestionToml, made: Made, columns: Columns, heads: Heads | None
) -> dict[tuple[str, ...], Trial]:
    """Return the trial within each segment, in the order of levels; empty without both arms."""
    assert made.counted is not None
    assert made.known is not None
    levels = made.known[[*columns]].astype(str)
    population: Population = "treated" if design_of(question) == "reaction" else "all"
    found: dict[tuple[str, ...], Trial] = {}
    for level in _ordered(made.subjects, columns, set(levels.itertuples(index=False, name=None))):
        cells = levels.index[(levels == level).all(axis=1)]
        rows = made.counted[made.counted.cell.isin(cells)]
        one = baseline_trial(
            with_arms(rows, ARMS),
            ARMS,
            reach=made.compared.horizon,
            population=population,
            heads=heads.arms.get(level) if heads else None,
            unit=made.trial.unit,
            origin=made.trial.origin,
            assumptions=made.trial.assumptions,
        )
        found[level] = replace(one, clusters=made.trial.clusters, refused=made.trial.refused)
    return found


def _ordered(
    spells: Spells | None, columns: Columns, levels: Collection[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """Return levels in the order in which they are declared, those of no order by their names."""
    groups = {} if spells is None else spells.groups
    orders = [[*groups[c].levels] if c in groups else [] for c in columns]

    def place(found: tuple[str, ...]) -> list[tuple[bool, int, str]]:
        return [
            (n in LAST, order.index(n) if n in order else len(order), n)
            for n, order in zip(found, orders, strict=True)
        ]

    return sorted(levels, key=place)


def compared_by(trials: Trials, horizon: int) -> dict[Columns, dict[tuple[str, ...], Compared]]:
    """Return the arms compared within each segment."""
    return {
        columns: {levels: compare(t, *ARMS, horizon) for levels, t in own.items()}
        for columns, own in trials.items()
    }


def segments_of(
    compared: Mapping[Columns, Mapping[tuple[str, ...], Compared]],
    heads: Mapping[Columns, Heads | None] | None = None,
) -> tuple[Segment, ...]:
    """Return the answer in the segments of each column, and of all together, from time zero on.

    A segment that cannot be told of has no value but a reason. `heads` as in `trials_of`.
    """
    found: list[Segment] = []
    for columns, cells in compared.items():
        own = {n: _months(n, c, (heads or {}).get(columns)) for n, c in cells.items()}
        better = drawn_estimates(own)
        found += [
            Segment(columns=columns, levels=n, own=e, shrunk=better[n]) for n, e in own.items()
        ]
    return tuple(found)


def _months(levels: tuple[str, ...], found: Compared, heads: Heads | None) -> Estimate:
    """Return the difference in a segment, of so many persons, each counted once."""
    entries = sum(w.persons for w in found.adequacy.arms.values())
    persons = entries if heads is None else min(entries, heads.persons.get(levels, entries))
    return replace(found.months, persons=persons, spells=entries)


def drawn_estimates(
    own: Mapping[tuple[str, ...], Estimate],
) -> dict[tuple[str, ...], Estimate]:
    """Return estimates drawn towards their mean; of fewer than three nothing is drawn.

    Those without a value, or without an error of their own, stay as they are.
    """
    told = {n: e for n, e in own.items() if e.value is not None and e.se}
    if len(told) < FEWEST:
        return dict(own)
    values = np.array([e.value for e in told.values()], dtype=float)
    errors = np.array([e.se for e in told.values()], dtype=float)
    better = dict(own)
    for (n, e), value, se in zip(told.items(), *drawn(values, errors), strict=True):
        blocks = e.replicates.smallest if e.replicates else 0
        step = student_quantile(e.level, blocks) * float(se)
        better[n] = replace(
            e,
            value=float(value),
            low=float(value) - step,
            high=float(value) + step,
            se=float(se),
            method=DRAWN_TOWARDS,
            replicates=None,
        )
    return better


def told_by_segment(
    question: QuestionToml, made: Made, afterwards: Afterwards = NOWHERE
) -> tuple[tuple[Segment, ...], Gains | None, Effect | None]:
    """Return the answer by segment, in which of them it pays, and the effect as a policy wants it.

    Gains are those of the finest segments there are, and `afterwards` says what follows.
    """
    wanted = columns_of(question, made)
    with _once(made if wanted else replace(made, subjects=None)) as own:
        heads = {c: heads_of(question, own, c) for c in wanted}
        trials = trials_of(question, own, heads)
        compared = compared_by(trials, made.compared.horizon)
        gains = None
        if compared and made.compared.months.value is not None:
            columns = wanted[-1]
            cells = compared[columns]
            gains = _gains(question, own, columns, cells, afterwards, heads[columns])
    return segments_of(compared, heads), gains, effect_by_segment(question, made, trials)


@contextmanager
def _once(made: Made) -> Iterator[Made]:
    """Yield what a design has made, its subjects computed once in the engine."""
    if made.subjects is None:
        yield made
        return
    with computed_once(made.subjects.relation) as rows:
        yield replace(made, subjects=replace(made.subjects, relation=rows))


def _gains(
    question: QuestionToml,
    made: Made,
    columns: Columns,
    compared: Mapping[tuple[str, ...], Compared],
    afterwards: Afterwards,
    heads: Heads | None,
) -> Gains | None:
    assert made.counted is not None
    assert made.known is not None
    rows = made.counted
    if design_of(question) == "reaction":
        rows = rows[rows.arm == TREATED]
    levels = made.known.loc[rows.cell, [*columns]].astype(str).reset_index(drop=True)
    persons = {}
    for n in compared:
        own = (levels == n).all(axis=1).to_numpy()
        persons[n] = np.bincount(rows.block[own], weights=rows.n[own], minlength=BLOCKS)
    told = [n for n, c in compared.items() if c.months.value is not None]
    stakes = _stakes(question, made, columns, told, afterwards)
    return gains_of(columns, compared, persons, drawn_estimates, stakes, heads=heads)


def _stakes(
    question: QuestionToml,
    made: Made,
    columns: Columns,
    segments: Sequence[tuple[str, ...]],
    afterwards: Afterwards,
) -> Stakes | None:
    """Return what is at stake; None where that is not known, or told by who came for the offer."""
    if is_for_newcomers(question):
        return None
    assert made.subjects is not None
    design, spells = design_of(question), made.subjects
    # an offer is paid for while it lasts, what is done on a day once
    held = (question.lasts or FOR_GOOD) if design in FROM_SIGN_UP else 0
    stakes = stakes_of(spells, columns, euro=question.euro, held=held)
    if stakes is None:
        return None
    asked = Asked(
        spells=spells,
        columns=columns,
        design=design,
        origin=made.trial.origin,
        horizon=made.compared.horizon,
    )
    later = later_of(asked, segments, afterwards, held=held)
    whole = later is not None or 0 < afterwards.span <= made.compared.horizon
    why = "" if whole else afterwards.why or NOT_PROJECTED
    v = discount(spells.unit, afterwards.interest)
    return replace(stakes, discount=v, later=later, why=why)


def effect_by_segment(
    question: QuestionToml,
    made: Made,
    trials: Trials,
    *,
    least: int = FEW_EVENTS,
    breaks: Sequence[int] = (),
) -> Effect | None:
    """Return the effect as a policy wants it: of everybody, and in the segments of `by`.

    `least` and `breaks` as in `effect_of`. None where the arms were not observed in the first unit.
    """
    named = {EVERYBODY: made.trial}
    for columns, own in trials.items():
        if len(columns) == 1:
            named |= {f"{columns[0]}={n}": t for (n,), t in own.items() if _begun(t)}
    try:
        return effect_of(
            named,
            *ARMS,
            made.compared.horizon,
            population=question.name,
            least=least,
            breaks=breaks,
        )
    except NotObservedError:
        return None


def _begun(trial: Trial) -> bool:
    return all(trial.arm(a).counts.at_risk[0, 0] > 0 for a in ARMS)
