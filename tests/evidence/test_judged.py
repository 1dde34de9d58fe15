"""Claims judged: by hand, by their number, and against what would matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from stammkunde.draws import Replicates
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.judged import judged
from stammkunde.result import Estimate, Verdict, turned

Z = 1.959963984540054


def answer(value: float | None, se: float = 0.1, *, claimed: str = "longer", **more: Any) -> Answer:
    """Return as much of an answer as a judgement needs; the smallest effect is a half."""
    known = value is not None
    share = Estimate(value=None, unit="share", method="made", reason="too_few_persons")
    months = Estimate(
        value=value,
        low=value - Z * se if known else None,
        high=value + Z * se if known else None,
        unit="month",
        method="made",
        reason="" if known else "too_few_persons",
    )
    estimand = SimpleNamespace(claimed=claimed, relevant=0.5, relevant_share=0.02)
    months = replace(months, **more)
    return cast("Answer", SimpleNamespace(months=months, share=share, estimand=estimand))


def verdicts(answers: Mapping[str, Answer], together: tuple[str, ...] = ()) -> dict[str, Verdict]:
    return {n: j.verdict for n, j in judged(answers, together).items()}


def test_verdicts_follow_from_the_rule() -> None:
    found = verdicts(
        {
            "large": answer(0.9),
            "small but certain": answer(0.2, 0.05),
            "certain, size open": answer(0.45),
            "open": answer(0.3, 0.3),
            "nothing": answer(0.0, 0.1),
            "the other way": answer(-0.9),
            "unknown": answer(None),
            "large but uncertain": answer(0.9, 0.8),
        }
    )
    assert found == {
        "large": Verdict.SUPPORTED,
        "small but certain": Verdict.NOT_SUPPORTED,
        "certain, size open": Verdict.TOO_FEW_DATA,
        "open": Verdict.TOO_FEW_DATA,
        "nothing": Verdict.NOT_SUPPORTED,
        "the other way": Verdict.NOT_SUPPORTED,
        "unknown": Verdict.NOT_IDENTIFIABLE,
        "large but uncertain": Verdict.TOO_FEW_DATA,
    }


def test_who_claims_less_time_is_judged_the_other_way_round() -> None:
    for value in (-0.9, -0.2, 0.3, 0.9):
        one = answer(value, claimed="shorter")
        two = answer(-value, claimed="longer")
        a, b = (judged({"x": x}, ())["x"] for x in (one, two))
        assert (a.verdict, a.p, a.detectable) == (b.verdict, pytest.approx(b.p), b.detectable)
        assert a.signed.value == -value


def test_the_p_value_is_that_of_the_interval() -> None:
    found = judged({"x": answer(0.25, 0.1)}, ())["x"]
    assert found.p == pytest.approx(stats.norm.sf(2.5), rel=1e-12)
    edge = judged({"x": answer(Z * 0.1, 0.1)}, ())["x"]
    assert edge.p == pytest.approx(0.025, rel=1e-9)
    blocks = Replicates(np.zeros(256), np.arange(256) < 12, lambda w: w.sum(-1), 12)
    limits = 0.1 * float(stats.t.ppf(0.975, 11))
    few = answer(0.25, low=0.25 - limits, high=0.25 + limits, replicates=blocks)
    assert judged({"x": few}, ())["x"].p == pytest.approx(stats.t.sf(2.5, 11), rel=1e-12)


def test_claims_are_allowed_for_together() -> None:
    # one-sided p of .01, .02, .03, .04, .05 (Benjamini and Hochberg: each times 5 by its rank)
    z = {p: float(stats.norm.isf(p)) for p in (0.01, 0.02, 0.03, 0.04, 0.9)}
    answers = {str(p): answer(x, 1.0) for p, x in z.items()}
    found = judged(answers, tuple(answers))
    wanted = {"0.01": 0.05, "0.02": 0.05, "0.03": 0.05, "0.04": 0.05, "0.9": 0.9}
    assert {n: j.adjusted for n, j in found.items()} == pytest.approx(wanted)
    assert {j.claims for j in found.values()} == {5}
    alone = judged(answers, ("0.01", "0.9"))
    assert alone["0.01"].adjusted == pytest.approx(0.02)
    assert alone["0.04"].adjusted == pytest.approx(0.04)
    assert (alone["0.01"].claims, alone["0.04"].claims) == (2, 1)


def test_refused_answers_are_no_claims_to_allow_for() -> None:
    answers = {"x": answer(0.9), "y": answer(None)}
    found = judged(answers, ("x", "y"))
    assert found["x"].claims == 1
    assert found["x"].adjusted == found["x"].p
    assert (found["y"].p, found["y"].detectable, found["y"].is_secured) == (None, None, False)


def test_what_could_have_been_detected_is_found_four_times_in_five() -> None:
    found = judged({"x": answer(0.0, 0.2)}, ())["x"]
    assert found.detectable is not None
    assert found.detectable == pytest.approx(0.2 * (1.6448536 + 0.8416212), rel=1e-6)
    critical = 0.2 * float(stats.norm.isf(0.05))
    power = stats.norm.sf(critical, loc=found.detectable, scale=0.2)
    assert power == pytest.approx(0.8)


def test_without_any_spread_it_is_the_sign_that_counts() -> None:
    for value, p in ((0.9, 0.0), (-0.9, 1.0), (0.0, 1.0)):
        assert judged({"x": answer(value, 0.0)}, ())["x"].p == p


def test_turning_twice_changes_nothing() -> None:
    e = replace(answer(0.4).months)
    assert turned(turned(e)) == e
    assert (turned(e).value, turned(e).low, turned(e).high) == (-0.4, -e.high, -e.low)  # type: ignore[operator]


def with_share(months: float, share: float, se: float = 0.005, **more: Any) -> Answer:
    """Return an answer of both measures; what matters is half a month, or two in a hundred."""
    found = answer(months, **more)
    told = replace(answer(share, se).months, unit="share")
    return cast("Answer", SimpleNamespace(**(vars(found) | {"share": told})))


def test_the_share_is_judged_by_the_same_rule_against_its_own_smallest_effect() -> None:
    answers = {
        "both": with_share(0.9, 0.05),
        "months only": with_share(0.9, 0.005, 0.002),
        "share only": with_share(0.2, 0.05),
        "share, size open": with_share(0.9, 0.019),
        "the other way": with_share(0.9, -0.05),
        "fewer": with_share(-0.9, -0.05, claimed="shorter"),
    }
    found = {n: j.verdict for n, j in judged(answers, (), "share").items()}
    assert found == {
        "both": Verdict.SUPPORTED,
        "months only": Verdict.NOT_SUPPORTED,
        "share only": Verdict.SUPPORTED,
        "share, size open": Verdict.TOO_FEW_DATA,
        "the other way": Verdict.NOT_SUPPORTED,
        "fewer": Verdict.SUPPORTED,
    }
    assert judged({"x": answer(0.9)}, (), "share")["x"].verdict == Verdict.NOT_IDENTIFIABLE


def test_the_shares_are_a_family_of_their_own() -> None:
    """One-sided p in months .01 and .04, in shares .03 and .9: neither pair changes the other's."""
    z = {p: float(stats.norm.isf(p)) for p in (0.01, 0.03, 0.04, 0.9)}
    answers = {
        "a": with_share(z[0.01] * 0.1, z[0.9] * 0.005),
        "b": with_share(z[0.04] * 0.1, z[0.03] * 0.005),
    }
    months, shares = judged(answers, ("a", "b")), judged(answers, ("a", "b"), "share")
    assert [months[n].adjusted for n in answers] == pytest.approx([0.02, 0.04])
    assert [shares[n].adjusted for n in answers] == pytest.approx([0.9, 0.06])
    assert {j.claims for j in (*months.values(), *shares.values())} == {2}
