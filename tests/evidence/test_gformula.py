"""Models of a course put together: the truth from exact counts, every path by hand, refits."""

from __future__ import annotations

from itertools import product

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART, NOBODY_LEFT
from stammkunde.evidence.reacting.gformula import (
    MODELS_HOLD,
    compare_rules,
    rule_curve,
    survival_under,
)
from stammkunde.evidence.reacting.irls import fitted, logistic
from stammkunde.evidence.reacting.steps import Steps, steps, steps_of
from stammkunde.result import Status
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.evidence.reacting import paths
from tests.validate import reactive_limits as limits
from tests.validate.reactive import CHANCES, by_models, by_month, world

ONE = np.ones((1, BLOCKS))
NEVER, ALWAYS, LAST = np.zeros(3), np.ones(3), np.array([0.0, 0.0, 1.0])


def made(frame: pd.DataFrame, **how: object) -> Steps:
    return steps(frame, **{"reach": 8, **how})  # type: ignore[arg-type]


def test_a_fit_is_the_greatest_likelihood() -> None:
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(12), rng.integers(0, 2, (12, 3))])
    n = rng.integers(5, 60, (2, 12)).astype(float)
    yes = rng.binomial(n.astype(int), 0.3).astype(float)
    found = fitted(design, yes, n)
    for beta, y, m in zip(found, yes, n, strict=True):

        def unlikely(b: np.ndarray, y: np.ndarray = y, m: np.ndarray = m) -> float:
            odds = design @ b
            return float((m * np.log1p(np.exp(odds)) - y * odds).sum())

        best = optimize.minimize(unlikely, np.zeros(4), method="BFGS", options={"gtol": 1e-9})
        assert beta == pytest.approx(best.x, abs=2e-5)


def test_levels_that_tell_the_outcome_stay_finite_and_say_it() -> None:
    design = np.array([[1.0, 0, 0], [1, 1, 0]])
    found = fitted(design, np.array([[3.0, 0]]), np.array([[10.0, 10]]))
    assert logistic(found @ design.T)[0] == pytest.approx([0.3, 0.0], abs=1e-5)
    assert found[0, 2] == 0
    assert np.isfinite(found).all()


def exact(size: float = 1e9) -> Steps:
    """Return the counts that the world of reactive offers has on average, all in one block."""
    rows, there = [], limits.start() * size
    for unit in range(1, limits.UNITS + 1):
        mood = np.einsum("bh,bhm->bhm", there, limits.moods())
        given = np.einsum("bhm,ma->bhma", mood, limits.dealt(limits.OFTEN))
        gone = given * np.transpose(limits.leaving(), (2, 0, 1))
        for (b, h, m, a), n in np.ndenumerate(given):
            left = gone[b, h, m, a]
            rows += [(unit, 0, b, h, m, a, 0, 0, n - left), (unit, 0, b, h, m, a, 1, 0, left)]
        there = (given - gone).sum(axis=(0, 1))
    names = ["unit", "cell", "before", "had", "state", "taken", "left", "block", "n"]
    counts = pd.DataFrame(rows, columns=names)
    counts["n"] = np.rint(counts.n).astype(np.int64)
    heads = np.zeros(BLOCKS, dtype=np.int64)
    return Steps(counts=counts[counts.n > 0], states=2, cells=1, reach=24, heads=heads)


def test_from_exact_counts_comes_the_exact_truth() -> None:
    """The models hold in that world, so that only rounding lies between: 1.7885 months."""
    for name, chance in CHANCES.items():
        found = survival_under(exact(), chance, ONE)[0]
        assert found == pytest.approx(limits.under(chance.tolist()), abs=1e-6), name
    assert survival_under(exact(), None, ONE)[0] == pytest.approx(
        limits.under(limits.OFTEN), abs=1e-6
    )


def test_every_path_by_hand() -> None:
    """Three states, two cells, two bands: the recursion is the sum over all paths of 3 units."""
    frame = paths(np.random.default_rng(2), 500)
    frame = frame.assign(half=frame.groupby("person").block.transform("first") % 2)
    found = made(frame, by=["half"], bands=[3], reach=3)
    alive = survival_under(found, LAST, ONE)[0]
    rows, n = found.patterns
    total = n.sum(axis=1)

    def design(r: pd.DataFrame, state: str, *flags: str) -> np.ndarray:
        parts = [np.ones(len(r)), r[state] == 1, r[state] == 2, *(r[f] for f in flags)]
        return np.column_stack([*parts, r.band == 1, r.cell == 1]).astype(float)

    def fit(x: np.ndarray, yes: np.ndarray, m: np.ndarray) -> np.ndarray:
        return fitted(x, (np.asarray(yes) * m)[None], m[None])[0]

    some = (rows.state >= 1).to_numpy()
    moved = design(rows, "before", "had")
    up = fit(moved, rows.state >= 1, total)
    high = fit(moved[some], rows.state[some] == 2, total[some])
    leave = fit(design(rows, "state", "taken", "had"), rows.left, total)
    first = found.counts[found.counts.unit == 1].groupby("cell").n.sum()
    expected = 0.0
    for cell, path in product((0, 1), product(range(3), repeat=3)):
        chance, before, had = first[cell] / first.sum(), 0, 0
        for unit, state in enumerate(path, 1):
            taken = int(state == 2)
            row = {"before": before, "had": had, "state": state, "taken": taken}
            at = pd.DataFrame([{**row, "band": int(unit >= 3), "cell": cell}])
            some_, two = (logistic(design(at, "before", "had") @ b)[0] for b in (up, high))
            chance *= (1 - some_, some_ * (1 - two), some_ * two)[state]
            chance *= 1 - logistic(design(at, "state", "taken", "had") @ leave)[0]
            before, had = state, taken
        expected += chance
    assert alive[3] == pytest.approx(expected, abs=1e-12)
    assert found.states == 3
    assert found.cells == 2


