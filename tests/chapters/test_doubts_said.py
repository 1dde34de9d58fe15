"""How wrong would an answer have to be: every sentence that there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stammkunde.chapters.offers.doubts.alike import _chance, _Unlike
from stammkunde.chapters.offers.doubts.doubted import doubts
from stammkunde.evidence.adequacy import Adequacy
from stammkunde.evidence.asking.answer import Doubts, Step
from stammkunde.evidence.asking.made import ARMS, CONTROL, TREATED
from stammkunde.evidence.doubt.balance import Balance, balance_as_dealt
from stammkunde.evidence.doubt.negative import NegativeControl
from stammkunde.evidence.doubt.permutation import Permuted
from stammkunde.evidence.doubt.tipping import Tip, Tipping, tipping
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Status
from stammkunde.study import Study
from tests.chapters.doubted import (
    DAY,
    QUESTIONS,
    answer,
    changed,
    client_in,
    is_sayable,
    keys,
    remarks,
    values,
)
from tests.chapters.lives import said


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return client_in(tmp_path_factory.mktemp("doubts"))


TIPS = Tipping(of="months", spread="binary", prevalence=0.5, target=0.0, tips=())
MOVED = "For comparison"


@pytest.mark.parametrize(
    ("tip", "key"),
    [
        (Tip(odds=2.0, difference=-0.4, limit=-0.2), "both"),
        (Tip(odds=2.0, difference=None, limit=-0.2), "doubt_only"),
        (Tip(odds=2.0, difference=None, limit=None), "never"),
        (Tip(odds=2.0, difference=0.3, limit=0.0), "open"),
    ],
)
def test_every_way_to_be_wrong(client: Study, tip: Tip, key: str) -> None:
    tips = tuple(replace_odds(tip, o) for o in (1.5, 2.0, 3.0))
    found = changed("column", common=replace(TIPS, tips=tips), hidden=None)
    section = doubts(client, found)
    assert keys(section)["tipping"] == f"tipping.{key}"
    assert is_sayable(section)
    assert MOVED in said(section)
    untold = [r.estimate.reason for r in section.results if r.estimate.value is None]
    assert set(untold) <= {"no_such_difference"}


def replace_odds(tip: Tip, odds: float) -> Tip:
    return replace(tip, odds=odds)


def test_what_could_be_hidden_where_nothing_is_established(client: Study) -> None:
    hidden = tipping(answer("column").compared, odds=(2.0,), spread="binary", target=0.5)
    wide = replace(TIPS, tips=(Tip(odds=2.0, difference=0.1, limit=0.0),))
    section = doubts(client, changed("column", common=wide, hidden=hidden))
    assert keys(section)["tipping"] == "tipping.hidden"
    assert values(section)["offers.column.hidden.2"] == hidden.tips[0].difference
    assert "would hide a difference of 0.5 months" in said(section)
    assert is_sayable(section)


@pytest.mark.long
def test_hidden_is_asked_only_where_it_means_something() -> None:
    for name in QUESTIONS:
        found = answer(name)
        months, asked = found.compared.months, found.doubts.hidden is not None
        low, high = months.low or 0.0, months.high or 0.0
        short = found.estimand.relevant > (months.value or 0.0)
        chosen = found.estimand.assignment == "chosen"
        assert asked is (chosen and low <= 0 <= high and short), name


def balanced(before: float, after: float, columns: int = 1) -> Balance:
    gap = before / 4
    rows = [
        (column, level, 0.5 + g, 0.5 - g, 0.5, 0.5, 0.5, sign * before, sign * after)
        for column in ("kind", "one", "two")[:columns]
        for level, sign, g in (("a", 1, gap), ("b", -1, -gap))
    ]
    names = ("column", "level", "treated", "control", "treated_weighted", "control_weighted")
    table = pd.DataFrame(rows, columns=[*names, "everybody", "before", "after"])
    return Balance(treated=TREATED, control=CONTROL, table=table)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [(0.5, 0.0, "weighted"), (0.05, 0.02, "already"), (0.5, 0.2, "not"), (0.05, 0.2, "not")],
)
@pytest.mark.parametrize("columns", [1, 2])
def test_alike_or_not(client: Study, before: float, after: float, key: str, columns: int) -> None:
    section = doubts(client, changed("column", unlike=balanced(before, after, columns)))
    assert keys(section)["alike"] == f"alike.{key}"
    finding = next(f for f in section.findings if f.id.endswith(".alike"))
    assert finding.caution is (key == "not")
    assert finding.status == Status.MEASURED
    assert is_sayable(section)
    figures = [f for f in section.figures if f.kind == "balance"]
    assert bool(figures) is (after > 0)
    assert [len(f.balanced) for f in figures] == [columns] * len(figures)
    tables = [*(f.table for f in figures), *section.tables]
    (table,) = [t for t in tables if t.id.endswith(".balance")]
    assert len(table.rows) == 2 * columns


@pytest.mark.parametrize(
    ("name", "before", "key"),
    [("lot", 0.01, "kept"), ("lot", 0.099, "unsure"), ("lot", 0.4, "broken"),
     ("regions", 0.05, "drawn_regions"), ("regions", 0.4, "broken")],
)  # fmt: skip
def test_a_lot_was_kept_or_not(client: Study, name: str, before: float, key: str) -> None:
    found = changed(name, unlike=balanced(before, before))
    if key == "unsure":
        # of many the chance limit is small
        arms = {a: replace(arm, heads=arm.heads + 50) for a, arm in found.trial.arms.items()}
        found = replace(found, trial=replace(found.trial, arms=arms))
    section = doubts(client, found)
    assert keys(section)["lot"] == f"lot.{key}"
    assert is_sayable(section)
    assert not [f for f in section.figures if f.kind == "balance"]
    assert f"offers.{name}.balance.after" not in values(section)


def test_a_lot_is_rarely_called_broken() -> None:
    """The largest of several differences passes the limit of chance in 5 % of lots, no more."""
    rng, runs, half = np.random.default_rng(11), 400, 300
    found, heads = answer("lot"), np.zeros(256, dtype=np.int64)
    heads[0] = half
    arms = {a: replace(found.trial.arms[a], heads=heads) for a in ARMS}
    found = replace(found, trial=replace(found.trial, arms=arms))
    columns, arm = rng.integers(0, 3, (5, 2 * half)), np.repeat([0, 1], half)
    largest = []
    for _ in range(runs):
        rng.shuffle(arm)
        at = [np.array([np.bincount(c[arm == a], minlength=3) for a in (0, 1)]) for c in columns]
        p, q = np.concatenate(at, axis=1) / half
        largest.append(np.abs((p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)).max())
    dealt = np.array(ARMS)[arm]
    frame = pd.concat(
        pd.DataFrame({"column": str(i), "level": c.astype(str), "arm": dealt, "n": 1})
        for i, c in enumerate(columns)
    )
    made = balance_as_dealt(frame, *ARMS)
    assert made.before == pytest.approx(largest[-1])
    limit = _chance(found, _Unlike(made.table, 0, dict.fromkeys(ARMS, half)))
    # one in a thousand binomial draws of 400 at 5 % lies above 35
    assert 1 <= int((np.array(largest) > limit).sum()) <= 35


def control(cause: str, low: float, high: float, events: int = 50) -> NegativeControl:
    e = Estimate(
        value=(low + high) / 2, low=low, high=high, unit="share", events=events, method="weighted"
    )
    return NegativeControl(of=cause, estimate=e, plain=e)


@pytest.mark.parametrize(
    ("name", "second", "key"),
    [("column", (-0.01, 0.03), "clean"), ("column", (0.01, 0.03), "chosen"),
     ("lot", (0.01, 0.03), "drawn"), ("lot", None, "clean"), ("column", None, "clean")],
)  # fmt: skip
def test_what_nothing_can_prevent(
    client: Study, name: str, second: tuple[float, float] | None, key: str
) -> None:
    both = [control("moved", -0.02, 0.01)]
    both += [control("died", *second)] if second else []
    section = doubts(client, changed(name, untouched=tuple(both)))
    assert keys(section)["control"] == f"control.{key}"
    assert is_sayable(section)
    words = said(section)
    assert ("reason moved" in words) is (key == "clean")
    if key == "clean":
        assert f"up to {100 * max(0.02, *(second or (0,))):.1f} of 100" in words


def test_few_leavers_for_a_cause_are_not_told_of(client: Study) -> None:
    few = (control("moved", -0.02, 0.01, events=9), control("died", -0.02, 0.01))
    section = doubts(client, changed("column", untouched=few))
    assert "moved" not in str([t.rows for t in section.tables if t.id.endswith("control")])
    assert "offers.column.control.moved" not in values(section)
    gone = doubts(client, changed("column", untouched=few[:1]))
    assert "control" not in keys(gone)


@pytest.mark.parametrize(("low", "key"), [(-0.004, "alike"), (0.001, "apart")])
@pytest.mark.parametrize("first", [True, False])
def test_before_the_day(client: Study, low: float, key: str, first: bool) -> None:
    before = NegativeControl(of="before", estimate=replace(
        control("x", low, 0.004).estimate, unit="hazard"))  # fmt: skip
    around = answer("day").doubts.around
    assert around is not None
    if not first:
        none = np.where(np.array(around.periods) == 0, np.nan, around.value)
        around = replace(around, value=none)
    section = doubts(client, changed("day", before=before, around=around))
    assert keys(section)["before"] == f"before.{key}{'' if first else '_only'}"
    assert is_sayable(section)
    figure = next(f for f in section.figures if f.kind == "series")
    assert [p.at for p in figure.points][around.periods.index(0)] == DAY
    assert len(figure.points) == len(around.periods)


def test_nothing_is_said_of_a_day_with_nothing_before(client: Study) -> None:
    section = doubts(client, changed("day", before=None))
    assert set(keys(section)) == {"lot", "control"}
    assert not section.figures


@pytest.mark.parametrize(("high", "key"), [(0.01, "beyond"), (9.0, "within")])
def test_arms_dealt_anew(client: Study, high: float, key: str) -> None:
    value = answer("column").compared.months.value
    assert value is not None
    dealt = Permuted(value=value, p=0.01, low=-high, high=high, count=999)
    section = doubts(client, changed("column", dealt=dealt))
    assert remarks(section)[1 if remarks(section)[0].startswith("e_value") else 0] == f"dealt.{key}"
    assert values(section)["offers.column.dealt.high"] == high
    assert is_sayable(section)
    alone = doubts(client, changed("column", dealt=replace(dealt, value=None, reason="x")))
    assert not [r for r in remarks(alone) if r.startswith("dealt")]


def test_few_without_a_counterpart_are_not_counted(client: Study) -> None:
    alone = answer("column").doubts.alone
    assert alone is not None
    for number, key in ((0, "nobody"), (3, "few"), (40, "some")):
        section = doubts(client, changed("column", alone=replace(alone, alone=number)))
        assert f"alone.{key}" in remarks(section)
        assert is_sayable(section)


def test_small_levels_are_hidden(client: Study) -> None:
    unlike = balanced(0.5, 0.02, 2)
    n = answer("column").compared.adequacy.arms[TREATED].persons
    rare = unlike.table.iloc[[0]].assign(level="rare", treated=5 / n, control=0.3)
    table = pd.concat([unlike.table, rare], ignore_index=True)
    section = doubts(client, changed("column", unlike=replace(unlike, table=table)))
    figure = next(f for f in section.figures if f.kind == "balance")
    assert "rare" not in str(figure.table.rows)
    assert "One small level is not shown" in Words("en_GB").say(figure.note)
    one = replace(unlike, table=table.iloc[[4]])
    assert "alike" not in keys(doubts(client, changed("column", unlike=one)))


@pytest.mark.long
def test_no_doubts_at_all(client: Study) -> None:
    """A design that knows nothing of its customers: no sentence without a number behind it."""
    for name in QUESTIONS:
        bare = replace(answer(name), doubts=Doubts())
        section = doubts(client, bare)
        assert set(keys(section)) <= {"weights"}
        assert is_sayable(section)


def test_steps_that_have_no_numbers_are_no_yardstick(client: Study) -> None:
    found = answer("column")
    none = replace(found.months, value=None, low=None, high=None, reason="not_observed")
    for steps in ((), (Step(name="all", months=none), Step(name="alike", months=found.months))):
        section = doubts(client, replace(found, steps=steps))
        assert MOVED not in said(section)
        assert is_sayable(section)


def test_nobody_left_in_an_arm_has_no_e_value(client: Study) -> None:
    strength = answer("column").doubts.strength
    assert strength is not None
    ratio = replace(strength.ratio, value=None, low=None, high=None, reason="all_or_nobody_left")
    gone = replace(strength, ratio=ratio, estimate=None, limit=None)
    section = doubts(client, changed("column", strength=gone))
    assert not [r for r in remarks(section) if r.startswith("e_value")]
    assert values(section)["offers.column.e_value"] is None
    even = replace(strength, limit=1.0)
    assert "e_value.open" in remarks(doubts(client, changed("column", strength=even)))


def test_adequacy_is_read_from_the_arms(client: Study) -> None:
    """Rows that are more than their persons are called times as a customer."""
    found = answer("column")
    rows = {a: w.persons for a, w in found.compared.adequacy.arms.items()}
    more = {a: replace(w, persons=w.persons + 10**6) for a, w in
            found.compared.adequacy.arms.items()}  # fmt: skip
    compared = replace(found.compared, adequacy=Adequacy(arms=more, refused=""))
    assert "spells as a customer" in said(doubts(client, replace(found, compared=compared)))
    assert all(n <= found.trial.arm(a).persons + 400 for a, n in rows.items())
