"""A trial of a policy, in the report: what is said of it, and what is agreed."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.agreed import protocol_of
from stammkunde.chapters.policies.trials.pilot import pilot
from stammkunde.evidence.asking import QuestionToml
from stammkunde.policy.ledger import Assumption, Ledger
from stammkunde.policy.offers import (
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    WinBack,
)
from stammkunde.policy.pilot import Protocol, by_months, question_of
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Sentence, Status
from stammkunde.spells.schema.loading import build
from tests.chapters.futures import numbers
from tests.chapters.lives import said
from tests.chapters.policies.made import (
    HORIZON,
    LEDGER,
    made_decision,
    policies,
    with_status,
)
from tests.chapters.policies.trying import (
    MONTHS,
    SOONER,
    TODAY,
    agreed,
    both,
    found,
    table,
    told,
    trial,
    usual,
)

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

made = usual
close = both


def test_without_a_pilot_none_is_planned(made: Decision) -> None:
    section = pilot(made)
    assert section.left_out == Sentence("pilot.left_out.absent")
    assert not section.needed


def test_the_number_is_that_of_the_formula_for_the_clients_own_curve(made: Decision) -> None:
    own, known = trial(made), numbers(told(made))
    size = by_months(own.control.mean(axis=0), 0.5, MONTHS)
    assert known["policy.pilot.size.months"].value == float(size.treated) == own.per_arm
    by_draw = by_months(own.control, 0.5, MONTHS).treated
    assert known["policy.pilot.size.months"].low == pytest.approx(np.quantile(by_draw, 0.025))
    expected = known["policy.pilot.expected"]
    assert expected.value == pytest.approx(own.difference.mean())


def test_a_trial_that_pays_is_said_to(close: Decision) -> None:
    cheap = told(close, policy="dear", per_customer=0.0, fixed=10)
    assert cheap.findings[0].sentence.key == "pilot.size.pays"
    assert "is worth more than it costs" in said(cheap)
    # where a customer in it costs nothing, all are best
    assert numbers(cheap)["policy.pilot.best"].value == 2000
    assert "In money the best number per group would be 2,000" in said(cheap)
    dear = told(close, policy="dear", per_customer=500.0)
    assert dear.findings[0].sentence.key == "pilot.size.costs"
    assert numbers(dear)["policy.pilot.best"].value == 0
    assert "policy.pilot.best.net" not in numbers(dear)
    assert "no number of customers makes such a trial pay" in said(dear)


def test_a_difference_too_small_for_all_customers_is_said_to_be(made: Decision) -> None:
    section, own = told(made, difference=0.05), trial(made, difference=0.05)
    assert section.findings[0].sentence.key == "pilot.size.too_large"
    assert own.per_arm == 2000
    assert own.asked > 2000
    again = trial(made, difference=own.detectable)
    # so many customers just show what they are said to show
    assert again.asked == pytest.approx(2000, abs=1)


def test_a_trial_that_would_show_nothing_is_said_to(made: Decision) -> None:
    section = told(made, policy="nothing", element="newcomer")
    assert section.findings[0].sentence.key == "pilot.size.nothing"
    assert numbers(section)["policy.pilot.evsi"].value == 0


def test_which_assumption_to_settle_first(made: Decision) -> None:
    section = told(made)
    known = numbers(section)
    finding = found(section, "first")
    assert finding.sentence.key == "pilot.first.some"
    assert str(finding.sentence.values["title"]) == "loyalty_ratio"
    first, all_of_it = known["policy.pilot.first"], known["policy.pilot.all"]
    assert 0 < (first.value or 0.0) <= (all_of_it.value or 0.0)
    # what the trial measures follows from that assumption almost alone
    assert known["policy.pilot.knowing"].value == pytest.approx(first.value, rel=0.1)


def test_where_nothing_is_doubted_nothing_is_worth_knowing(tmp_path: Path) -> None:
    sure = tuple(Assumption(a.name, a.value, unit=a.unit, says=a.says, when=a.when)
                 for a in LEDGER.assumptions)  # fmt: skip
    section = told(made_decision(tmp_path, ledger=Ledger(sure), draws=150))
    assert found(section, "first").sentence.key == "pilot.first.none"
    assert "policy.pilot.first" not in numbers(section)


def test_the_protocol_says_what_is_agreed(made: Decision) -> None:
    text = agreed(told(made))
    keys = [k.removeprefix("pilot.row.") for k in text]
    assert keys == ["dealt", "groups", "number", "time", "lot", "rows", "looks", "answer",
                    "decides", "analysis"]  # fmt: skip
    assert "From 1 March 2025 to 1 March 2026" in text["pilot.row.time"]
    assert "offer “pilot_loyalty”, arm “treated” or “control”" in text["pilot.row.rows"]
    assert text["pilot.row.number"].startswith(f"{trial(made).per_arm} treated")


def protocol(made: Decision, **keys: Any) -> Protocol:
    return protocol_of(made, trial(made, **keys), 0.1)


@pytest.mark.parametrize(
    "keys", [{}, {"policy": "nothing", "element": "newcomer", "months": 18, "difference": 0.4}]
)
def test_the_question_in_the_workbook_is_the_one_that_analyses(
    made: Decision, keys: dict[str, Any]
) -> None:
    question = question_of(protocol(made, **keys))
    lines = [row[0] for row in table(told(made, **keys), "question").rows]
    raw = tomllib.loads("\n".join(map(str, lines)))["question"]
    assert [build(QuestionToml, r, "muster.toml") for r in raw] == [question]
    assert question.assignment == "drawn"


def test_where_only_a_segment_gets_it_only_that_is_dealt(tmp_path: Path) -> None:
    some = Policy("some", None, TODAY.elements, {"low": (LoyaltyRebate(1, 0.5, behaviour=SOONER),)})
    found = made_decision(tmp_path, proposed=(TODAY, some), draws=150)
    own = trial(found, policy="some")
    assert (own.segments, own.available) == (("low",), 2600)
    text = agreed(told(found, policy="some"))
    assert "drawn from those of low usage who are there" in text["pilot.row.dealt"]
    assert text["pilot.row.lot"].startswith("One to one, in blocks. ")
    assert protocol(found, policy="some").where == {"usage": ("low",)}


WON = Policy("won", None, (*TODAY.elements, WinBack(("price",), 0.1)))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"policy": "won", "element": "win_back"}, "leavers"),
        ({"months": 1}, "too_short"),
        ({"months": HORIZON}, "too_long"),
        ({"difference": 11.9}, "impossible"),
        ({"policy": "few", "element": "newcomer", "months": 59}, "nobody"),
    ],
)
def test_why_there_can_be_no_trial(tmp_path: Path, keys: dict[str, Any], reason: str) -> None:
    few = Policy("few", None, (), {"high": (NewcomerRebate(6, 1.0),)})
    found = made_decision(tmp_path, proposed=(*policies(), WON, few), draws=120)
    if reason == "nobody":
        # fewer sign up than a trial needs
        quiet = tuple(replace(s, inflow=0.1) for s in found.market.segments)
        found = replace(found, market=replace(found.market, segments=quiet))
    section = told(found, **keys)
    assert section.left_out is not None
    assert section.left_out.key == f"pilot.left_out.{reason}"
    assert section.needed
    assert all(Words(n).say(section.left_out) for n in languages())


@pytest.mark.parametrize("status", [Status.ASSUMED, Status.ESTIMATED])
def test_a_trial_is_as_sure_as_the_policy_it_tries(made: Decision, status: Status) -> None:
    section = told(with_status(made, status))
    assert {f.status for f in section.findings} == {status}
    for name in ("evsi", "pays"):
        assert numbers(section)[f"policy.pilot.{name}"].status == status
