"""Data that say little: a reason instead of a number, and never anything that is not a number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.projection import (
    CURED,
    FAMILIES,
    base_lifetime,
    choose,
    contract,
    cure_fraction,
    curve_of,
    discount,
    estimate_of,
    fitted,
    ignoring_differences,
    lifetime,
    outlook,
    projected,
    share_beyond,
    still_there,
    two_readings,
)
from stammkunde.survival.table import LifeTable
from tests.kernel.projecting import counted, published, seen
from tests.patience import examples

pytestmark = pytest.mark.filterwarnings("error")

REASONS = {"", "too_few_events", "parameters_run_off", "no_curvature"}
LAWS = [*FAMILIES, *(f.name for f in CURED.values())]


def finite(*numbers: float | None) -> bool:
    return all(x is not None and bool(np.isfinite(x)) for x in numbers)


def sound(table: LifeTable, given: int = 0) -> dict[str, str]:
    """Fail unless all that is made of a table is a number or a reason; return the problems."""
    problems = {}
    for family in (*LAWS, contract(table, [2]), contract(table, [1, 3], every=2, fading=True)):
        fit = fitted(table, family)
        problems[fit.family.name] = fit.problem
        assert fit.problem in REASONS
        look = projected(table, fit, 30, given=given)
        assert np.isfinite(look.moved).all()
        for e in (
            *fit.parameters().values(),
            estimate_of(look, lambda s: s[:, 25], "log-log", "share", "S"),
        ):
            assert finite(e.value, e.low, e.high) or (
                e.value is None and e.reason in REASONS - {""}
            )
        curve = curve_of(look)
        values = np.stack([curve.value, curve.low, curve.high])
        assert np.isfinite(values).all() != bool(fit.problem)
        if not fit.problem:
            assert (curve.low <= curve.value + 1e-9).all()
            assert (curve.value <= curve.high + 1e-9).all()
    whole(table, given)
    return problems


def whole(table: LifeTable, given: int) -> None:
    """Fail unless the outlook gives numbers, or the reason that there are none."""
    choice = choose(table)
    look = outlook(table, choice, 60, given=given)
    numbers = [
        look.number(lambda s: s[:, 40], "log-log", "share", "S"),
        lifetime(look, 30, interest=0.05),
        share_beyond(look, 60),
        two_readings(look, given + 1, given + 20).gained_by_habit,
    ]
    missed = ignoring_differences(look, table, 10)
    if still_there(table).any():
        numbers.append(missed)
    else:
        assert (missed.value, missed.reason) == (None, "too_few_persons")
    if not given:
        numbers.append(base_lifetime(look, still_there(table), 10))
    for number in numbers:
        assert finite(number.value, number.low, number.high) == bool(choice.fits)
        assert number.reason == ("" if choice.fits else "no_family_fits")
    assert len(choice.to_frame()) == len(FAMILIES)
    found = cure_fraction(table).share[""]
    assert finite(found.value, found.low, found.high) != bool(found.reason)


EVERYBODY = np.ones(300, dtype=bool)


def test_one_customer():
    for left in (True, False):
        problems = sound(counted(np.array([5]), np.array([left]), blocks=False))
        assert set(problems.values()) == {"too_few_events"}


def test_nobody_leaves():
    problems = sound(counted(np.arange(300) % 20 + 1, ~EVERYBODY))
    assert set(problems.values()) == {"too_few_events"}


@pytest.mark.parametrize("unit", [1, 7])
@pytest.mark.parametrize("blocks", [False, True], ids=["units", "blocks"])
@pytest.mark.long
def test_all_leave_in_one_unit(unit, blocks):
    """Of laws only a constant hazard has a number, and that is far from the data."""
    table = counted(np.full(300, unit), EVERYBODY, blocks=blocks)
    problems = sound(table)
    if unit == 7:
        # of the contract's kinds one is a constant hazard too
        assert problems.pop("geometric") == problems.pop("contract") == ""
    assert "" not in problems.values()
    assert not choose(table).fits


def test_a_fit_that_a_limit_outdoes_is_no_answer():
    """Half leave in unit 1 and nobody after it: no number of a constant hazard describes that."""
    exits = np.where(np.arange(300) < 150, 1, 20)
    table = counted(exits, exits == 1)
    choice = choose(table)
    assert choice.fits == ()
    assert choice.left_out["geometric"] == "outdone"
    assert choice.left_out["beta-geometric"] == "parameters_run_off"
    look = outlook(table, choice, 60)
    assert (look.horizon, look.observed_to) == (0, 0)
    with pytest.raises(NotObservedError, match="no family fits"):
        look.curve()
    sound(table)


def test_laws_without_a_term_are_refused_where_there_is_one():
    hazards = np.append(np.zeros(11), [0.2, *[0.02] * 18])
    there = np.round(4000 * np.append(1, np.cumprod(1 - hazards))).astype(int)
    exits = np.append(np.repeat(np.arange(1, 31), -np.diff(there)), np.full(there[-1], 30))
    table = counted(exits, np.arange(4000) < 4000 - there[-1])
    assert choose(table).fits == ()
    choice = choose(table, [*FAMILIES, contract(table, [12])])
    assert [f.family.name for f in choice.fits] == ["contract"]
    later = outlook(table, choice, 60).number(lambda s: s[:, 60], "log-log", "share", "S")
    assert later.low < 0.8 * 0.98**48 < later.high


@pytest.mark.long
def test_a_constant_hazard_has_no_spread_to_be_found():
    exits = np.append(np.repeat(np.arange(1, 9), 2 ** np.arange(11, 3, -1)), np.full(16, 8))
    table = counted(exits, np.arange(len(exits)) < len(exits) - 16)
    problems = sound(table)
    assert problems["beta-geometric"] == "parameters_run_off"
    assert problems["geometric"] == problems["Weibull"] == ""
    assert choose(table).to_frame()["family"][0] == "geometric"


@pytest.mark.long
def test_a_rising_hazard():
    rng = np.random.default_rng(4)
    survival = np.cumprod(1 - np.linspace(0.01, 0.2, 36))
    stay = 1 + np.searchsorted(-survival, -rng.random(3000))
    problems = sound(seen(stay, 36))
    assert problems["beta-geometric"] == "parameters_run_off"
    assert problems["Weibull"] == ""


def test_a_share_that_stays_is_printed_only_after_long_enough():
    """Of 3000 customers .3 stay; of the others, exp(-(24/20)^1.2) = .29 are there after 24.

    Rounded expected numbers instead of drawn ones: chance alone refuses one in a hundred.
    """
    t = np.arange(97)
    there = np.round(3000 * (0.3 + 0.7 * np.exp(-((t / 20) ** 1.2)))).astype(int)
    stay = np.append(np.repeat(t[1:], -np.diff(there)), np.full(there[-1], 10_000))
    long, brief = (cure_fraction(seen(stay, last)) for last in (96, 24))
    assert long.share[""].low < 0.3 < long.share[""].high
    assert long.left.high < 0.05
    assert brief.share[""].value is None
    assert brief.share[""].reason == "follow_up_too_short"
    assert brief.left.low < 0.29 < brief.left.high


def test_everybody_comes_late():
    rng = np.random.default_rng(6)
    stay = rng.geometric(rng.beta(0.7, 6.0, 4000))
    stay = stay[stay > 12]
    table = seen(stay, 36, entry=np.full(len(stay), 12))
    sound(table, given=12)
    with pytest.raises(NotObservedError, match="months 1 to 36"):
        projected(table, fitted(table, "geometric"), 40)
    alone = projected(table, fitted(table, "beta-geometric"), 40, reach=0)
    assert np.isfinite(alone.value).all()


@pytest.mark.long
def test_three_thousand_days():
    rng = np.random.default_rng(8)
    theta = rng.beta(0.7, 120.0, 20_000)
    stay = rng.geometric(np.maximum(theta, 1e-9))
    for blocks, names in ((False, tuple(FAMILIES)), (True, ("beta-geometric",))):
        table = seen(stay, 3000, blocks=blocks, unit="day")
        for name in names:
            fit = fitted(table, name)
            assert fit.problem == ""
            look = projected(table, fit, 4000)
            s = estimate_of(look, lambda s: s[:, 4000], "log-log", "share", "S")
            assert finite(s.value, s.low, s.high)
        e = fitted(table, "beta-geometric").parameters()["alpha"]
        assert e.low < 0.7 < e.high


@pytest.mark.parametrize("blocks", [1, 16], ids=["units", "blocks"])
@pytest.mark.long
def test_five_hundred_groups(blocks):
    rng = np.random.default_rng(9)
    group, size = rng.integers(0, 500, 60_000), 60_000
    stay, last = rng.geometric(rng.beta(3.0, 12.0, size)), rng.integers(6, 13, size)
    made = life_tables_from(
        np.minimum(stay, last), stay <= last, group, 500, block=np.arange(size) % blocks
    )
    tables = {str(i): t for i, t in enumerate(made)}
    fit = fitted(tables, "Weibull", own=["scale"])
    assert (fit.problem, fit.shared.size) == ("", 501)
    look = projected(tables["7"], fit, 24, group="7")
    s = estimate_of(look, lambda s: s[:, 24], "log-log", "share", "S")
    assert finite(s.value, s.low, s.high)
    assert s.high - s.low < 0.3
    apart = fitted(tables, "geometric")
    assert (apart.problem, apart.shared.size) == ("", 500)
    one = fitted(tables["7"], "geometric").parameters()["hazard"]
    assert apart.parameters("7")["hazard"].value == pytest.approx(one.value, abs=1e-9)


@given(
    exits=st.lists(st.integers(1, 8), min_size=1, max_size=40),
    left=st.integers(0, 2**40 - 1),
    times=st.sampled_from([1, 20]),
    blocks=st.booleans(),
)
@example(exits=[1, 3], left=3, times=20, blocks=False)
@settings(max_examples=examples(9), deadline=None)
@pytest.mark.long
def test_whatever_was_observed(exits, left, times, blocks):
    gone = np.array([left >> i & 1 for i in range(len(exits))], dtype=bool)
    sound(counted(np.tile(exits, times), np.tile(gone, times), blocks=blocks))


def test_wrong_questions_are_told_what_is_wrong():
    table = published("high", 7)
    with pytest.raises(ParameterError, match="unknown family `weibul`"):
        fitted(table, "weibul")
    with pytest.raises(ParameterError, match="`scal` is no parameter"):
        fitted(table, "Weibull", own=["scal"])
    fit = fitted(table, "Weibull")
    with pytest.raises(ParameterError, match="none of the groups"):
        fit.theta("low")
    with pytest.raises(ParameterError, match="no person blocks"):
        fit.replicates()
    with pytest.raises(ParameterError, match="horizon of at least 1"):
        projected(table, fit, 0)
    with pytest.raises(ParameterError, match="needs an end"):
        contract(table, [])
    with pytest.raises(ParameterError, match="needs families"):
        choose(table, [])
    with pytest.raises(ParameterError, match="leaves nothing"):
        discount("month", -1)
    look = outlook(table, choose(table), 12)
    with pytest.raises(ParameterError, match="ends with unit 12"):
        lifetime(look, 14)
    with pytest.raises(ParameterError, match="all kept through 5"):
        two_readings(look, 5, 5)


def test_a_renewal_that_nobody_has_reached_is_not_taken_to_keep_all():
    stay = np.random.default_rng(5).geometric(0.05, 2000)
    table = seen(stay, 30)
    assert fitted(table, contract(table, [12], every=12)).problem == ""
    unseen = contract(table, [24], every=12)
    assert "renewal" in unseen.parameters
    assert fitted(table, unseen).problem
