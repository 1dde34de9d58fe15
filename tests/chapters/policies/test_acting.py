"""What is done where nobody can leave is refused: by the rule it could only cost."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.valued.acting import check_acts
from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    LoyaltyRebate,
    Market,
    NewcomerRebate,
    Policy,
    Population,
    Reaction,
    Segment,
    When,
)

# nobody leaves before the sixth month
HAZARDS = np.where(np.arange(1, 13) < 6, 0.0, 0.1)[None]
MARKET = Market(("left",), (Segment("", HAZARDS, 10.0, 20.0),), 12)
STAY = Behaviour(reactions=(Reaction(0.9),))


def care(lasts, **changed):
    element = Care("letter", 1.0, from_unit=2, to_unit=2, lasts=lasts, behaviour=STAY)
    return Policy("thanks", elements=(replace(element, **changed),))


def test_a_letter_that_is_forgotten_before_anybody_can_leave_is_refused():
    with pytest.raises(ParameterError, match="months 2 to 4 of a new customer") as caught:
        check_acts([care(3)], MARKET)
    assert caught.value.where == "policy `thanks`: letter.behaviour.reactions[0]"
    assert "From month 6 on" in caught.value.remedy


@pytest.mark.parametrize(
    "policy",
    [
        care(5),
        care(3, applies=Population.BASE),
        care(3, behaviour=Behaviour(reactions=(Reaction(1.0, adds=0.01),))),
        Policy("loyal", elements=(LoyaltyRebate(4, 1.0, behaviour=STAY),)),
        Policy("nothing", elements=(NewcomerRebate(1, 1.0),)),
    ],
)
def test_what_reaches_a_month_in_which_somebody_leaves_is_not(policy):
    check_acts([policy], MARKET)


def test_the_time_after_an_offer_counts_as_well():
    spike = Behaviour(reactions=(Reaction(1.5, when=When.AFTER, to_unit=2),))
    check_acts([Policy("late", elements=(NewcomerRebate(4, 1.0, behaviour=spike),))], MARKET)
    early = Policy("early", elements=(NewcomerRebate(2, 1.0, behaviour=spike),))
    with pytest.raises(ParameterError, match="months 3 to 4"):
        check_acts([early], MARKET)
