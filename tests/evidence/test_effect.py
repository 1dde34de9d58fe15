"""Effects: put on their own baseline they return their own treated curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import block_weights
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.effect import EVERYBODY, Effect, effect_of
from stammkunde.evidence.trial import arm_curve, hazards
from tests.evidence.trials import ARMS, subjects

REACH = 20
SEGMENTS = ("small", "large")


def made(seed: int = 1, *, size: int = 4000, origin: int = 0, **how: str) -> Effect:
    rows = subjects(np.random.default_rng(seed), size)
    trials = {
        name: baseline_trial(part, ARMS, reach=REACH, origin=origin)
        for name, part in zip(SEGMENTS, (rows[rows.cell < 2], rows[rows.cell == 2]), strict=True)
    }
    return effect_of(trials, *ARMS, 15, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("origin", [0, 6])
@pytest.mark.parametrize("segment", SEGMENTS)
def test_its_own_baseline_becomes_its_own_treated_curve(segment: str, origin: int) -> None:
    effect = made(origin=origin)
    treated, control = effect.hazards[:, effect.place(segment)]
    before = np.full((len(effect.causes), origin), 0.01)
    baseline = np.concatenate([before, control], axis=-1)
    found = effect.applied(baseline, segment)
    assert found[:, origin:] == pytest.approx(treated, abs=1e-12)
    assert (found[:, :origin] == before).all()


def test_draws_are_applied_one_by_one() -> None:
    effect, weights = made(), block_weights(5)
    drawn = effect.replicates.reweighted(weights)
    found = effect.applied(drawn[:, 1, 0], SEGMENTS[0], weights)
    assert found == pytest.approx(drawn[:, 0, 0], abs=1e-12)


def test_hazards_are_those_of_the_weighted_arms_where_events_are_many() -> None:
    rows = subjects(np.random.default_rng(2), 60_000)
    trial = baseline_trial(rows, ARMS, reach=REACH)
    effect = effect_of({EVERYBODY: trial}, *ARMS, 4)
    curve = arm_curve(trial, ARMS[0])
    left = effect.hazards[0, 0].sum(axis=0)
    assert np.cumprod(1 - left) == pytest.approx(curve.value[1:5], abs=1e-12)


def test_few_events_make_no_spikes() -> None:
    """Ten months with one leaver of each arm each: two stretches, of the five events they need."""
    months = np.arange(1, 11)
    parts = [
        pd.DataFrame({"finish": months, "end": "left", "n": 1}),
        pd.DataFrame({"finish": [20], "end": ["censored"], "n": [190]}),
    ]
    arms = [
        pd.concat(parts).assign(arm=a, cell=0, begin=0, block=np.arange(11) + i)
        for i, a in enumerate(ARMS)
    ]
    trial = baseline_trial(pd.concat(arms), ARMS, reach=REACH)
    effect = effect_of({EVERYBODY: trial}, *ARMS, 10)
    first, second = 5 / sum(200 - np.arange(5)), 5 / sum(195 - np.arange(5))
    assert effect.hazards[0, 0, 0] == pytest.approx([first] * 5 + [second] * 5, abs=1e-15)


def test_what_lies_beyond_is_assumed_and_said() -> None:
    ends, lasts = made(beyond="fades"), made(beyond="lasts")
    known = int(ends.supported[0])
    steady = np.full((len(ends.causes), known + 10), 0.02)
    far = [e.applied(steady, SEGMENTS[0])[:, known:] for e in (ends, lasts)]
    assert (far[0] == steady[:, known:]).all()
    ratio = lasts.multipliers(SEGMENTS[0])[:, [known - 1]]
    assert far[1] == pytest.approx(steady[:, known:] * ratio)
    assert ends.assumptions[-1] == "effect_ends_with_observation"
    assert lasts.assumptions[-1] == "effect_lasts_beyond_observation"


def test_a_cause_that_one_arm_does_not_know_is_added() -> None:
    effect = made()
    hazards_ = effect.hazards.copy()
    hazards_[1, :, 0] = 0.0
    odd = replace(effect, hazards=hazards_)
    assert np.isnan(odd.multipliers(SEGMENTS[0])[0]).all()
    found = odd.applied(hazards_[1, 0], SEGMENTS[0])
    assert found == pytest.approx(hazards_[0, 0], abs=1e-12)


def test_refused_segments_have_no_effect() -> None:
    effect = made(size=300)
    assert effect.adequacy["large"].refused
    assert np.isnan(effect.hazards[:, effect.place("large")]).all()
    with pytest.raises(NotObservedError, match="too_few_persons"):
        effect.applied(np.full((2, 15), 0.02), "large")


def test_wrong_questions() -> None:
    effect = made()
    with pytest.raises(ParameterError, match="no effect is known of the segment `middle`"):
        effect.place("middle")
    rows = subjects(np.random.default_rng(4))
    one, other = (baseline_trial(rows, ARMS, reach=REACH, origin=o) for o in (0, 3))
    with pytest.raises(ParameterError, match="different clocks"):
        effect_of({"a": one, "b": other}, *ARMS, 10)


def test_sums_of_causes_are_the_whole() -> None:
    rows = subjects(np.random.default_rng(3), 5000)
    trial = baseline_trial(rows, ARMS, reach=REACH)
    n, d = trial.arm(ARMS[0]).counts
    assert hazards(trial.arm(ARMS[0]).counts).sum(axis=1) == pytest.approx(d.sum(axis=1) / n)
