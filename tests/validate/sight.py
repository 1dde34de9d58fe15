"""Predictions scored where how long somebody can be observed goes with who leaves: known truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stammkunde.result import Estimate
from stammkunde.survival.accuracy.bins import Bin, calibration
from stammkunde.survival.accuracy.predictions import Predictions, plain
from stammkunde.survival.accuracy.scores import Brier, brier
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, Factor
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

NAN = float("nan")
AT, SIZE = 6, 2000
KIND = Factor("kind", ("0", "1"))
# how long somebody could be observed; kind 1 has been on offer for 9 months only
REACH = np.arange(1, 19)
SHARE = np.array([np.full(18, 0.5 / 18), np.where(REACH <= 9, 0.5 / 9, 0.0)])


@dataclass(frozen=True)
class World:
    """Hazards by kind and reach [2, 18], and which of them are scored."""

    hazard: np.ndarray
    scored: np.ndarray

    def share(self) -> np.ndarray:
        """Return the shares of kind and reach among those scored."""
        own = SHARE * self.scored
        return np.asarray(own / own.sum())

    def stays(self) -> np.ndarray:
        """Return S(6) of each kind among those scored."""
        weight = self.share()
        return np.asarray((weight * (1 - self.hazard) ** AT).sum(axis=1) / weight.sum(axis=1))

    def score(self, predicted: np.ndarray) -> float:
        """Return the true Brier score(6) of predictions by kind."""
        there = (1 - self.hazard) ** AT
        p = predicted[:, None]
        return float((self.share() * (there * (1 - p) ** 2 + (1 - there) * p**2)).sum())

    def people(self, rng: np.random.Generator) -> Cells:
        """Return customers by kind, the cells know how long each could be observed."""
        pick = rng.choice(SHARE.size, SIZE, p=SHARE.ravel())
        kind, reach = np.divmod(pick, len(REACH))
        stay = rng.geometric(self.hazard[kind, reach])
        reach = REACH[reach]
        codes, left = kind[:, None], stay <= reach
        return cells_from(
            np.minimum(stay, reach), left, codes, (KIND,), block=dealt(rng, SIZE), reach=reach
        )


EARLY = World(
    np.array([np.where(REACH > 9, 0.03, 0.12), np.full(18, 0.25)]), np.tile(REACH >= AT, (2, 1))
)
ALIKE = World(np.array([np.full(18, 0.05), np.full(18, 0.25)]), np.ones((2, 18), dtype=bool))


def predicted_by(stays: np.ndarray, cells: Cells) -> Predictions:
    """Return predictions of S(6) by kind, reached by constant hazards."""
    course = stays[:, None] ** (np.arange(cells.length + 1) / AT)
    return Predictions.in_sample(course[cells.levels[:, 0]])


def gained(world: World, cells: Cells, found: Brier) -> Three:
    """Return how far a gain lies above the true one of these curves, with limits."""
    curve = np.full(2, plain(cells)[0, AT])
    truth = 1 - world.score(world.stays()) / world.score(curve)
    value, low, high = three(found.at[AT].gain)
    return value - truth, low - truth, high - truth


def alone(estimate: Estimate) -> Three:
    """Return a value whose limits are not judged."""
    return three(estimate)[0], NAN, NAN


def off(part: Bin) -> Three:
    """Return how far the observed share lies above the predicted one, with limits."""
    value, low, high = three(part.observed)
    return value - part.predicted, low - part.predicted, high - part.predicted


def early(rng: np.random.Generator) -> dict[str, Three]:
    cells = EARLY.people(rng)
    blind = replace(cells, reach=None)
    predictions = predicted_by(EARLY.stays(), cells)
    known = brier(cells, predictions, [AT])
    naive = brier(blind, predictions, [AT])
    told, wrong = (calibration(c, predictions, AT, bins=2) for c in (cells, blind))
    return {
        "Brier score(6)": three(known.at[AT].score),
        "gain(6)": gained(EARLY, cells, known),
        "calibration, kind 1": off(told[0]),
        "calibration, kind 0": off(told[-1]),
        "Brier score(6), one curve of being lost": alone(naive.at[AT].score),
        "calibration, kind 0, all by Kaplan-Meier": off(wrong[-1]),
    }


def snapshot(rng: np.random.Generator) -> dict[str, Three]:
    cells = replace(ALIKE.people(rng), reach=None)
    predictions = predicted_by(ALIKE.stays(), cells)
    right = brier(cells, predictions, [AT], lost_by=["kind"])
    naive = brier(cells, predictions, [AT])
    return {
        "Brier score(6)": three(right.at[AT].score),
        "gain(6)": gained(ALIKE, cells, right),
        "Brier score(6), one curve of being lost": alone(naive.at[AT].score),
        "gain(6), one curve of being lost": gained(ALIKE, cells, naive),
    }


KNOWN = Recipe(
    "predictions, start and end known",
    "2000 customers observed for 1 to 18 months, those of kind 1 (hazard .25) for 9 at most; of "
    "kind 0 leaves with hazard .03 who began early, .12 who began late; truth of a score after 6 "
    "months is that of who began 6 months or more before the end, of a gain that beside the curve "
    "which was found",
    (
        Check("Brier score(6)", EARLY.score(EARLY.stays())),
        Check("gain(6)", 0.0),
        Check("calibration, kind 1", 0.0),
        Check("calibration, kind 0", 0.0),
        Check(
            "Brier score(6), one curve of being lost",
            EARLY.score(EARLY.stays()),
            "must miss",
            "",
        ),
        Check("calibration, kind 0, all by Kaplan-Meier", 0.0, "must miss", "must fall short"),
    ),
    early,
)
UNKNOWN = Recipe(
    "predictions, end unknown",
    "2000 customers of hazard .05 observed for 1 to 18 months, or .25 for 1 to 9 months; how long "
    "is not known of who left, and others of the same kind stand for those lost from sight",
    (
        Check("Brier score(6)", ALIKE.score(ALIKE.stays())),
        Check("gain(6)", 0.0),
        Check(
            "Brier score(6), one curve of being lost",
            ALIKE.score(ALIKE.stays()),
            "must miss",
            "",
        ),
        Check("gain(6), one curve of being lost", 0.0, "must miss", "must fall short"),
    ),
    snapshot,
)
RECIPES = [KNOWN, UNKNOWN]
