"""Effects by segment: where its own leavers are too few, a segment has everybody's effect."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stammkunde.chapters.policies.valued.effects import _thin, _with_support, breaks_of
from stammkunde.draws import block_weights
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.effect import EVERYBODY, effect_of
from tests.evidence.asked import question
from tests.evidence.trials import ARMS

REACH = 8
# leavers by unit: of the few 4 in each arm leave after the break, of the many enough everywhere
LEAVERS = {"few": (2, 2, 2, 2, 1, 1, 1, 1), "many": (9, 9, 9, 9, 9, 9, 9, 9)}


def rows(name, arm, shift):
    left = LEAVERS[name]
    parts = pd.DataFrame({"finish": np.arange(1, REACH + 1), "end": "left", "n": left})
    rest = pd.DataFrame({"finish": [REACH], "end": ["censored"], "n": [300 - sum(left)]})
    both = pd.concat([parts, rest])
    extra = shift if arm == ARMS[0] else 0
    both.loc[both.end == "left", "n"] += extra
    return both.assign(arm=arm, cell=0, begin=0, block=np.arange(REACH + 1))


def made(breaks):
    counted = {n: pd.concat([rows(n, a, 0 if n == "few" else 3) for a in ARMS]) for n in LEAVERS}
    trials = {n: baseline_trial(r, ARMS, reach=REACH) for n, r in counted.items()}
    whole = baseline_trial(pd.concat(counted.values()), ARMS, reach=REACH)
    named = {EVERYBODY: whole} | {f"usage={n}": t for n, t in trials.items()}
    effect = effect_of(named, *ARMS, REACH, breaks=breaks)
    return effect, {("usage",): {(n,): t for n, t in trials.items()}}


def test_a_segment_with_fewer_than_five_leavers_between_breaks_has_everybodys_effect():
    effect, trials = made((5,))
    thin = _thin(effect, trials, (5,))
    assert thin.tolist() == [[False], [True], [False]]
    filled = _with_support(effect, thin)
    few, many, all_ = (effect.place(n) for n in ("usage=few", "usage=many", EVERYBODY))
    assert (filled.hazards[:, few] == effect.hazards[:, all_]).all()
    assert (filled.hazards[:, many] == effect.hazards[:, many]).all()
    weights = block_weights(3)
    drawn = filled.replicates.reweighted(weights)
    own = effect.replicates.reweighted(weights)
    assert (drawn[:, :, few] == own[:, :, all_]).all()
    assert (drawn[:, :, many] == own[:, :, many]).all()


def test_without_breaks_twelve_leavers_are_enough():
    effect, trials = made(())
    assert not _thin(effect, trials, ()).any()


def test_a_cause_that_a_segment_never_saw_is_everybodys():
    effect, trials = made(())
    few = trials["usage",]["few",]
    trials["usage",]["few",] = replace(few, causes=("other",))
    assert _thin(effect, trials, ())[effect.place("usage=few")].all()


@pytest.mark.parametrize(("lasts", "expected"), [(0, ()), (12, (12, 14))])
def test_an_offer_that_ends_begins_new_stretches_around_its_end(lasts, expected):
    assert breaks_of(question(name="one", lasts=lasts, column="kind")) == expected
