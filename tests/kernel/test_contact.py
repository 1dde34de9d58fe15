"""Whom to contact, each by his own worth: against brute force, by hand, and in a world of truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.buying import (
    BgNbd,
    Contact,
    GammaGamma,
    Histories,
    Rule,
    Stakes,
    alerts,
    at_most,
    best_threshold,
    bg_nbd,
    buying_chances,
    chances,
    contacts,
    gamma_gamma,
    histories_from,
    pairs_among,
    returns,
    silent,
    verdict,
    worth_contacting,
)
from stammkunde.survival.buying.alert import NOBODY_CONTACTED
from stammkunde.survival.buying.alive import spends
from stammkunde.survival.buying.expected import if_back, to_come
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.kernel.buying import cdnow
from tests.validate.buying import TICKS, TRUE
from tests.validate.buying_alert import CONTACT as STAKE
from tests.validate.buying_alert import drawn

CONTACT = Contact(cost=1.5, won_back=0.05, margin_share=0.3, ahead=52)
R, ALPHA, A, B = 0.7, 30.0, 0.8, 2.4
PARAMETERS = np.log(np.array([[R, ALPHA, A, B]]))


@pytest.fixture(scope="module")
def sample() -> Histories:
    return cdnow()


@pytest.fixture(scope="module")
def fit(sample: Histories) -> BgNbd:
    return bg_nbd(sample)


@pytest.fixture(scope="module")
def spend(sample: Histories) -> GammaGamma:
    return gamma_gamma(sample)


@pytest.mark.parametrize(
    ("x", "t_x", "ahead"), [(1, 3.0, 50.0), (4, 90.0, 20.0), (25, 200.0, 300.0)]
)
def test_purchases_of_who_is_won_back_are_an_integral_over_chances(x, t_x, ahead):
    chance = stats.beta(A + 1, B + x - 1)

    def bought(p: float) -> float:
        # the mean of exp(-rate p ahead) over gamma(r + x, alpha + t_x)
        left = (1 + p * ahead / (ALPHA + t_x)) ** -(R + x)
        return (1 - left) / p * chance.pdf(p)

    wanted, _ = integrate.quad(bought, 0, 1, epsabs=1e-10, epsrel=1e-10)
    found = if_back(PARAMETERS, np.array([x, 0]), np.array([t_x, 0.0]), ahead)
    assert found[0] == pytest.approx([wanted, 0.0], rel=1e-6)


def test_who_had_gone_bought_faster_and_goes_sooner_than_who_is_only_silent():
    """With no chance to go at all the rate alone is told: (r + x) / (alpha + t_x)."""
    x, t_x = np.array([3]), np.array([20.0])
    certain = np.log(np.array([[R, ALPHA, 1e-9, 1e9]]))
    assert if_back(certain, x, t_x, 10.0)[0, 0] == pytest.approx((R + 3) * 10 / (ALPHA + 20))
    assert if_back(PARAMETERS, x, t_x, 10.0) > to_come(PARAMETERS, x, t_x + 200, 10.0)
    assert if_back(PARAMETERS, x, t_x, 1e5) < to_come(PARAMETERS, x, t_x, 1e5)


def test_returns_are_purchases_times_spend_times_the_stakes(sample, fit, spend):
    p, s = fit.moves.at[None], spend.moves.at[None]
    again = if_back(p, sample.x, sample.t_x, 52 * 7.0)[0]
    wanted = 0.05 * 0.3 * again * spends(s, sample)[0] / 100
    assert returns(fit, spend, sample, CONTACT) == pytest.approx(wanted, rel=1e-9)


def test_gains_are_sums_over_persons(sample, fit, spend):
    p, brings = chances(fit, sample), returns(fit, spend, sample, CONTACT)
    each = (1 - p) * brings - 1.5
    own = worth_contacting(fit, spend, sample, CONTACT)
    assert np.array_equal(own, each > 0)
    # the threshold is each person's own
    assert np.array_equal(own, p < 1 - 1.5 / np.maximum(brings, 1.5))
    quiet = silent(sample, 180)
    found = contacts(fit, spend, sample, CONTACT, [Rule("own", own), Rule("quiet", quiet)])
    for told, who in zip(found, (own, quiet), strict=True):
        n = sample.count[who]
        assert told.gain.value == pytest.approx(n @ each[who], rel=1e-9)
        assert told.gain_each.value == pytest.approx(told.gain.value / n.sum(), rel=1e-9)
        assert told.gone.value == pytest.approx(n @ (1 - p)[who] / n.sum(), rel=1e-9)
        assert told.gain.low < told.gain.value < told.gain.high
        assert (told.contacted, told.persons) == (n.sum(), 2357)
    assert found[0].gain.value > max(found[1].gain.value, 0)


def test_the_best_threshold_is_that_of_brute_force(sample, fit, spend):
    p = chances(fit, sample)
    each = sample.count * ((1 - p) * returns(fit, spend, sample, CONTACT) - 1.5)
    best = best_threshold(fit, spend, sample, CONTACT)
    tried = [each[p < t].sum() for t in np.unique(p)]
    assert each[p < best].sum() == pytest.approx(max(tried), rel=1e-12)
    dear = replace(CONTACT, cost=1e4)
    assert best_threshold(fit, spend, sample, dear) == 0
    assert not worth_contacting(fit, spend, sample, dear).any()
    (none,) = contacts(fit, spend, sample, dear, [Rule("none", p < 0)])
    assert (none.contacted, none.gain.value, none.gain.reason) == (0, None, NOBODY_CONTACTED)


def test_money_in_other_units_changes_nothing_else(sample, fit, spend):
    """Ten times the spend and ten times the cost: ten times the gain, the same persons."""
    dearer = Histories(**{**vars(sample), "spent": sample.spent * 10})
    more, tenfold = gamma_gamma(dearer), replace(CONTACT, cost=15.0)
    own = worth_contacting(fit, spend, sample, CONTACT)
    assert np.array_equal(own, worth_contacting(fit, more, dearer, tenfold))
    (a,) = contacts(fit, spend, sample, CONTACT, [Rule("own", own)])
    (b,) = contacts(fit, more, dearer, tenfold, [Rule("own", own)])
    assert b.gain.low == pytest.approx(10 * a.gain.low, rel=1e-6)
    assert b.caught.high == pytest.approx(a.caught.high, rel=1e-9)


def test_rules_with_one_worth_for_all_are_told_alike(sample, fit, spend):
    quiet = Rule("quiet", silent(sample, 180))
    (told,) = alerts(fit, sample, Stakes(2.0, 6.0), [quiet])
    (priced,) = contacts(fit, spend, sample, CONTACT, [quiet])
    for name in ("gone", "caught", "bothered"):
        one, other = getattr(told, name), getattr(priced, name)
        assert (one.value, one.low) == pytest.approx((other.value, other.low), rel=1e-9)


def test_pairs_of_groups_are_verdicts_and_means(sample, fit):
    groups = [silent(sample, 90), np.zeros(len(sample.x), bool), sample.x >= 0]
    quiet, nobody, every = pairs_among(fit, sample, groups)
    checked = verdict(sample, groups[0])
    assert (quiet.observed.value, quiet.observed.low) == (checked.gone.value, checked.gone.low)
    each = buying_chances(fit, sample)
    mean = np.average(each[groups[0]], weights=sample.count[groups[0]])
    assert quiet.expected.value == pytest.approx(mean, rel=1e-9)
    assert (nobody.persons, nobody.observed.value) == (0, None)
    assert nobody.expected.reason == TOO_FEW_PERSONS
    assert every.persons == 2357
    assert pairs_among(fit, sample, []) == ()


def test_what_contact_gained_at_most_by_hand(fit, spend, sample):
    """Who bought in the hold-out was still there: he only costs; the others bring what they can."""
    own = worth_contacting(fit, spend, sample, CONTACT)
    found = at_most(fit, spend, sample, CONTACT, own)
    brings = returns(fit, spend, sample, CONTACT)
    each = sample.count * (np.where(sample.later > 0, 0, brings) - 1.5)
    assert found.value == pytest.approx(each[own].sum(), rel=1e-12)
    assert found.low < found.value < found.high
    few = np.flatnonzero(own)[:3]
    assert at_most(fit, spend, sample, CONTACT, few).reason == TOO_FEW_PERSONS
    with pytest.raises(NotObservedError, match="come back"):
        at_most(fit, spend, replace(sample, later=None), CONTACT, own)


def test_what_cannot_be_meant_or_known_is_refused(sample, fit, spend):
    for wrong in ({"cost": 0}, {"won_back": 1.1}, {"margin_share": 0.0}, {"ahead": -1.0}):
        with pytest.raises(ParameterError, match="a contact for"):
            replace(CONTACT, **wrong)
    every = np.zeros(50, dtype=int)
    nothing = histories_from(every, every, every + 30, spent=every)
    none = bg_nbd(nothing)
    for f, s in ((none, spend), (fit, gamma_gamma(nothing))):
        with pytest.raises(NotObservedError, match="what they cost"):
            returns(f, s, sample, CONTACT)


def test_in_a_world_of_known_truth_no_other_rule_gains_more():
    """30,000 customers whose going is known: the gain told is realised, and nothing beats it."""
    world = drawn(np.random.default_rng(20), 30_000)
    h = world.histories
    fit, spend = bg_nbd(h), gamma_gamma(h)
    p, own = chances(fit, h), worth_contacting(fit, spend, h, STAKE)
    each = np.where(world.gone, world.brings, 0.0) - STAKE.cost
    said = ((1 - p) * returns(fit, spend, h, STAKE) - STAKE.cost)[own]
    off = said - each[own]
    assert abs(off.sum()) < 3.5 * off.std() * np.sqrt(own.sum())
    print(f"said {said.sum():.0f}, realised {each[own].sum():.0f}")
    others = {f"chance < {t:.2f}": p < t for t in np.linspace(0.05, 1.0, 20)}
    others |= {f"{w} weeks": silent(h, w * TICKS) for w in (4, 8, 13, 26, 39, 52)}
    others |= {"all": h.x >= 0, "best": p < best_threshold(fit, spend, h, STAKE)}
    # each by his own worth, but asking for more or for less than the cost
    worth = (1 - p) * returns(fit, spend, h, STAKE)
    others |= {f"worth > {c:g}": worth > c for c in (0.5, 1.0, 1.5, 2.5, 3.0, 5.0, 10.0)}
    for name, who in others.items():
        more = np.where(who, each, 0.0) - np.where(own, each, 0.0)
        error = more.std() * np.sqrt(len(more))
        assert more.sum() < 3.5 * error, name


def test_the_worlds_true_parameters_are_those_of_its_customers():
    """What the true parameters expect of the gone is what the gone would bring."""
    world = drawn(np.random.default_rng(8), 60_000)
    h, gone = world.histories, world.gone
    rests = if_back(TRUE, h.x, h.t_x, STAKE.ahead * TICKS)[0]
    money = rests * spends(np.log(np.array([[6.0, 4.0, 1500.0]])), h)[0] / 100
    off = (STAKE.won_back * STAKE.margin_share * money - world.brings)[gone]
    assert abs(off.mean()) < 3.5 * off.std() / np.sqrt(gone.sum())
