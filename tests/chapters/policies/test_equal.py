"""What the same money brings in another way, and whose money is counted."""

from dataclasses import replace

import pytest

from stammkunde.chapters.policies.compare import compare
from stammkunde.policy.offers import Dialled
from stammkunde.report.words import Words
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said
from tests.chapters.policies.linear import assumed, linear


@pytest.mark.parametrize(
    ("worth", "said_so"),
    [
        (lambda d: 60 + d["x"], "brings in more than “loyalty rebate”"),
        (lambda d: 20 + d["x"], "brings in less than “loyalty rebate”"),
        (lambda d: 40 + 9 * (d["x"] - 1), "is open"),
    ],
)
def test_the_same_money_is_held_against_who_spends_as_much(tmp_path, worth, said_so):
    x = assumed("x", 0.0, 2.0)
    values = {"today": lambda d: 0.0, "loyalty": lambda d: 40.0, "for_all": worth}
    decision = linear(tmp_path, values, x)
    toml = decision.study.toml
    known = tuple(
        replace(p, spends_as="loyalty") if p.name == "for_all" else p for p in toml.policy
    )
    study = replace(decision.study, toml=replace(toml, policy=known))
    dial = Dialled(decision.policy("for_all"), "for_all.amount", 2.5, 900.0, 900.0)
    found = compare(replace(decision, study=study, dialled={"for_all": dial}))
    assert said_so in said(found)
    shown = numbers(found)
    assert shown["policy.equal.for_all"].value == pytest.approx(
        decision.values[:, list(decision.names).index("for_all")].mean() - 40
    )
    assert shown["policy.dial.spend.for_all"].value == 900.0
    check([found])


@pytest.mark.parametrize(("there", "whose"), [(7, "today's customers and all"), (0, "nothing of")])
def test_it_is_said_whose_money_is_counted(tmp_path, there, whose):
    decision = linear(tmp_path, {"today": lambda d: 0.0, "loyalty": lambda d: 40.0})
    parts = tuple(replace(p, customers=there) for p in decision.basis.parts)
    found = replace(decision, basis=replace(decision.basis, parts=parts))
    told = Words("en_GB").say(compare(found).paragraphs[0])
    assert whose in told
    assert "discounted to the beginning (5.0%" in told.replace("\u00a0", " ")


def test_without_interest_nothing_is_discounted(tmp_path):
    decision = linear(tmp_path, {"today": lambda d: 0.0, "loyalty": lambda d: 40.0})
    plain = replace(decision, market=replace(decision.market, interest=0.0))
    assert "nothing discounted" in Words("en_GB").say(compare(plain).paragraphs[0])
