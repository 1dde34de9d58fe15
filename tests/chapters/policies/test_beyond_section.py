"""Whether the ranking holds over a longer time, and where effects end or go on unobserved."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.compare import compare
from stammkunde.chapters.policies.doubts.beyond import beyond
from stammkunde.chapters.policies.read import Further
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said
from tests.chapters.policies.linear import assumed, linear

X = assumed("x", 0.0, 2.0)
VALUES = {"today": lambda d: 0.0, "loyalty": lambda d: 40 + d["x"], "for_all": lambda d: 30.0}


def looked(folder, *, added=None, doubt=0.0, reach=None):
    """Return a decision in which policies are worth so much more over 48 months, or by reach."""
    decision = linear(folder, VALUES, X)
    names = list(decision.names)

    def moved(by):
        values = decision.values[:64].copy()
        for name, more in by.items():
            values[:, names.index(name)] += more
        return values

    longer = None
    if added is not None:
        longer = moved(added)
        longer[:, names.index("loyalty")] += doubt * np.linspace(-1, 1, 64)
    further = Further(
        months=48, longer=longer, reach={n: moved(by) for n, by in (reach or {}).items()}
    )
    return replace(decision, beyond=further)


def test_the_same_policy_leads_for_longer(tmp_path):
    decision = looked(tmp_path, added={"loyalty": 100.0})
    section = beyond(decision)
    assert "Over 48 months, too, “loyalty rebate” is worth most" in said(section)
    found, x = numbers(section), decision.drawn["x"]
    assert found["policy.longer.gap.there"].value == pytest.approx(110 + x[:64].mean())
    assert found["policy.longer.gap.here"].value == pytest.approx(10 + x.mean())
    check([section])


def test_a_lead_that_the_longer_time_leaves_open(tmp_path):
    section = beyond(looked(tmp_path, added={"loyalty": 0.0}, doubt=200.0))
    assert "it is open which policy is worth most" in said(section)
    check([section])


def test_another_policy_leads_for_longer(tmp_path):
    decision = looked(tmp_path, added={"for_all": 100.0})
    section = beyond(decision)
    assert "Over 48 months “rebate for all” is ahead on average, not “loyalty rebate”" in said(
        section
    )
    gap = numbers(section)["policy.longer.gap.there"].value
    assert gap == pytest.approx(90 - decision.drawn["x"][:64].mean())
    # it belongs to what is read first
    assert section.findings[0].importance > 0.9
    check([section])


def test_the_comparison_says_what_the_longer_time_brings(tmp_path):
    decision = looked(tmp_path, added={"loyalty": 100.0})
    section = compare(decision)
    assert "over 48 months the difference is €141" in said(section)
    found = numbers(section)["policy.longer.difference.loyalty"]
    assert found.value == pytest.approx(140 + decision.drawn["x"][:64].mean())
    check([section])


def test_what_is_not_looked_at_is_not_told(tmp_path):
    decision = looked(tmp_path)
    assert "difference is" not in said(compare(decision))
    section = beyond(decision)
    assert section.left_out is not None
    assert not section.needed


def test_effects_that_end_or_last_change_nothing(tmp_path):
    decision = looked(tmp_path, reach={"fades": {"loyalty": -1.0}, "lasts": {"loyalty": 5.0}})
    section = beyond(decision)
    assert "Whether effects end with the time observed or go on, “loyalty rebate”" in said(section)
    found = numbers(section)
    # what the few draws miss of all draws is added
    lead = decision.values[:, list(decision.names).index("loyalty")].mean()
    assert found["policy.reach.fades.ahead"].value == pytest.approx(lead - 1)
    assert found["policy.reach.lasts.difference.for_all"].value == pytest.approx(30)
    check([section])


def test_who_leads_may_hang_on_how_long_effects_last(tmp_path):
    decision = looked(tmp_path, reach={"fades": {"loyalty": -50.0}, "lasts": {"loyalty": 5.0}})
    section = beyond(decision)
    assert "“rebate for all” if all end with the time observed, “loyalty rebate” if" in said(
        section
    )
    leads = [row[1].key for row in section.tables[0].rows]
    assert leads == ["loyalty", "for_all", "loyalty"]
    assert [row[-1] for row in section.tables[0].rows] == [400, 64, 64]
    check([section])