def test_leaving_a_block_out_is_a_fit_without_its_persons() -> None:
    frame = paths(np.random.default_rng(3), 500)
    curve = rule_curve(made(frame), LAST)
    assert curve.replicates is not None
    block = int(frame.block.mode()[0])
    alone = rule_curve(made(frame[frame.block != block]), LAST)
    assert curve.replicates.leave_out[block] == pytest.approx(alone.value, abs=1e-8)
    assert (alone.value != curve.value)[1:].all()


def test_order_repetition_and_swapped_rules() -> None:
    frame = paths(np.random.default_rng(4), 800)
    rules = {"last": LAST, "never": NEVER}
    one = compare_rules(made(frame), rules, "last", "never", 8).months
    assert one.value is not None
    assert one.assumptions[-1] == MODELS_HOLD
    mixed = compare_rules(made(frame.sample(frac=1, random_state=1)), rules, "last", "never", 8)
    back = compare_rules(made(frame), rules, "never", "last", 8).months
    twice = pd.concat([frame, frame.assign(person=frame.person + "again")])
    double = compare_rules(made(twice), rules, "last", "never", 8).months
    assert mixed.months.value == pytest.approx(one.value, abs=1e-9)
    assert back.value == pytest.approx(-one.value, abs=1e-9)
    assert double.value == pytest.approx(one.value, abs=1e-6)
    assert double.se == pytest.approx(one.se, abs=1e-6)


def test_draws_and_leave_outs_agree() -> None:
    months = by_models(steps(by_month(world(np.random.default_rng(5), 3000)), reach=24)).months
    assert months.replicates is not None
    assert months.se is not None
    assert 0.9 < months.replicates.draws(1500).std() / months.se < 1.1


def test_as_offers_were_made_gives_back_what_was_seen() -> None:
    found = steps(by_month(world(np.random.default_rng(6), 5000)), reach=24)
    n, d = found.by_unit
    seen = np.cumprod(1 - d / n)
    curve = rule_curve(found, None)
    assert curve.value[1:] == pytest.approx(seen, abs=0.012)
    assert curve.at_risk.tolist() == n.tolist()


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("by", [[], ["half"]])
def test_engine_and_memory_count_the_same(late: bool, by: list[str]) -> None:
    frame = paths(np.random.default_rng(7), 200, late=late).assign(half=lambda f: f.block % 3)
    frame = frame[frame.seen].reset_index(drop=True)
    table = ibis.memtable(frame).mutate(end=ibis._["end"].cast("string"))
    one, two = (f(t, reach=8, by=by) for f, t in ((steps_of, table), (steps, frame)))
    keys = [c for c in one.counts if c != "n"]
    told = [s.counts.groupby(keys).n.sum().sort_index() for s in (one, two)]
    pd.testing.assert_series_equal(*told, check_dtype=False, check_index_type=False)
    assert (one.heads == two.heads).all()
    assert (one.states, one.cells, one.reach) == (two.states, two.cells, two.reach)
    firsts = frame.groupby(["person", "spell"]).unit.min()
    assert one.counts.n.sum() == (frame.unit <= 8).sum() - ((firsts > 1) & (firsts <= 8)).sum()


def test_what_was_never_seen_and_too_few_are_refused() -> None:
    frame = paths(np.random.default_rng(8), 500)
    rules = {"always": ALWAYS, "never": NEVER}
    never_in_last = made(frame.assign(taken=frame.taken * (frame.mood != 2)))
    found = compare_rules(never_in_last, rules, "always", "never", 8)
    assert (found.months.value, found.months.reason) == (None, NO_COUNTERPART)
    assert found.months.status == Status.NOT_IDENTIFIABLE
    assert np.isfinite(found.curves["always"].value).all()
    few = compare_rules(made(frame[frame.person.isin(["p1", "p2", "p3"])]), rules, *rules, 1)
    assert few.months.value is None
    assert few.months.reason in (TOO_FEW_PERSONS, NO_COUNTERPART)
    stays = compare_rules(made(frame.assign(end=None)), rules, "always", "never", 8)
    assert stays.months.reason == NOBODY_LEFT


def test_wrong_questions() -> None:
    found = made(paths(np.random.default_rng(9), 60))
    with pytest.raises(ParameterError, match="no rule `alway`"):
        compare_rules(found, {"always": ALWAYS}, "alway", "always", 4)
    with pytest.raises(ParameterError, match="none for 3 states"):
        rule_curve(found, np.array([0.0, 2.0, 1.0]))
    with pytest.raises(ParameterError, match="none for 3 states"):
        rule_curve(found, np.zeros(2))
    with pytest.raises(NotObservedError, match="8 months only"):
        compare_rules(found, {"a": ALWAYS, "n": NEVER}, "a", "n", 9)
    with pytest.raises(NotObservedError, match="from the first unit"):
        made(paths(np.random.default_rng(9), 30).query("unit > 1"))
