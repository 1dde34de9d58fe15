"""Worlds in which a whole curve is to be held, or a hazard has one month like no other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.survival.bands import simultaneous
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import conditional, kaplan_meier
from stammkunde.survival.smooth import smooth_hazard, spikes
from tests.validate.counting import dealt, table
from tests.validate.recipes import TWO_PHASES, drawn, steady
from tests.validate.returning import FRAIL, HORIZON, frail
from tests.validate.rule import Check, Recipe, Three, three

DRAWS = 1000


def held(low: np.ndarray | None, high: np.ndarray | None, truth: np.ndarray) -> Three:
    """Return an interval that covers 0 where every value of `truth` lies between the limits."""
    assert low is not None
    assert high is not None
    part = truth[: len(low)]
    whole = bool(((low <= part) & (part <= high)).all())
    return (0.0, -1.0, 1.0) if whole else (0.0, 1.0, 2.0)


def banded(curve: Curve, truth: np.ndarray) -> Three:
    drawn_band = simultaneous(curve, draws=DRAWS)
    return held(drawn_band.band_low, drawn_band.band_high, truth)


def whole_curve(rng: np.random.Generator) -> dict[str, Three]:
    stay, seen = drawn(rng, TWO_PHASES, 400), rng.integers(1, 37, 400)
    made = table(dealt(rng, 400), np.minimum(stay, seen), stay <= seen)
    truth, curve = steady(TWO_PHASES), kaplan_meier(made)
    return {
        "band": banded(curve, truth),
        "band, person blocks": banded(kaplan_meier(made, errors="blocks"), truth),
        "pointwise limits read as a band": held(curve.low, curve.high, truth),
        "S(24 | 12)": three(conditional(made, [12], 12)[0]),
        "S(24 | 12), taken for S(12)": three(curve.at(12)),
    }


WHOLE = Recipe(
    "whole curve",
    "400 customers, hazard .05 for a year and .02 after, observed for 1 to 36 months; an interval "
    "covers where the whole curve lies inside",
    (
        Check("band", 0, "", "exact"),
        Check("band, person blocks", 0, "", "exact"),
        Check("pointwise limits read as a band", 0, "", "must fall short"),
        Check("S(24 | 12)", 0.98**12),
        Check("S(24 | 12), taken for S(12)", 0.98**12, "must miss", ""),
    ),
    whole_curve,
)


def whole_curve_of_persons(rng: np.random.Generator) -> dict[str, Three]:
    person, stay = frail(rng, 400, 5)
    block, gone = dealt(rng, 400)[person], np.ones(len(stay), dtype=bool)
    made = table(block, stay, gone, person=person, horizon=HORIZON)
    return {
        "band, person blocks": banded(kaplan_meier(made), FRAIL),
        "band, Greenwood": banded(kaplan_meier(made, errors="greenwood"), FRAIL),
    }


PERSONS = Recipe(
    "whole curve, repeat spells",
    "400 persons with five spells each and one frailty per person, complete to month 36",
    (
        Check("band, person blocks", 0, "", "exact"),
        Check("band, Greenwood", 0, "", "must fall short"),
    ),
    whole_curve_of_persons,
)

TERM = np.concatenate([np.zeros(11), [0.2], np.full(24, 0.02)])


def minimum_term(rng: np.random.Generator) -> Mapping[str, Three]:
    stay, seen = drawn(rng, TERM, 4000), rng.integers(6, 31, 4000)
    made = table(dealt(rng, 4000), np.minimum(stay, seen), stay <= seen)
    known = smooth_hazard(made, breaks=[12], bandwidth=4)
    chosen = smooth_hazard(made, breaks=[12])
    blocks = smooth_hazard(made, breaks=[12], bandwidth=4, errors="blocks")
    over = smooth_hazard(made, bandwidth=4)
    hits = spikes(made)
    return {
        **{f"hazard({t})": three(known.at(t)) for t in (11, 12, 13, 20)},
        "hazard(20), bandwidth chosen": three(chosen.at(20)),
        "hazard(20), person blocks": three(blocks.at(20)),
        **{f"hazard({t}), smoothed across": three(over.at(t)) for t in (11, 12, 13)},
        "month 12 alone stands out": (0.0, -1.0, 1.0) if hits == (12,) else (0.0, 1.0, 2.0),
    }


SPIKE = Recipe(
    "minimum term",
    "4000 customers, hazard 0 in months 1 to 11, .20 in month 12, .02 after, observed for 6 to 30 "
    "months",
    (
        Check("hazard(11)", 0.0, "none", "conservative"),
        Check("hazard(12)", 0.2),
        Check("hazard(13)", 0.02),
        Check("hazard(20)", 0.02),
        Check("hazard(20), bandwidth chosen", 0.02, "none", "exact"),
        Check("hazard(20), person blocks", 0.02),
        Check("hazard(11), smoothed across", 0.0, "must miss", ""),
        Check("hazard(12), smoothed across", 0.2, "must miss", ""),
        Check("hazard(13), smoothed across", 0.02, "must miss", ""),
        Check("month 12 alone stands out", 0, "", "conservative"),
    ),
    minimum_term,
)


def no_spike(rng: np.random.Generator) -> Mapping[str, Three]:
    person, stay = frail(rng, 500, 3)
    gone = np.ones(len(stay), dtype=bool)
    persons = table(dealt(rng, 500)[person], stay, gone, person=person, horizon=24)
    stay = drawn(rng, np.full(36, 0.03), 2000)
    single = table(dealt(rng, 2000), np.minimum(stay, 36), stay <= 36)
    none = {"one spell each": single, "repeat spells": persons}
    found = {k: spikes(t, least=1.0) for k, t in none.items()}
    return {k: (0.0, -1.0, 1.0) if not f else (0.0, 1.0, 2.0) for k, f in found.items()}


QUIET = Recipe(
    "no month stands out",
    "2000 customers with hazard .03 for 36 months, and 500 persons with three spells each and one "
    "frailty per person; an interval covers where no month is found",
    (
        Check("one spell each", 0, "", "conservative"),
        Check("repeat spells", 0, "", "conservative"),
    ),
    no_spike,
)

RECIPES = (WHOLE, PERSONS, SPIKE, QUIET)
