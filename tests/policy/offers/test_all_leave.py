"""Who comes back leaves sooner by a factor: where nearly all leave anyway, all do, and no more."""

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import Behaviour, Policy, Reaction, RebateForAll, applied
from tests.policy.offers.markets import HAZARDS, NONE, market, segment


def lives(ratio, hazards):
    """Return newcomers' hazards and those of who comes back as new."""
    made = applied(NONE, market(segment(hazards=hazards, returners=ratio)), {}).segments["basic"]
    return {x.name: x.hazards for x in made.lives}


def test_at_the_end_of_a_term_all_leave_and_causes_keep_their_proportions():
    hazards = HAZARDS.copy()
    hazards[:, 11] *= 0.9 / hazards[:, 11].sum()
    found = lives(1.5, hazards)
    own, plain = found["as new"], found["newcomer"]
    assert own[:, 11].sum() == pytest.approx(1.0)
    assert own[:, 11] / own[:, 11].sum() == pytest.approx(plain[:, 11] / plain[:, 11].sum())
    rest = np.arange(own.shape[-1]) != 11
    assert own[:, rest] == pytest.approx(1.5 * plain[:, rest])


def test_a_draw_that_asks_for_more_than_all_lets_all_go_and_an_estimate_is_refused():
    felt = RebateForAll(1.0, behaviour=Behaviour(reactions=(Reaction(1.3),)))
    dear = Policy("dear", elements=(felt,))
    hazards = HAZARDS.copy()
    hazards[:, 11] *= 0.9 / hazards[:, 11].sum()
    drawn = np.stack([HAZARDS, hazards])
    made = applied(dear, market(segment(hazards=drawn)), {}).segments["basic"]
    own = next(x.hazards for x in made.lives if x.name == "newcomer")
    assert own[1, :, 11].sum() == pytest.approx(1.0)
    assert own[0] == pytest.approx(1.3 * HAZARDS[:, : own.shape[-1]])
    with pytest.raises(ParameterError, match="add up to"):
        applied(dear, market(segment(hazards=hazards)), {})
