"""The garage's process: stochastic stages, recursions that agree with one another and by hand."""

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.worlds.autohaus import KIND, parameters
from stammkunde.worlds.autohaus.expect import (
    after_stages,
    before_months,
    before_stage,
    forced,
    gone,
    ledger,
    passed,
)
from stammkunde.worlds.autohaus.process import newcomers, stages
from stammkunde.worlds.autohaus.stage import AXES, SHAPE

NOW = dict(KIND.world().levers)
POLICIES = {
    "as things are": {},
    "no programme": {"card": False, "gestures": False, "points": False, "reminder": 0.0},
    "everything": {
        "card_holdout": 0.0, "offer": 1.0, "quick_answers": 1.0, "surprise": 1.0,
        "departures": 1.0, "team_spread": 2.0, "incidents": 50.0, "price_leaving": 30.0,
    },
}  # fmt: skip


def steps(**policy):
    return stages(NOW | policy)


def book(**policy):
    return ledger(tuple(sorted((NOW | policy).items())))


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_every_stage_is_a_stochastic_matrix(policy):
    for stage in steps(**policy):
        assert stage.chance.min() >= 0
        np.testing.assert_allclose(stage.chance.sum(axis=-1), 1, atol=1e-12, err_msg=stage.name)
        assert stage.target.shape == (SHAPE[AXES.index(stage.axis)], len(stage.outcomes))
        assert set(stage.target.ravel()) <= set(range(SHAPE[AXES.index(stage.axis)]))
        assert np.broadcast_shapes(stage.chance.shape[:-1], (*SHAPE[:-1], len(stage.only)))
        # what is "none" changes nothing
        np.testing.assert_array_equal(stage.target[:, 0], np.arange(len(stage.target)))


def test_newcomers_are_a_distribution_of_customers_on_their_first_day():
    assert newcomers().sum() == pytest.approx(1, abs=1e-12)
    assert gone(newcomers()) == 0


@pytest.mark.parametrize("stage", steps(), ids=lambda s: s.name)
def test_looking_forward_and_looking_back_agree(stage):
    """Expected value after a stage = value expected before it, for any state and any value."""
    chance = np.random.default_rng(7)
    state, value = chance.random(SHAPE), chance.random(SHAPE)
    after = passed(stage, state)
    assert after.sum() == pytest.approx(state.sum(), rel=1e-12)
    assert (after * value).sum() == pytest.approx(
        (state * before_stage(stage, value)).sum(), rel=1e-12
    )


@pytest.mark.parametrize("stage", steps(), ids=lambda s: s.name)
def test_outcomes_dealt_by_their_shares_are_the_stage(stage):
    """Where chances do not depend on the state, forcing each outcome by its share is passing."""
    state = np.random.default_rng(8).random(SHAPE)
    parts = np.zeros(SHAPE)
    for k, outcome in enumerate(stage.outcomes):
        share = np.zeros(SHAPE)
        share[..., stage.only] = state[..., stage.only] * stage.chance[..., k]
        parts += forced(stage, share, outcome)
    rest = state.copy()
    rest[..., stage.only] = 0
    np.testing.assert_allclose(parts + rest, passed(stage, state), atol=1e-12)


def test_a_month_back_is_a_month_forward():
    value = np.random.default_rng(9).random(SHAPE)
    state, whole = newcomers(), steps()
    for stage in whole:
        state = passed(stage, state)
    expected = (newcomers() * before_months(whole, value, 1)).sum()
    assert (state * value).sum() == pytest.approx(expected, rel=1e-12)
    rest = after_stages(whole, value)
    assert (rest["adviser"] == value).all()
    assert (newcomers() * before_stage(whole[0], rest["tick"])).sum() == pytest.approx(expected)


@pytest.fixture(scope="module")
def plain():
    """A garage in which the only thing that happens is moving away, with a hazard of 1/51."""
    with pytest.MonkeyPatch.context() as patch:
        base = dict.fromkeys(parameters.BASE, 0.0) | {"moved away": 0.02}
        patch.setattr(parameters, "BASE", base)
        patch.setattr(parameters, "VISIT", (0.0, *[0.2] * parameters.LAPSED))
        patch.setattr(parameters, "VISIT_ODDS", (1.0, 1.0, 1.0))
        patch.setattr(parameters, "LETTER_VISIT_ODDS", (1.0, 1.0, 1.0))
        # past the memory of the ledger, which knows levers only
        made = ledger.__wrapped__(tuple(sorted((NOW | {"reminder": 0.0}).items())))
    return made


def test_closed_form_of_staying(plain):
    """Constant hazard h = .02 / 1.02: the share still there after k months is (1 - h)^k."""
    for months in (0, 1, 12, 83):
        stay = 1 - gone(plain.by_age[months])
        assert stay == pytest.approx((1 / 1.02) ** months, rel=1e-12)


def test_closed_form_of_visits(plain):
    """One visit in five months at which somebody is still there, over the window that is left."""
    months, stay = parameters.MONTHS, 1 / 1.02
    expected = sum((months - k) / months * 0.2 * stay**k for k in range(1, months))
    assert plain.count("visit", "visit") == pytest.approx(expected, rel=1e-12)


def test_closed_form_of_the_first_silence(plain):
    """A first letter needs fifteen months without a visit: (1 - .2 still there) and gone ones."""
    stay, silent = 1 / 1.02, 0.8
    here = (stay * silent) ** 14 * stay  # the letter comes before the fifteenth month's visits
    left = sum((stay * silent) ** k * (1 - stay) for k in range(15))
    lapsed = plain.by_age[14]
    for stage in plain.steps[:2]:
        lapsed = passed(stage, lapsed)
    assert lapsed[..., parameters.LAPSED].sum() == pytest.approx(here + left, rel=1e-12)


def test_settings_that_are_no_chances_are_refused():
    for policy in ({"card_holdout": 1.5}, {"reminder": -0.1}, {"surprise": 2.0}):
        with pytest.raises(ParameterError, match="negative"):
            steps(**policy)
    with pytest.raises(ParameterError, match="gestures"):
        KIND.world().under(gesture=False)


def test_no_chance_reads_how_long_somebody_has_been_coming():
    """The yearly loss falls with time only because those who leave easily have left."""
    assert AXES == ("segment", "team", "loyal", "status", "mood", "known", "clock")
    loss = [(gone(b) - gone(a)) / (1 - gone(a)) for a, b in zip(*pairs(book()), strict=True)]
    assert loss[0] > loss[1] > loss[2]


def pairs(made):
    starts = (0, 24, 60)
    return [made.by_age[a] for a in starts], [made.by_age[a + 12] for a in starts]
