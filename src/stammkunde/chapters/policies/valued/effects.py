"""The effects that policies rest on, as the client's own data show them: no doubts, no money."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.chapters.offers.read import relevant_of
from stammkunde.chapters.parts import assumptions
from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.made import CONTROL, TREATED, Made
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.asking.segments import Trials, effect_by_segment, trials_of
from stammkunde.evidence.effect import EVERYBODY, Effect
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.shares import share

REFUSED = "(refused) "
# a ratio of two counts is too large by about one part in so many
LEAST = 100


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a question's data say: its `effect` by level of the segments, and who `took` the offer.

    `took` is the share of those asked about that had it, by level ("" all).
    """

    effect: Effect
    took: Mapping[str, Estimate]


def read_effects(
    study: Study, spells: Spells, beside: Beside, names: Collection[str]
) -> dict[str, Found]:
    """Return the effects of the questions of these names, by level of `setting.segments`.

    NotObservedError, naming the question, where the data cannot tell its effect: a policy then
    needs an assumption in its place.
    """
    return {
        q.name: _found(study, spells, beside, q.name)
        for q in study.toml.question
        if q.name in names
    }


def _found(study: Study, spells: Spells, beside: Beside, name: str) -> Found:
    question = next(q for q in study.toml.question if q.name == name)
    setting = study.toml.setting
    column = setting.segments if setting is not None else ""
    # an effect is told by the segments of the policies, and by no others
    question = replace(question, by=(column,) if column in question.by else ())
    estimand = estimand_of(
        question,
        unit=spells.unit,
        relevant=relevant_of(study, spells.unit),
        relevant_share=study.toml.data.relevant.share,
        rests=assumptions(study),
    )
    remedy = "Assume a reaction in the policies that name it, and say who assumes it."
    try:
        made = made_of(question, estimand, spells, beside)
    except NotObservedError as error:
        raise NotObservedError(f"`{name}`: {error.what}", remedy=remedy) from error
    trials = trials_of(question, made)
    effect = effect_by_segment(question, made, trials, least=LEAST, breaks=breaks_of(question))
    if effect is None or effect.adequacy[EVERYBODY].refused:
        why = "no_first_unit" if effect is None else effect.adequacy[EVERYBODY].refused
        raise NotObservedError(f"`{name}`: no effect can be told ({why})", remedy=remedy)
    effect = _with_support(effect, _thin(effect, trials, breaks_of(question)))
    return Found(effect=_avoidable(study, _by_level(effect, column)), took=_took(made, column))


def breaks_of(question: QuestionToml) -> tuple[int, ...]:
    """Return the units in which another law of leaving begins: where an offer ends, and after."""
    return (question.lasts, question.lasts + 2) if question.lasts else ()


def _thin(effect: Effect, trials: Trials, breaks: Sequence[int]) -> np.ndarray:
    """Return in which segments a cause has too few leavers to be told by itself [S, C].

    That is fewer than 5 in an arm before, between or after the breaks.
    """
    known = {f"{columns[0]}={n[0]}": t for columns, own in trials.items() for n, t in own.items()}
    found = np.zeros((len(effect.segments), len(effect.causes)), dtype=bool)
    for s, segment in enumerate(effect.segments):
        if segment not in known:
            continue
        trial = known[segment]
        for c, cause in enumerate(effect.causes):
            found[s, c] = cause not in trial.causes or any(
                part.sum() < FEW_EVENTS
                for arm in (effect.treated, effect.control)
                for part in np.split(
                    trial.arm(arm).counts.moves[0][trial.causes.index(cause)],
                    [b - 1 for b in breaks],
                )
            )
    return found


def _with_support(effect: Effect, thin: np.ndarray) -> Effect:
    """Return the effect with everybody's hazards where a segment's leavers are too few."""
    whole = effect.place(EVERYBODY)

    def filled(hazards: np.ndarray) -> np.ndarray:
        everybody = hazards[..., whole : whole + 1, :, :]
        return np.where(thin[:, :, None], everybody, hazards)

    return replace(effect, hazards=filled(effect.hazards), replicates=effect.replicates.map(filled))


def _avoidable(study: Study, effect: Effect) -> Effect:
    """Return the effect on those causes that anything can change: an offer holds nobody who moves.

    What the arms show in the others is chance, or unlikeness, and no effect. Nor is there one on a
    cause so rare that nobody left for it in an arm.
    """
    fixed = {n for n, cause in study.toml.data.causes.items() if not cause.controllable}
    rare = (effect.hazards == 0).any(axis=(0, 1, 3))
    at = [i for i, c in enumerate(effect.causes) if c not in fixed and not rare[i]]
    return replace(
        effect,
        causes=tuple(effect.causes[i] for i in at),
        hazards=effect.hazards[..., at, :],
        replicates=effect.replicates.map(lambda h: h[..., at, :]),
    )


def _by_level(effect: Effect, column: str) -> Effect:
    """Return the effect with its segments named by level; refused ones take that of everybody."""
    names = {n: n.removeprefix(f"{column}=") for n in effect.segments}
    names |= {n: f"{REFUSED}{n}" for n in names if effect.adequacy[n].refused}
    return replace(
        effect,
        segments=tuple(names[n] for n in effect.segments),
        adequacy={names[n]: a for n, a in effect.adequacy.items()},
    )


def _took(made: Made, column: str) -> dict[str, Estimate]:
    """Return the share of subjects that are treated, of all and by level of a column."""
    rows = made.counted
    if rows is None:
        return {}
    found = {"": _share(rows.arm, rows.block, rows.n)}
    if made.known is None or column not in made.known:
        return found
    level = made.known[column].astype(str).reindex(rows.cell).to_numpy()
    for name in sorted(set(level)):
        own = rows[level == name]
        found[name] = _share(own.arm, own.block, own.n)
    return found


def _share(arm: object, block: object, n: object) -> Estimate:
    arms, blocks, counts = (np.asarray(x) for x in (arm, block, n))
    known = np.isin(arms, (TREATED, CONTROL))
    whole = np.bincount(blocks[known], weights=counts[known], minlength=BLOCKS)
    had = arms == TREATED
    treated = np.bincount(blocks[had], weights=counts[had], minlength=BLOCKS)
    return share(treated, whole, persons=int(whole.sum()), repeats=True)
